// SPDX-License-Identifier: BSD-3-Clause
// The end of a job that has more to do than to write images: once every image is on its device, its volumes
// are written, then its disks are finished (write_volumes.hpp, finish_disks.hpp).
//
// Called and destroyed by the thread of the io_context, which also gets what is told; the work runs in the
// pool, and the destructor waits for it. The plan must outlive it.
#pragma once

#include "agent/job/finish_disks.hpp"
#include "agent/job/plan_volumes.hpp"
#include "agent/job/write_volumes.hpp"
#include "agent/manifest/manifest.hpp"
#include "agent/progress/progress.hpp"
#include "base/result.hpp"
#include "base/run_blocking.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace rawswarm
{

class job_finish
{
public:
	struct listener
	{
		// What a person should know of a disk, by its place among those that start() was given.
		std::function<void(std::size_t disk, std::string const& text)> on_note;
		std::function<void(std::size_t volume, std::string const& device)> on_written;
		std::function<void(result<void> const& finished)> on_end; // once
	};

	job_finish(boost::asio::io_context& ios, boost::asio::thread_pool& blocking, manifest const& job);

	// Takes the volumes of the plan, once, and returns how they stand in the progress.
	std::vector<volume_progress> take(std::vector<planned_volume> volumes);

	// Claims their devices, as volume_writer::open() says. After take().
	result<void> open_volumes(bool on_new_partitions);

	// Once. The devices of the targets are closed by then, and nobody is served any more.
	void start(std::vector<disk_to_finish> disks, listener to);

	// Ends the work early, with an error, after the volume or the disk that has begun.
	void request_stop() { m_stop.request_stop(); }

private:
	manifest const& m_job;
	std::unique_ptr<volume_writer> m_volumes; // null: there is no plan yet
	std::stop_source m_stop;
	blocking_scope m_scope; // last: work uses the members before it
};

} // namespace rawswarm
