// SPDX-License-Identifier: BSD-3-Clause
// One image of a room's server: open while somebody wants it, closed otherwise.
//
// Made, called and destroyed by the thread of the io_context; the destructor waits as that of passing_target.
#pragma once

#include "agent/room/room.hpp"
#include "agent/serve/idle_watch.hpp"
#include "agent/serve/image_status.hpp"
#include "agent/serve/passing_target.hpp"
#include "agent/serve/source_stamp.hpp"
#include "agent/swarm/transfer_stats.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

namespace rawswarm
{

class seeded_image
{
public:
	using clock = std::chrono::steady_clock;

	seeded_image(room_image image, std::size_t number, target_job::environment const& env);

	// The room has it (again), perhaps with another name or at another place, which counts from the next
	// opening on. What failed may be tried at once.
	void list(room_image image);

	// The room does not have it any more: it is served as long as somebody needs it.
	void unlist() { m_is_listed = false; }

	// Opens it if that can be done now. Returns whether it is served.
	bool want(clock::time_point now);

	void on_stats(transfer_stats const& s, clock::time_point now);

	// To be called often. idle: it is closed if nobody has wanted it for this long.
	void tick(std::chrono::seconds idle, clock::time_point now);

	// Nothing refers to it, and it may be destroyed.
	bool is_over() const { return !m_is_listed && m_target.is_closed() && !m_look.is_busy(); }

	passing_target& target() { return m_target; }
	image_status status() const;

private:
	void open(clock::time_point now);
	void look_at_source();
	void on_source(source_stamp const& stamp);

	room_image m_image;
	bool m_is_listed = true;
	idle_watch m_idle;
	transfer_stats m_stats;
	std::optional<clock::time_point> m_opened; // the last time
	std::string m_source_note; // what has become of the source; empty: nothing
	std::shared_ptr<source_stamp> m_stamp; // of what is open; the thread that plans writes it
	clock::time_point m_looked{}; // at the source
	bool m_is_looking = false;
	passing_target m_target;
	blocking_scope m_look; // last: work uses the members before it
};

} // namespace rawswarm
