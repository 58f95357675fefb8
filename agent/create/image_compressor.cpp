// SPDX-License-Identifier: BSD-3-Clause
#include "agent/create/image_compressor.hpp"

#include "agent/create/create_extents.hpp"
#include "base/is_zero.hpp"

#include <algorithm>
#include <utility>

namespace rawswarm
{

std::string compressed_image_path(std::string const& torrent)
{
	constexpr std::string_view suffix = ".torrent";
	auto const stem = torrent.ends_with(suffix) ? torrent.substr(0, torrent.size() - suffix.size()) : torrent;
	return stem + ".zst";
}

result<std::unique_ptr<image_compressor>> image_compressor::create(std::string const& path, int const level)
{
	BOOST_OUTCOME_TRY(file, atomic_file::create(path));
	return std::unique_ptr<image_compressor>(new image_compressor(path, std::move(file), level));
}

image_compressor::image_compressor(std::string path, atomic_file file, int const level)
	: m_path(std::move(path))
	, m_writers([level] { return std::make_unique<frame_writer>(level); })
	, m_file(std::move(file))
{
	m_writers.take()->append(m_frame_of_zeros, std::string(block_size, '\0'));
}

void image_compressor::add(std::size_t const index, std::span<char const> const piece)
{
	auto const frames = m_failed.is_set() ? piece_frames{} : compress(piece);
	std::unique_lock<std::mutex> lock(m_mutex);
	m_turn.wait(lock, [&] { return m_next == index; });
	if (!m_failed.is_set())
	{
		if (auto const written = write(frames, piece.size()); !written)
		{
			m_failed.set(written.error());
		}
	}
	++m_next;
	m_turn.notify_all();
}

image_compressor::piece_frames image_compressor::compress(std::span<char const> piece)
{
	piece_frames frames;
	auto const writer = m_writers.take();
	while (!piece.empty())
	{
		auto const block = piece.first(std::min<std::size_t>(piece.size(), block_size));
		if (block.size() == block_size && is_zero(block))
		{
			frames.bytes += m_frame_of_zeros;
			frames.lengths.push_back(static_cast<std::uint32_t>(m_frame_of_zeros.size()));
		}
		else
		{
			frames.lengths.push_back(static_cast<std::uint32_t>(writer->append(frames.bytes, block)));
		}
		piece = piece.subspan(block.size());
	}
	frames.seal = seal_of(frames.bytes);
	return frames;
}

// The mutex is held: the file and the table are written in the order of the pieces.
result<void> image_compressor::write(piece_frames const& frames, std::size_t const piece_size)
{
	if (m_table.frames() + frames.lengths.size() > max_frames)
	{
		return fail(fault::usage, "writing {}: a compressed image holds no more than {} bytes", m_path,
			largest_payload);
	}
	BOOST_OUTCOME_TRYV(m_file.write(frames.bytes));
	m_seals.push_back(frames.seal);
	m_lengths.push_back(static_cast<std::uint32_t>(frames.bytes.size()));
	auto left = piece_size;
	for (auto const length : frames.lengths)
	{
		auto const block = std::min<std::size_t>(left, block_size);
		m_table.add(length, static_cast<std::uint32_t>(block));
		left -= block;
	}
	return success();
}

result<std::uint64_t> image_compressor::finish()
{
	BOOST_OUTCOME_TRYV(m_failed.check());
	std::unique_lock<std::mutex> const lock(m_mutex);
	auto const table = m_table.encode();
	BOOST_OUTCOME_TRYV(m_file.write(table));
	BOOST_OUTCOME_TRYV(m_file.commit());
	return m_table.compressed() + table.size();
}

} // namespace rawswarm
