// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/storage_setup.hpp"

#include "agent/machine/machine_memory.hpp"

#include <algorithm>
#include <thread>
#include <vector>

namespace rawswarm
{

namespace
{

constexpr int max_hash_threads = 4; // SHA-1 with the instructions of the processor is faster than any network

// Initial values, not measured. With fewer a slow read would hold up the writes of another target; more would
// only wait for each other, as few machines have disks that take more requests at once.
constexpr int min_io_threads = 4;
constexpr int max_io_threads = 32;

} // namespace

storage_settings make_storage_settings(manifest_storage const& settings)
{
	storage_settings ret;
	ret.memory = static_cast<std::size_t>(
		settings.memory ? *settings.memory : automatic_memory(read_machine_memory()));
	ret.io_threads = io_threads_for({}, settings);
	ret.hash_threads = std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, max_hash_threads);
	ret.coalesce = settings.coalesce;
	return ret;
}

device_profile make_profile(device_kind const kind, manifest_storage const& settings)
{
	auto p = profile_for(settings.profile.value_or(kind));
	p.writers = settings.writers.value_or(p.writers);
	p.read_ahead_blocks = settings.read_ahead_blocks.value_or(p.read_ahead_blocks);

	// the job's own limits take precedence; if it sets one of the two, the other follows
	if (settings.coalesce.max_blocks)
	{
		p.min_blocks = std::min(p.min_blocks, *settings.coalesce.max_blocks);
	}
	if (settings.coalesce.min_blocks)
	{
		p.max_blocks = std::max(p.max_blocks, *settings.coalesce.min_blocks);
	}
	return p;
}

int io_threads_for(std::span<device_profile const> const targets, manifest_storage const& settings)
{
	if (settings.threads)
	{
		return *settings.threads;
	}
	int sum = 0;
	for (auto const& p : targets)
	{
		sum = std::min(sum + p.writers + p.readers, max_io_threads);
	}
	return std::max(sum, min_io_threads);
}

int io_threads_of(
	std::span<std::shared_ptr<storage_target> const> const targets, manifest_storage const& settings)
{
	std::vector<device_profile> profiles;
	profiles.reserve(targets.size());
	for (auto const& t : targets)
	{
		auto p = t->profile();
		p.writers = t->writers();
		p.readers = t->readers();
		profiles.push_back(p);
	}
	return io_threads_for(profiles, settings);
}

} // namespace rawswarm
