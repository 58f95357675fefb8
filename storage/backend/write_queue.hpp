// SPDX-License-Identifier: BSD-3-Clause
// Which pieces of one target wait to be written, and which of them comes next on the device.
//
// A piece enters when its first block becomes dirty, and is *ready* when it is worth a write: enough blocks
// have gathered, it is complete, or it is old. Writers take *chains*: ready pieces that lie next to each
// other on the device, to be written as one run.
//
// Chains are taken in ascending order from where the last one ended, and again from the start (one sweep
// after the other), so that a device with one writer makes no seek that the order could save. Where seeks
// cost more than that saves (a rotational disk), chains that cannot grow any more, because their neighbours
// are written already, come first, and of those the longest: the others wait for their neighbours, and each
// one that comes saves a seek.
//
// Old partial pieces (flush_reason::age) are taken once no other piece is ready, because a part of a piece
// costs an additional write. When memory is urgent (backpressure.hpp), pieces that are not ready are taken as
// well, once no ready one is left. A flush makes what waits ready, so that it is written by the same writers
// and in the same order, and is told once all of it is done.
//
// Holds keys and locations only: no blocks, no I/O, no threads. Thread-safe. Each call happens per piece, not
// per block, and costs the logarithm of the number of pieces that wait, or that number on a rotational disk.
#pragma once

#include "base/mutex.hpp"
#include "storage/backend/disk_stats.hpp"
#include "storage/backend/piece_key.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace rawswarm
{

// Where a piece lies on the device. A piece in several extents counts by its two ends.
struct piece_location
{
	piece_key key;
	device_offset begin;
	device_offset end;
	int blocks = 0;
};

// Pieces that one writer took, and gives back by done(), whether they were written or not.
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

	// The piece has dirty blocks since now. Does nothing if it waits already.
	void add(piece_location const& location, steady_time now);

	// The piece is worth a write. Does nothing if it does not wait.
	void set_ready(piece_location const& location, flush_reason reason);

	struct old_piece
	{
		piece_location location;
		int postponed = 0; // times
	};

	// Pieces that wait, are not ready and were added or postponed before this time. Each is returned once.
	std::vector<old_piece> older_than(steady_time time);

	// Lets older_than() return the piece once more, when it has aged again.
	void postpone(piece_location const& location, steady_time now);

	// When the piece that has waited longest was added or postponed.
	std::optional<steady_time> oldest() const;

	// What a writer may be given.
	enum class takes : std::uint8_t
	{
		flushed, // only what a flush waits for
		ready,
		all // memory is urgent
	};

	// Whether another writer may start, as long as no more than `writers` are at work. If so, it counts until
	// a take() returns nothing to it.
	bool start_writer(int writers, takes what);

	// The next chain, or nothing: then the writer has ended.
	std::optional<write_chain> take(takes what);

	void done(write_chain const& chain);

	// Makes all that waits ready, or the piece if it waits, and calls `then` once that and every chain that
	// was taken before this call is done: at once, or from the done() of the last of them. Writers are to be
	// started.
	void flush(std::function<void()> then);
	void flush(piece_location const& location, std::function<void()> then);

	// Calls f once every chain that was taken before this call is done: at once, or from the done() of the
	// last of them. Nobody has to wait for a device that hangs.
	void when_done(std::function<void()> f);

	bool empty() const;

	// Ends the program if the lists of pieces disagree.
	void check_invariants() const;

private:
	struct waiting
	{
		piece_location location;
		steady_time since;
		std::optional<flush_reason> ready;
		int postponed = 0;
		bool flushed = false; // a flush waits for it
	};

	// Several pieces of padding alone lie at the same offset: the number tells them apart.
	using position = std::pair<device_offset, lt::piece_index_t>;
	using waiting_map = std::map<position, waiting>;

	// What was not yet taken of that for which it waits.
	struct waiting_flush
	{
		std::set<position> pieces;
		std::function<void()> then;
	};

	static position position_of(piece_location const& l) { return {l.begin, l.key.piece}; }
	bool has(takes what) const REQUIRES(m_mutex);
	write_chain take_chain(waiting_map::iterator at, takes what) REQUIRES(m_mutex);
	void mark_flushed(waiting_map::value_type& piece) REQUIRES(m_mutex);
	void taken(position const& piece) REQUIRES(m_mutex);
	void pass_flushes_on() REQUIRES(m_mutex);
	position next_of(std::set<position> const& pieces) const REQUIRES(m_mutex);
	position finished_ready() const REQUIRES(m_mutex);
	int open_ends(device_offset begin, device_offset end) const REQUIRES(m_mutex);
	void add_written(device_offset begin, device_offset end) REQUIRES(m_mutex);
	void forget_gone() REQUIRES(m_mutex);
	void check_lists() const REQUIRES(m_mutex);
	void check_after_change() const REQUIRES(m_mutex);

	int const m_max_blocks;
	order const m_order;
	mutable mutex m_mutex;
	waiting_map m_waiting GUARDED_BY(m_mutex);
	std::set<position> m_ready GUARDED_BY(m_mutex);
	std::set<position> m_old GUARDED_BY(m_mutex); // ready because of their age only
	std::set<position> m_flushed GUARDED_BY(m_mutex); // some of those that are ready
	std::list<waiting_flush> m_flushes GUARDED_BY(m_mutex);
	// may name pieces that no longer wait: to search for them whenever one is taken would cost more
	std::deque<std::pair<steady_time, position>> m_by_age GUARDED_BY(m_mutex);
	position m_head GUARDED_BY(m_mutex){}; // where the last chain ended
	// begin to end of everything that was taken; adjacent ranges are one
	std::map<device_offset, device_offset> m_written GUARDED_BY(m_mutex);
	int m_writers GUARDED_BY(m_mutex) = 0;
	std::uint64_t m_last_number GUARDED_BY(m_mutex) = 0;
	std::set<std::uint64_t> m_under_way GUARDED_BY(m_mutex); // numbers of chains that are not done
	// by the last chain that it waits for
	std::multimap<std::uint64_t, std::function<void()>> m_when_done GUARDED_BY(m_mutex);
};

} // namespace rawswarm
