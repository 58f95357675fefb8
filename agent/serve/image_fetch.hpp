// SPDX-License-Identifier: BSD-3-Clause
// An image that is fetched from the room into a file: from the machine that it is captured from.
//
// The file is written beside its place, as NAME.part, and gets its name once every piece has passed its hash
// and all of it is on the medium. If the fetch fails nothing is left behind. What lies in no extent of the
// torrent is a hole.
//
// Made, called and destroyed by the thread of the io_context; the destructor waits as that of passing_target.
#pragma once

#include "agent/serve/image_status.hpp"
#include "agent/serve/passing_target.hpp"
#include "agent/swarm/transfer_stats.hpp"
#include "base/result.hpp"
#include "base/run_blocking.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>

namespace rawswarm
{

class image_fetch
{
public:
	struct order
	{
		std::string name; // for messages
		std::string torrent; // the bytes of one
		std::string destination; // a path at which there is nothing
		std::function<result<void>(std::string const& info_hash)> accept; // before anything is written
		std::function<void(result<void> const&)> on_done; // called once, from tick() or later
	};

	image_fetch(order what, std::size_t number, target_job::environment const& env);
	~image_fetch();
	image_fetch(image_fetch const&) = delete;
	image_fetch& operator=(image_fetch const&) = delete;

	std::string const& name() const { return m_order.name; }
	std::string const& info_hash() const { return m_info_hash; } // empty before it was accepted

	// Ends it; it fails.
	void cancel();

	void on_stats(transfer_stats const& s);

	// To be called often. timeout: it fails if it makes no progress for so long.
	void tick(std::chrono::seconds timeout);

	// on_done was called, and it may be destroyed.
	bool is_over() const { return m_is_over && m_target.is_closed(); }

	passing_target& target() { return m_target; }
	image_status status() const;

private:
	result<void> accept(planned_target const& plan);
	void end();
	void tell(result<void> const& r);
	std::string temporary() const { return m_order.destination + ".part"; }

	order m_order;
	std::string m_info_hash;
	transfer_stats m_stats;
	bool m_is_there = false; // all of it, on the medium
	bool m_is_ending = false;
	bool m_is_over = false;
	passing_target m_target;
	blocking_scope m_scope; // last: work uses the members before it
};

} // namespace rawswarm
