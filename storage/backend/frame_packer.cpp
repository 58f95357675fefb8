// SPDX-License-Identifier: BSD-3-Clause
#include "storage/backend/frame_packer.hpp"

#include "storage/backend/frame_work.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

namespace rawswarm
{

frame_packer::frame_packer(storage_context& context, buffer_pool& buffers, frame_store& frames,
	completions& completions, disk_workers& workers)
	: m_context(context)
	, m_stats(context.stats())
	, m_buffers(buffers)
	, m_frames(frames)
	, m_completions(completions)
	, m_workers(workers)
	, m_writers([] { return std::make_unique<frame_writer>(lowest_compression_level); })
{}

bool frame_packer::answer_from_memory(read_job& job)
{
	auto const frame = m_frames.find(job.key(), job.first_block());
	if (frame.empty())
	{
		return false;
	}
	m_stats.blocks_read_from_cache.fetch_add(1, std::memory_order_relaxed);
	std::vector<read_answer> answers;
	answers.push_back({std::move(job), frame.data(), {}, static_cast<int>(frame.size())});
	post_answers(m_completions, m_buffers, std::move(answers));
	return true;
}

int frame_packer::read_stored(read_job const& job, char* const buffer)
{
	auto& target = *job.storage->target;
	auto const payload =
		std::int64_t(static_cast<int>(job.request.piece)) * target.info().piece_length() + job.request.start;
	storage_target::reading const turn(target);
	auto const length = target.device().read_frame(
		static_cast<std::uint64_t>(payload / block_size), {buffer, std::size_t(block_size)});
	if (!length || length.value() > longest_frame(static_cast<std::size_t>(job.request.length)))
	{
		return 0; // the block itself is read, which reports what is wrong
	}
	m_stats.frames_from_device.fetch_add(length.value() > 0 ? 1 : 0, std::memory_order_relaxed);
	return static_cast<int>(length.value());
}

void frame_packer::post(std::vector<read_answer> answers)
{
	std::vector<read_answer> ready;
	for (auto& a : answers)
	{
		bool const is_packed =
			a.job.as_frame && a.buffer != nullptr && a.frame == 0 && a.job.storage->frames.begin();
		if (!is_packed)
		{
			ready.push_back(std::move(a));
		}
		else if (m_to_pack.add(std::move(a), m_workers.hash_workers()))
		{
			m_workers.post_hash([this] { run(); });
		}
	}
	post_answers(m_completions, m_buffers, std::move(ready));
}

void frame_packer::run()
{
	std::vector<read_answer> answers;
	while (auto a = m_to_pack.next())
	{
		pack(*a);
		answers.push_back(std::move(*a));
		if (answers.size() == answers_at_once)
		{
			post_answers(m_completions, m_buffers, std::exchange(answers, {}));
		}
	}
	post_answers(m_completions, m_buffers, std::move(answers));
}

// The answer stays as it is if the block does not shrink.
void frame_packer::pack(read_answer& a)
{
	std::array<char, block_size> space{};
	std::span<char const> const block(a.buffer, static_cast<std::size_t>(a.job.request.length));
	frame_work const work(m_stats.packing_ns);
	auto const writer = m_writers.take();
	writer->set_level(m_context.pack_level());
	auto const length = writer->write(std::span(space).first(longest_frame(block.size())), block);
	m_stats.blocks_packed.fetch_add(1, std::memory_order_relaxed);
	a.job.storage->frames.result(length > 0);
	if (length == 0)
	{
		return;
	}
	auto const frame =
		m_frames.keep(a.job.key(), a.job.first_block(), std::span<char const>(space).first(length));
	if (!frame.empty())
	{
		m_buffers.unref(std::exchange(a.buffer, frame.data()));
		a.frame = static_cast<int>(frame.size());
	}
}

} // namespace rawswarm
