// SPDX-License-Identifier: BSD-3-Clause
#include "agent/least_power/least_power.hpp"

#include "agent/least_power/denied_calls.hpp"
#include "agent/log/log.hpp"

#include <cerrno>

#include <sys/prctl.h>

namespace rawswarm
{

namespace
{

result<void> set(int const what, unsigned long const value, char const* const name)
{
	if (::prctl(what, value, 0, 0, 0) != 0)
	{
		return fail(fault::internal, system_error(errno), "{}", name);
	}
	return success();
}

void say(result<void> const& done)
{
	if (!done)
	{
		log::get(log::component::agent).debug("going on with more power than needed: {}", done.error().text);
	}
}

} // namespace

void give_up_power(least_power const& kept)
{
	say(set(PR_SET_DUMPABLE, 0, "writing no core"));
	auto const programs =
		kept.starts_any_program ? programs_powers::whole : programs_powers::those_of_this_process;
	say(keep_capabilities(kept.capabilities, programs));
	if (!kept.starts_any_program)
	{
		auto const none = set(PR_SET_NO_NEW_PRIVS, 1, "getting no new privileges");
		say(none ? deny_calls() : none);
	}
}

} // namespace rawswarm
