// SPDX-License-Identifier: BSD-3-Clause
// Writes a torrent's payload as a compressed image (storage/device/seek_table.hpp) while it is hashed.
//
// The threads that hash compress as well, a piece each, and write in the order of the pieces: one that is
// done before its turn waits, so the memory is that of the pieces in flight. The same payload and level give
// the same file. Errors are fault::target, and fault::usage for a payload that the format cannot hold.
#pragma once

#include "agent/create/piece_hash_pool.hpp"
#include "base/atomic_file.hpp"
#include "base/first_error.hpp"
#include "base/object_pool.hpp"
#include "storage/device/block_frame.hpp"
#include "storage/device/piece_seal.hpp"
#include "storage/device/seek_table.hpp"
#include "storage/device/units.hpp"

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace rawswarm
{

// Where the compressed image of a torrent is written: beside it, with .zst in place of .torrent.
std::string compressed_image_path(std::string const& torrent);

// The most bytes that a compressed image holds: 2 TiB.
inline constexpr std::uint64_t largest_payload = max_frames * block_size;

class image_compressor final : public piece_sink
{
public:
	// level: as for frame_writer.
	static result<std::unique_ptr<image_compressor>> create(std::string const& path, int level);

	void add(std::size_t index, std::span<char const> piece) override;
	result<void> check() const override { return m_failed.check(); }

	// After the last piece: writes the table and gives the file its name. Returns the file's size, in bytes.
	result<std::uint64_t> finish();

	// The seals of the pieces' frames (storage/device/piece_seal.hpp), after finish(), once.
	std::vector<piece_seal> take_seals() { return std::move(m_seals); }

	// How long they are, likewise: bytes by piece.
	std::vector<std::uint32_t> take_lengths() { return std::move(m_lengths); }

private:
	struct piece_frames
	{
		std::string bytes;
		std::vector<std::uint32_t> lengths;
		piece_seal seal = 0;
	};

	image_compressor(std::string path, atomic_file file, int level);
	piece_frames compress(std::span<char const> piece);
	result<void> write(piece_frames const& frames, std::size_t piece_size);

	std::string const m_path;
	std::string m_frame_of_zeros; // of a whole block
	object_pool<frame_writer> m_writers;
	first_error m_failed;

	std::mutex m_mutex; // for all that follows
	std::condition_variable m_turn;
	std::size_t m_next = 0; // the piece that is to be written next
	atomic_file m_file;
	seek_table m_table;
	std::vector<piece_seal> m_seals;
	std::vector<std::uint32_t> m_lengths;
};

} // namespace rawswarm
