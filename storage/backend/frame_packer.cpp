// SPDX-License-Identifier: BSD-3-Clause
#include "storage/backend/frame_packer.hpp"

#include "storage/backend/frame_work.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

namespace rawswarm
{

namespace
{

// Blocks of a room are packed while the machine does other things, and once.
constexpr int level = lowest_compression_level;

// A frame that is not shorter than that is not worth unpacking.
std::size_t longest_frame(std::size_t const block)
{
	return block - block / 20;
}

} // namespace

frame_packer::frame_packer(buffer_pool& buffers, frame_store& frames, completions& completions,
	disk_workers& workers, disk_stats& stats)
	: m_buffers(buffers)
	, m_frames(frames)
	, m_completions(completions)
	, m_workers(workers)
	, m_stats(stats)
	, m_writers([] { return std::make_unique<frame_writer>(level); })
{}

bool frame_packer::answer_from_memory(read_job& job)
{
	auto const frame = m_frames.find(job.key(), job.first_block());
	if (frame.empty())
	{
		return false;
	}
	m_stats.blocks_read_from_cache.fetch_add(1, std::memory_order_relaxed);
	answer(std::move(job), frame);
	return true;
}

bool frame_packer::answer_from_device(read_job& job, char* const buffer)
{
	auto const& target = *job.storage->target;
	auto const payload =
		std::int64_t(static_cast<int>(job.request.piece)) * target.info().piece_length() + job.request.start;
	auto const length = job.storage->target->device().read_frame(
		static_cast<std::uint64_t>(payload / block_size), {buffer, std::size_t(block_size)});
	auto const block = static_cast<std::size_t>(job.request.length);
	if (!length || length.value() == 0 || length.value() > longest_frame(block)
		|| !check_frame({buffer, length.value()}, block))
	{
		return false; // the block itself is read, which reports what is wrong
	}
	m_stats.frames_from_device.fetch_add(1, std::memory_order_relaxed);
	answer(std::move(job), {buffer, length.value()});
	return true;
}

// The length of what is handed out tells libtorrent that it is a frame.
void frame_packer::answer(read_job job, std::span<char> const frame)
{
	m_completions.post([h = std::move(job.handler),
						   b = m_buffers.hand_out(frame.data(), static_cast<int>(frame.size()))]() mutable {
		h(std::move(b), {});
	});
}

void frame_packer::post(std::vector<read_answer> answers)
{
	std::vector<read_answer> raw;
	for (auto& a : answers)
	{
		if (a.job.as_frame && a.buffer && a.job.storage->frames.begin())
		{
			m_workers.post_hash(
				[this, p = std::make_shared<read_answer>(std::move(a))] { pack(std::move(*p)); });
		}
		else
		{
			raw.push_back(std::move(a));
		}
	}
	post_answers(m_completions, m_buffers, std::move(raw));
}

void frame_packer::pack(read_answer a)
{
	std::array<char, block_size> space{};
	std::span<char const> const block(a.buffer, static_cast<std::size_t>(a.job.request.length));
	frame_work const work(m_stats);
	auto const length = m_writers.take()->write(std::span(space).first(longest_frame(block.size())), block);
	m_stats.blocks_packed.fetch_add(1, std::memory_order_relaxed);
	a.job.storage->frames.result(length > 0);
	auto const frame = length > 0
		? m_frames.keep(a.job.key(), a.job.first_block(), std::span<char const>(space).first(length))
		: std::span<char>();
	if (!frame.empty())
	{
		m_buffers.unref(a.buffer);
		answer(std::move(a.job), frame);
		return;
	}
	std::vector<read_answer> raw;
	raw.push_back(std::move(a));
	post_answers(m_completions, m_buffers, std::move(raw));
}

} // namespace rawswarm
