// SPDX-License-Identifier: BSD-3-Clause
// Takes a target from its pieces in memory to its end: zeroes the gaps of the image meanwhile, and once all
// is written, wipes what earlier uses of the device left, syncs, reads back where the job asks for it, and
// looks at the tables of the result.
//
// Made, called and destroyed by the thread of the io_context, and calls its observer there. Blocking work
// runs in the pool of the scope, which like the plan and the storage outlives it and whose owner it belongs
// to.
#pragma once

#include "agent/job/finish_image.hpp"
#include "agent/job/plan.hpp"
#include "agent/job/step_clock.hpp"
#include "agent/job/target_state.hpp"
#include "agent/manifest/manifest.hpp"
#include "base/result.hpp"
#include "base/run_blocking.hpp"
#include "storage/backend/storage_target.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace rawswarm
{

class image_completion
{
public:
	struct observer
	{
		// safe, or safe_to_verify and later verified.
		std::function<void(target_event)> on_event;
		std::function<void(std::string)> on_note; // what a person should know; may be empty
		std::function<void(error const&)> on_failure;
	};

	image_completion(planned_target const& plan, verification verify, blocking_scope& scope, observer o);

	// Once, before the others.
	void begin(storage_target& storage);

	// Zeroes the gaps in parallel with the download: gaps and extents do not overlap. Not before somebody is
	// there to fetch from, or all is there: until then the device keeps what it has. Further calls do
	// nothing.
	void fill_gaps();

	// Every piece passed its hash, and a flush follows.
	void downloaded();

	// More than once, as libtorrent reports it.
	void flushed();

	// Ends what runs in the background; no event follows, but a failure may.
	void stop() { m_stop.request_stop(); }

	// Bytes read back so far.
	std::int64_t read() const { return m_read; }

	// Bytes of the gaps, and those of them that are zeros by now.
	std::int64_t gap_bytes() const { return m_gap_bytes; }
	std::int64_t zeroed() const { return m_zeroed; }

	// Of those that are over: gaps (beside the download), flush, sync.
	std::vector<step_time> const& steps() const { return m_steps.over(); }

private:
	void sync_when_ready();
	result<wiped_signatures> make_last();
	void on_synced(result<wiped_signatures> const& r);
	void read_back();
	void look(target_event event);

	planned_target const& m_plan;
	verification m_verify;
	blocking_scope& m_scope;
	observer m_observer;
	storage_target* m_storage = nullptr;
	std::vector<byte_range> m_gaps; // that are still to be filled
	std::int64_t m_gap_bytes = 0;
	std::atomic<std::int64_t> m_zeroed{0};
	bool m_gaps_are_zero = false;
	bool m_downloaded = false;
	bool m_flushed = false;
	bool m_last_sync = false; // has begun
	step_clock m_steps;
	std::atomic<std::int64_t> m_read{0};
	std::stop_source m_stop;
};

} // namespace rawswarm
