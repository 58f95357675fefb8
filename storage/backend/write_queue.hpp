// SPDX-License-Identifier: BSD-3-Clause
// Which pieces of one target wait to be written, and which of them comes next on the device.
//
// A piece is entered when its first block becomes dirty, and is *ready* when it is worth a write: enough has
// gathered, it is complete, or old. Whoever writes takes *chains*: pieces that lie next to each other on the
// device and are all ready, to be written as one run. Chains are taken in ascending order from where the last
// one ended, and again from the start (one sweep after the other), so that a device with one writer sees no
// seek that the order could save. Where a seek costs more than the order of seeks can save (a disk with an
// arm), chains that can not grow any more, as what lies beside them is written already, come first, and of
// those the longest: the others wait for their neighbours, which saves a seek each time that one comes. When
// memory is short, pieces that are not ready are taken as well, once no ready one is left. Old partial pieces
// (flush_reason::age) lie between: they are taken once no piece is ready, since to write a part of a piece
// costs a write more.
//
// Holds keys and places only: no blocks, no I/O, no threads. Thread-safe. Each call happens per piece, not
// per block, and costs the logarithm of the number of pieces that wait, or that number where seeks cost most.
#pragma once

#include "storage/backend/disk_stats.hpp"
#include "storage/backend/piece_key.hpp"

#include <chrono>
#include <compare>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace rawswarm
{

// Where a piece lies on the device. A piece that is spread over several extents counts by its two ends.
struct piece_place
{
	piece_key key;
	device_offset begin;
	device_offset end;
	int blocks = 0;
};

// Pieces that one writer took. Written or not, it is given back by done().
struct write_chain
{
	std::uint64_t number = 0; // in the order of taking
	flush_reason reason{};
	std::vector<piece_key> pieces; // in the order of the device
};

class write_queue
{
public:
	enum class order : std::uint8_t
	{
		sweeps,
		fewest_seeks
	};

	// max_blocks: the longest chain, unless it is one piece.
	explicit write_queue(int max_blocks, order o = order::sweeps)
		: m_max_blocks(max_blocks)
		, m_order(o)
	{}

	// The piece has dirty blocks since now. Nothing happens if it waits already.
	void add(piece_place const& place, steady_time now);

	// The piece, which waits (else nothing happens), is worth a write.
	void set_ready(piece_place const& place, flush_reason reason);

	struct old_piece
	{
		piece_place place;
		int postponed = 0; // times
	};

	// Pieces that wait, are not ready and were added or postponed before this time. Each is returned once.
	std::vector<old_piece> older_than(steady_time time);

	// The piece, which older_than() returned, is to be returned again when its time is up once more.
	void postpone(piece_place const& place, steady_time now);

	// When the one that waits longest of those was added.
	std::optional<steady_time> oldest() const;

	// Whether another writer may start, as long as no more than `writers` are at work. If so, it counts until
	// a take() gives it nothing.
	bool start_writer(int writers, bool memory_short);

	// The next chain, or nothing: then the writer has ended.
	std::optional<write_chain> take(bool memory_short);

	// Takes what waits, ready or not, without being a writer; nothing if nothing is left.
	std::optional<write_chain> take_any();

	// The piece, if it waits.
	std::optional<write_chain> take_piece(piece_place const& place);

	void done(write_chain const& chain);

	// Returns when no chain is under way that was taken before the call.
	void wait_done();

	bool empty() const;

private:
	struct waiting
	{
		piece_place place;
		steady_time since;
		std::optional<flush_reason> ready;
		int postponed = 0;
	};

	using lock = std::unique_lock<std::mutex>;
	using position = std::pair<device_offset, lt::piece_index_t>;
	using waiting_map = std::map<position, waiting>;

	static position of(piece_place const& p) { return {p.begin, p.key.piece}; }
	write_chain take_chain(waiting_map::iterator at, bool ready_only, lock& l);
	std::optional<write_chain> take_next(bool memory_short, lock& l);
	position next_ready(lock& l) const;
	position finished_ready(lock& l) const;
	int open_ends(device_offset begin, device_offset end, lock& l) const;
	void add_written(device_offset begin, device_offset end, lock& l);
	void forget_gone(lock& l);

	int const m_max_blocks;
	order const m_order;
	mutable std::mutex m_mutex;
	std::condition_variable m_done;
	waiting_map m_waiting;
	std::set<position> m_ready;
	std::set<position> m_old; // ready for their age alone
	std::deque<std::pair<steady_time, position>> m_by_age; // may name pieces that are no longer waiting
	position m_head{};
	std::map<device_offset, device_offset> m_written; // begin to end, what was taken; adjacent ones are one
	int m_writers = 0;
	std::uint64_t m_last_number = 0;
	std::set<std::uint64_t> m_under_way;
};

} // namespace rawswarm
