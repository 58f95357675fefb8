// SPDX-License-Identifier: BSD-3-Clause
// A target of a swarm that stays: opened in the background when it is needed, left when it is not, and let go
// once nothing uses it any more. It can then be opened again.
//
// Made, called and destroyed by the thread of the io_context. The destructor waits for what runs in the
// background: only one that is_closed() is destroyed at once, whatever its device does.
#pragma once

#include "agent/job/target_job.hpp"
#include "base/result.hpp"
#include "base/run_blocking.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace rawswarm
{

class passing_target
{
public:
	using planner = std::function<result<planned_target>()>;
	using judge = std::function<result<void>(planned_target const&)>;

	// number: of the target in the swarm; nobody else's.
	passing_target(std::size_t number, target_job::environment env);

	std::size_t number() const { return m_number; }

	// Plans it, in another thread, opens it and joins the swarm. accept: called before it is opened; its
	// error is the target's. Only if it is closed.
	void open(planner plan, judge accept = {});

	// Leaves the swarm. A target that is still written fails with `why`.
	void close(error const& why);

	// Fails it, unless it is closed or failed already.
	void fail_with(error const& e);

	// To be called often. timeout: of a target that is written and makes no progress.
	void tick(std::chrono::seconds timeout);

	// Nothing of it is open, and nothing under way.
	bool is_closed() const { return !m_is_planning && !m_job && !m_scope.is_busy(); }
	bool is_opening() const { return m_is_planning; }

	// Null unless it is open.
	target_job* job() const { return m_job.get(); }

	// Why it could not be opened, or failed, the last time.
	std::optional<error> const& failure() const { return m_failure; }

	// Of the last time, once it is closed.
	std::vector<std::string> const& notes() const { return m_notes; }

private:
	void on_planned(result<planned_target> plan);
	void refuse(error const& e);

	std::size_t m_number;
	target_job::environment m_env;
	judge m_accept;
	bool m_is_planning = false;
	bool m_is_unwanted = false; // closed while it was being planned
	std::unique_ptr<target_job> m_job;
	std::optional<error> m_failure;
	std::vector<std::string> m_notes;
	blocking_scope m_scope; // last: work uses the members before it
};

} // namespace rawswarm
