// SPDX-License-Identifier: BSD-3-Clause
// Watches whether a target that is not done yet makes progress: tells what is missing while nothing arrives,
// and has the error once that has taken longer than the job allows.
//
// Used by one thread, which brings the time and what is known of the target.
#pragma once

#include "agent/job/company_watch.hpp"
#include "agent/job/stall_timer.hpp"
#include "agent/job/target_note.hpp"
#include "agent/progress/progress.hpp"
#include "base/result.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace rawswarm
{

// Bytes; none of them may be a final state's.
struct target_advance
{
	job_state state = job_state::planning;
	std::int64_t useful = 0; // from peers and web seeds, without those of pieces that failed their hash
	std::int64_t checked = 0; // read by the check that is under way, or zeros by now
	std::int64_t written = 0;
	std::int64_t done = 0; // as the displays show it
	std::int64_t total = 0;
	int peers = 0;
	bool is_syncing = false; // makes progress that nobody can see, and has a limit of its own
	std::int64_t gaps_left = 0; // that are still to be zeros
};

class progress_watch
{
public:
	using clock = std::chrono::steady_clock;

	// device: for messages. why_no_peers: called when there are none.
	progress_watch(std::string device, std::function<std::string()> why_no_peers, clock::time_point now);

	// The target has come to another state.
	void restart(clock::time_point now);

	// The target waits for others of its torrent, until it has joined.
	void await_others(clock::time_point now) { m_awaits_others = now; }
	void joined() { m_awaits_others.reset(); }

	// Of a target that serves: until when.
	void serves(std::string note) { m_note.set(std::move(note), false); }

	// timeout: without progress; 0: no limit. To be called often.
	std::optional<error> check(target_advance const& a, std::chrono::seconds timeout, clock::time_point now);

	// For how long there was no progress.
	clock::duration stalled(clock::time_point now) const { return m_stall.stalled(now); }

	// For the displays.
	std::string const& note() const { return m_note.text(); }

private:
	void look_for_company(target_advance const& a, clock::time_point now);

	std::string m_device;
	std::function<std::string()> m_why_no_peers;
	stall_timer m_stall;
	company_watch m_company;
	target_note m_note;
	std::optional<clock::time_point> m_awaits_others; // since when
};

} // namespace rawswarm
