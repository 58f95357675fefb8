// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/ending.hpp"

#include "base/clean_text.hpp"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <vector>

#include <sys/reboot.h>
#include <unistd.h>

namespace rawswarm
{

namespace
{

constexpr int first_signal_code = 128; // 128 + the signal's number

result<void> ask_kernel(int const how, char const* const action)
{
	::sync();
	::reboot(how);
	return fail(fault::internal, system_error(errno), "{} the machine", action);
}

// What this program changed and a new one would inherit.
void restore_signals()
{
	std::signal(SIGPIPE, SIG_DFL);
	sigset_t none;
	::sigemptyset(&none);
	::sigprocmask(SIG_SETMASK, &none, nullptr);
}

result<void> replace_program(std::span<std::string const> const words)
{
	std::vector<char*> arguments;
	for (auto const& word : words)
	{
		arguments.push_back(const_cast<char*>(word.c_str())); // execvp changes nothing
	}
	arguments.push_back(nullptr);
	restore_signals();
	::execvp(arguments.front(), arguments.data());
	return fail(fault::internal, system_error(errno), "starting {}", clean_text(words.front()));
}

} // namespace

ending ending_of(manifest const& job, int const exit_code)
{
	if (exit_code >= first_signal_code)
	{
		return ending::proceed;
	}
	return exit_code == 0 ? job.on_success : job.on_failure;
}

result<void> carry_out(ending const what, std::span<std::string const> const words)
{
	std::fflush(nullptr);
	switch (what)
	{
	case ending::reboot: return ask_kernel(RB_AUTOBOOT, "rebooting");
	case ending::poweroff: return ask_kernel(RB_POWER_OFF, "powering off");
	case ending::exec: return replace_program(words);
	case ending::proceed:
	case ending::shell: break;
	}
	return boost::outcome_v2::success();
}

} // namespace rawswarm
