// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/job_finish.hpp"

#include <utility>

namespace rawswarm
{

job_finish::job_finish(boost::asio::io_context& ios, boost::asio::thread_pool& blocking, manifest const& job)
	: m_job(job)
	, m_scope(ios, blocking)
{}

std::vector<volume_progress> job_finish::take(std::vector<planned_volume> volumes)
{
	std::vector<volume_progress> shown;
	shown.reserve(volumes.size());
	for (auto const& v : volumes)
	{
		shown.push_back({v.spec.device, describe(v.spec.source), v.spec.sha256, v.bytes.size(), false});
	}
	m_volumes = std::make_unique<volume_writer>(std::move(volumes), m_job.storage.direct);
	return shown;
}

result<void> job_finish::open_volumes(bool const on_new_partitions)
{
	return m_volumes->open(on_new_partitions);
}

void job_finish::start(std::vector<disk_to_finish> disks, listener to)
{
	auto const post = m_scope.make_poster();
	auto const note = [post, tell = std::move(to.on_note)](std::size_t const disk, std::string text) {
		post([tell, disk, text = std::move(text)] { tell(disk, text); });
	};
	auto const written = [post, tell = std::move(to.on_written)](
							 std::size_t const volume, std::string const& device) {
		post([tell, volume, device] { tell(volume, device); });
	};
	m_scope.run_blocking(
		[this, disks = std::move(disks), note, written]() -> result<void> {
			BOOST_OUTCOME_TRYV(m_volumes->write(written, m_stop.get_token()));
			return finish_disks(m_job, disks, note, m_stop.get_token());
		},
		std::move(to.on_end));
}

} // namespace rawswarm
