// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/end_action.hpp"

#include "base/clean_text.hpp"
#include "base/exit_codes.hpp"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <future>
#include <memory>
#include <thread>
#include <vector>

#include <sys/reboot.h>
#include <unistd.h>

namespace rawswarm
{

namespace
{

// Of all that is not the job's: its devices are synced. A device that hangs must not keep the machine from
// rebooting.
constexpr std::chrono::seconds longest_sync{30};

void sync_all()
{
	auto const done = std::make_shared<std::promise<void>>();
	auto const synced = done->get_future();
	std::thread([done] {
		::sync();
		done->set_value();
	}).detach();
	synced.wait_for(longest_sync);
}

result<void> ask_kernel(int const command, char const* const action)
{
	sync_all();
	::reboot(command);
	return fail(fault::internal, system_error(errno), "{} the machine", action);
}

// Undoes the changes of this program that a new one would inherit.
void restore_signals()
{
	std::signal(SIGPIPE, SIG_DFL);
	sigset_t none;
	::sigemptyset(&none);
	::sigprocmask(SIG_SETMASK, &none, nullptr);
}

result<void> replace_program(std::span<std::string const> const words)
{
	if (words.empty())
	{
		return fail(fault::internal, "starting another program: the job names none");
	}
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

end_action end_action_of(manifest const& job, int const exit_code)
{
	if (exit_code >= exit_code::first_signal)
	{
		return end_action::proceed;
	}
	return exit_code == 0 ? job.on_success : job.on_failure;
}

result<void> carry_out(end_action const action, std::span<std::string const> const words)
{
	std::fflush(nullptr);
	switch (action)
	{
	case end_action::reboot: return ask_kernel(RB_AUTOBOOT, "rebooting");
	case end_action::poweroff: return ask_kernel(RB_POWER_OFF, "powering off");
	case end_action::exec: return replace_program(words);
	case end_action::proceed:
	case end_action::shell: break;
	}
	return success();
}

} // namespace rawswarm
