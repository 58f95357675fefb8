// SPDX-License-Identifier: BSD-3-Clause
// Each test gives up its power in a child process, as what is given up does not come back.
#include "agent/least_power/denied_calls.hpp"
#include "agent/least_power/least_power.hpp"
#include "tests/support/base/skip.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <functional>
#include <thread>

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace rawswarm::test
{

namespace
{

// The exit code of a child that does this.
int in_a_child(std::function<int()> const& what)
{
	pid_t const child = ::fork();
	if (child == 0)
	{
		::_exit(what());
	}
	int status = 0;
	::waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool has_capability(int const c)
{
	__user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
	std::array<__user_cap_data_struct, 2> sets{};
	::syscall(SYS_capget, &header, sets.data());
	return (sets.at(static_cast<std::size_t>(c / 32)).effective >> static_cast<unsigned>(c % 32) & 1) != 0;
}

// How many of the calls are not answered with EPERM. Their arguments mean nothing to any of them.
int calls_that_get_through()
{
	int through = 0;
	for (int const number : denied_calls())
	{
		through += ::syscall(number, -1L, -1L, -1L, -1L, -1L, -1L) == -1 && errno == EPERM ? 0 : 1;
	}
	return through;
}

} // namespace

TEST(least_power, denies_each_call_of_the_list_in_every_thread)
{
	ASSERT_FALSE(denied_calls().empty());
	EXPECT_EQ(in_a_child([] {
		give_up_power({});
		int in_thread = 0;
		std::thread([&in_thread] { in_thread = calls_that_get_through(); }).join();
		return calls_that_get_through() + in_thread;
	}),
		0);
}

TEST(least_power, denies_a_thread_that_was_there_before)
{
	EXPECT_EQ(in_a_child([] {
		std::atomic<bool> goes_on = false;
		int in_thread = -1;
		std::thread earlier([&] {
			goes_on.wait(false);
			in_thread = calls_that_get_through();
		});
		give_up_power({});
		goes_on = true;
		goes_on.notify_all();
		earlier.join();
		return in_thread;
	}),
		0);
}

TEST(least_power, leaves_the_calls_that_everything_makes)
{
	EXPECT_EQ(in_a_child([] {
		give_up_power({});
		return ::getpid() > 0 && ::access("/", F_OK) == 0 ? 0 : 1;
	}),
		0);
}

TEST(least_power, keeps_the_capabilities_that_are_named_and_no_others)
{
	SKIP_WITHOUT_ROOT();
	ASSERT_TRUE(has_capability(CAP_CHOWN) && has_capability(CAP_KILL));
	EXPECT_EQ(in_a_child([] {
		give_up_power({.capabilities = {CAP_CHOWN}});
		bool const bounded = ::prctl(PR_CAPBSET_READ, CAP_KILL, 0, 0, 0) == 0
			&& ::prctl(PR_CAPBSET_READ, CAP_CHOWN, 0, 0, 0) == 1;
		return has_capability(CAP_CHOWN) && !has_capability(CAP_KILL) && bounded ? 0 : 1;
	}),
		0);
}

TEST(least_power, of_what_starts_any_program_is_whole_for_that_program)
{
	SKIP_WITHOUT_ROOT();
	EXPECT_EQ(in_a_child([] {
		give_up_power({.capabilities = {CAP_CHOWN}, .starts_any_program = true});
		bool const bounded = ::prctl(PR_CAPBSET_READ, CAP_KILL, 0, 0, 0) == 1;
		bool const may_gain = ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0;
		return !has_capability(CAP_KILL) && bounded && may_gain ? 0 : 1;
	}),
		0);
}

TEST(least_power, writes_no_core)
{
	EXPECT_EQ(in_a_child([] {
		give_up_power({});
		return ::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
	}),
		0);
}

// A kernel without filters is one that refuses them: here by a filter that denies seccomp(2) itself.
TEST(least_power, goes_on_where_the_kernel_has_no_filters)
{
	EXPECT_EQ(in_a_child([] {
		constexpr int no_filters[]{SYS_seccomp};
		auto filter = filter_of(no_filters);
		sock_fprog const program{static_cast<unsigned short>(filter.size()), filter.data()};
		::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		if (::syscall(SYS_seccomp, 1, 0, &program) != 0 || deny_calls())
		{
			return 1;
		}
		give_up_power({});
		return ::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
	}),
		0);
}

} // namespace rawswarm::test
