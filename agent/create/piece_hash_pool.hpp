// SPDX-License-Identifier: BSD-3-Clause
// The SHA-1 hashes of the pieces of a torrent, from its bytes in order: the caller puts them in place or says
// where they are, other threads read those and hash what is complete.
//
// All members are called from one thread. Memory is bounded: one piece per thread, one being filled, one
// waiting. If hashing falls behind, space() and the functions that use it block.
#pragma once

#include "base/result.hpp"
#include "storage/device/page_buffer.hpp"
#include "storage/device/piece_seal.hpp"
#include "storage/device/units.hpp"

#include <libtorrent/sha1_hash.hpp>

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <utility>
#include <vector>

namespace rawswarm
{

// What is done with each piece beside its hash.
class piece_sink
{
public:
	virtual ~piece_sink() = default;

	// Called for each piece once, from several threads at once; for a piece only after it was called for all
	// before it, though those calls may not have returned.
	virtual void add(std::size_t index, std::span<char const> piece) = 0;

	// The first error so far.
	virtual result<void> check() const = 0;
};

// How the bytes are read that the caller does not put in place itself.
struct piece_input
{
	std::function<result<void>(device_offset, std::span<char>)> read; // from several threads at once
	int readers = 1; // that may read at once: as many threads besides those that hash
};

class piece_hash_pool
{
public:
	// sink: may be null, and outlives the pool, as does what input.read uses.
	piece_hash_pool(int piece_size, int threads, piece_sink* sink = nullptr, piece_input input = {});

	// Ends the threads. Hashes that were not fetched with finish() are lost.
	~piece_hash_pool();

	piece_hash_pool(piece_hash_pool const&) = delete;
	piece_hash_pool& operator=(piece_hash_pool const&) = delete;

	// The part of the current piece that is still to be filled, never empty, valid until commit().
	// For reading directly into it; aligned to 4 KiB at the start of a piece.
	std::span<char> space();

	// The first `length` bytes of space() have been filled.
	void commit(std::size_t length);

	// The same, but they are still to be read, from there: reads begin in the order of these calls. Once one
	// has failed, check() and finish() do.
	void commit_read(device_offset from, std::size_t length);

	void append(std::span<char const> bytes);

	// Whole pieces of zeros are not hashed again and again.
	void append_zeros(std::uint64_t length);

	// The error of the read that comes first in the order of the torrent, or the sink's first one, after
	// which there is no need to go on.
	result<void> check();

	// Hashes the last piece, however short. Nothing may be appended after it. Fails as check() does, of
	// reads.
	result<std::vector<lt::sha1_hash>> finish();

	// The pieces' seals (storage/device/piece_seal.hpp), after finish(), once.
	std::vector<piece_seal> take_seals() { return std::move(m_seals); }

private:
	using buffer = std::unique_ptr<page_buffer>;

	struct pending_read
	{
		device_offset from;
		std::size_t begin = 0; // in the piece
		std::size_t length = 0;
	};

	struct full_piece
	{
		buffer bytes;
		std::size_t length = 0;
		std::size_t index = 0; // in m_hashes
		std::vector<pending_read> reads;
	};

	// The read that failed, of the piece that comes first.
	struct failed_read
	{
		std::size_t index = 0;
		error what;
	};

	buffer take_buffer();
	void hand_over();
	void hash_pieces();
	bool can_begin() const; // the mutex is held
	full_piece take_piece(std::unique_lock<std::mutex>& lock);
	void read_piece(full_piece& piece, std::unique_lock<std::mutex>& lock);
	void append_piece_of_zeros();

	std::size_t const m_piece_size;
	piece_input const m_input;
	int const m_readers;
	std::size_t const m_max_buffers;

	// Used by the calling thread only.
	buffer m_current;
	std::size_t m_filled = 0;
	std::vector<pending_read> m_reads; // into the current piece
	std::size_t m_allocated = 0;
	piece_sink* const m_sink;
	std::vector<char> m_zeros; // a piece, once one was needed
	lt::sha1_hash m_hash_of_zeros;
	piece_seal m_seal_of_zeros = 0;

	std::mutex m_mutex;
	std::condition_variable m_changed_for_caller;
	std::condition_variable m_changed_for_threads;
	std::vector<buffer> m_free;
	std::deque<full_piece> m_waiting;
	std::vector<lt::sha1_hash> m_hashes;
	std::vector<piece_seal> m_seals; // as many
	std::size_t m_unhashed = 0; // pieces handed over and not hashed yet
	int m_reading = 0; // threads
	std::optional<failed_read> m_failed;
	bool m_stop = false;

	std::vector<std::thread> m_threads; // last: they use all of the above
};

} // namespace rawswarm
