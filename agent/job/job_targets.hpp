// SPDX-License-Identifier: BSD-3-Clause
// The targets of a job as one: opened, failed and stopped together, final once each of them is.
//
// Called and destroyed by the thread of the io_context. Targets have the numbers by which the swarm and the
// plan know them, and stay until the end.
#pragma once

#include "agent/job/finish_disks.hpp"
#include "agent/job/plan.hpp"
#include "agent/job/target_job.hpp"
#include "agent/manifest/manifest.hpp"
#include "agent/progress/progress.hpp"
#include "base/result.hpp"
#include "storage/backend/storage_target.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace rawswarm
{

class job_targets
{
public:
	void add(planned_target plan, target_job::environment const& env);

	bool empty() const { return m_targets.empty(); }
	target_job& at(std::size_t const number) { return *m_targets.at(number); }

	auto begin() const { return m_targets.begin(); }
	auto end() const { return m_targets.end(); }

	// Opens those on partitions that the job makes, or all others. The first error ends it.
	result<void> open(bool on_new_partitions);

	// As target_job has them, for each.
	void start();
	void on_tick(manifest_seed_until const& until, std::chrono::seconds timeout);
	void stop_serving();
	void stop_reading();
	void fail_with(error const& e);

	// Of those that have a device and are not final.
	std::vector<std::shared_ptr<storage_target>> storages() const;

	// Whether there are any, and each is final.
	bool are_final() const;

	// The first error of the first target that has one.
	std::optional<error> first_error() const;

	// Has each flush and sync what has arrived, for a stop by a signal. on_safe is called once all have, and
	// may be called from inside of this.
	void make_safe(std::function<void()> const& on_safe);

	// So far written and synced, in bytes: it grows for as long as a stop goes on.
	std::int64_t made_safe() const;

	// For tools that claim the devices. Of final targets, once the swarm is gone.
	void close_devices();

	// The targets that are images, in the order of the job, and what is to be done with their disks.
	std::vector<target_job*> images() const;
	std::vector<disk_to_finish> disks_to_finish() const;

	std::vector<target_progress> snapshots() const;

private:
	std::vector<std::unique_ptr<target_job>> m_targets;
};

} // namespace rawswarm
