// SPDX-License-Identifier: BSD-3-Clause
// Which signed beacons are of now: a mac says who has made a beacon, not when. A run is taken once one of its
// beacons has a token that this watcher has drawn since it was started (agent/beacon/beacon_question.hpp);
// nobody can have recorded that before.
//
// A token is good for ten minutes as the present one and ten more as the one before, so that what was
// recorded of a run that a machine has long replaced is worth nothing either, however long the watcher runs.
//
// Pure but for the drawing: the caller gives the time, which is steady. One thread, bounded memory.
#pragma once

#include "agent/beacon/beacon_format.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace rawswarm
{

class run_proof
{
public:
	using time_point = std::chrono::steady_clock::time_point;

	static constexpr std::chrono::minutes token_age{
		10}; // initial value: a machine starts twice in it at most

	// key: of the beacons.
	explicit run_proof(std::string key);

	// Whether one of its answers is a token of this watcher.
	bool is_given_by(received_beacon const& beacon, time_point now);

	// The datagram to send to who sent an unproven beacon. Empty: there is no randomness.
	std::string question(time_point now);

	// A beacon came without proof. True, once in the life of this: one whose run was asked five seconds
	// before, and does not answer.
	bool is_unanswered(beacon_identity const& id, time_point now);

private:
	void renew(time_point now);

	struct waiting
	{
		std::string run;
		time_point since{};
	};

	std::string m_key;
	std::string m_token;
	std::string m_before;
	time_point m_drawn{};
	std::optional<waiting> m_waiting; // one of those that were asked
	bool m_said = false;
};

} // namespace rawswarm
