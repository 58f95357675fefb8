// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/job_targets.hpp"

#include "agent/job/target_state.hpp"

#include <algorithm>
#include <utility>

namespace rawswarm
{

void job_targets::add(planned_target plan, target_job::environment const& env)
{
	m_targets.push_back(std::make_unique<target_job>(m_targets.size(), std::move(plan), env));
}

result<void> job_targets::open(bool const on_new_partitions)
{
	for (auto const& t : m_targets)
	{
		if (t->needs_new_partition() == on_new_partitions)
		{
			BOOST_OUTCOME_TRYV(t->open());
		}
	}
	return success();
}

void job_targets::start()
{
	for (auto const& t : m_targets)
	{
		t->start();
	}
}

void job_targets::on_tick(manifest_seed_until const& until, std::chrono::seconds const timeout)
{
	for (auto const& t : m_targets)
	{
		t->on_tick(until, timeout);
	}
}

void job_targets::stop_serving()
{
	for (auto const& t : m_targets)
	{
		t->stop_serving();
	}
}

void job_targets::stop_reading()
{
	for (auto const& t : m_targets)
	{
		t->stop_reading();
	}
}

void job_targets::fail_with(error const& e)
{
	for (auto const& t : m_targets)
	{
		t->fail_with(e);
	}
}

std::vector<std::shared_ptr<storage_target>> job_targets::storages() const
{
	std::vector<std::shared_ptr<storage_target>> all;
	all.reserve(m_targets.size());
	for (auto const& t : m_targets)
	{
		if (t->storage() && !is_final(t->state()))
		{
			all.push_back(t->storage());
		}
	}
	return all;
}

bool job_targets::are_final() const
{
	return !m_targets.empty()
		&& std::ranges::all_of(m_targets, [](auto const& t) { return is_final(t->state()); });
}

std::optional<error> job_targets::first_error() const
{
	auto const failed =
		std::ranges::find_if(m_targets, [](auto const& t) { return t->first_error().has_value(); });
	return failed == m_targets.end() ? std::nullopt : (*failed)->first_error();
}

void job_targets::make_safe(std::function<void()> const& on_safe)
{
	auto const left = std::make_shared<std::size_t>(m_targets.size());
	for (auto const& t : m_targets)
	{
		t->make_safe([on_safe, left] {
			if (--*left == 0)
			{
				on_safe();
			}
		});
	}
}

std::int64_t job_targets::made_safe() const
{
	std::int64_t bytes = 0;
	for (auto const& t : m_targets)
	{
		auto const p = t->snapshot();
		bytes += p.written + p.synced;
	}
	return bytes;
}

void job_targets::close_devices()
{
	for (auto const& t : m_targets)
	{
		t->close_device();
	}
}

std::vector<target_job*> job_targets::images() const
{
	std::vector<target_job*> images;
	for (auto const& t : m_targets)
	{
		if (t->plan().spec.role == target_role::image)
		{
			images.push_back(t.get());
		}
	}
	return images;
}

std::vector<disk_to_finish> job_targets::disks_to_finish() const
{
	std::vector<disk_to_finish> disks;
	for (auto const* const t : images())
	{
		auto const& spec = t->plan().spec;
		disks.push_back({spec.device, spec.grow, spec.ids, spec.files, spec.boot_entry});
	}
	return disks;
}

std::vector<target_progress> job_targets::snapshots() const
{
	std::vector<target_progress> all;
	all.reserve(m_targets.size());
	for (auto const& t : m_targets)
	{
		all.push_back(t->snapshot());
	}
	return all;
}

} // namespace rawswarm
