// SPDX-License-Identifier: BSD-3-Clause
#include "storage/backend/read_queue.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace rawswarm
{

bool wanted_block::keep() const
{
	return jobs.empty() || std::ranges::any_of(jobs, &read_job::keep);
}

bool wanted_block::has_peer() const
{
	return std::ranges::any_of(jobs, [](read_job const& j) { return j.load == nullptr; });
}

read_queue::position read_queue::position_of(block_ref const& b) const
{
	auto const first = m_storage->target->extents().map(b.piece, b.block.value * block_size, 1);
	return {first.front().offset.value_or(device_offset()), b.piece, b.block};
}

bool read_queue::add(read_job& job)
{
	block_ref const block{job.request.piece, job.first_block()};
	auto const [it, is_new] = m_wanted.try_emplace(block);
	if (it->second.overwritten)
	{
		return false;
	}
	it->second.jobs.push_back(std::move(job));
	if (is_new)
	{
		m_waiting.emplace(position_of(block), block);
		++m_counts.wanted;
		++m_counts.waiting;
	}
	return true;
}

void read_queue::block_arrived(block_ref const& block)
{
	if (auto const it = m_wanted.find(block); it != m_wanted.end())
	{
		it->second.overwritten = true;
	}
}

wanted_block const* read_queue::find(block_ref const& block) const
{
	auto const it = m_wanted.find(block);
	return it == m_wanted.end() ? nullptr : &it->second;
}

block_ref read_queue::next() const
{
	auto const it = m_waiting.lower_bound(m_head);
	return it == m_waiting.end() ? m_waiting.begin()->second : it->second;
}

void read_queue::begin_read(block_ref const& block)
{
	if (m_waiting.erase(position_of(block)) > 0)
	{
		--m_counts.waiting;
	}
	else if (m_wanted.try_emplace(block).second)
	{
		++m_counts.wanted;
	}
}

wanted_block read_queue::end_read(block_ref const& block)
{
	auto const it = m_wanted.find(block);
	auto ended = std::move(it->second);
	m_wanted.erase(it);
	--m_counts.wanted;
	return ended;
}

std::vector<read_job> read_queue::take_waiting()
{
	std::vector<read_job> jobs;
	for (auto const& [at, block] : std::exchange(m_waiting, {}))
	{
		--m_counts.waiting;
		std::ranges::move(end_read(block).jobs, std::back_inserter(jobs));
	}
	return jobs;
}

} // namespace rawswarm
