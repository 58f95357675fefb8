// SPDX-License-Identifier: BSD-3-Clause
// One torrent and the device that it is written to or served from, with the progress of its bytes.
//
// The agent makes it, with the device opened and every check done, and hands it to the backend by the
// name that it gives libtorrent as save path. Lives as long as one of them holds it. All members
// are thread-safe. Sizes in bytes; pad files count nowhere.
#pragma once

#include "base/first_error.hpp"
#include "base/mutex.hpp"
#include "base/result.hpp"
#include "storage/backend/piece_key.hpp"
#include "storage/backend/turns.hpp"
#include "storage/device/block_device.hpp"
#include "storage/device/device_profile.hpp"
#include "storage/device/extent_map.hpp"
#include "storage/device/piece_seal.hpp"

#include <libtorrent/sha1_hash.hpp>
#include <libtorrent/torrent_info.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <vector>

namespace rawswarm
{

struct target_options
{
	// How the device wants to be written to.
	device_profile profile = {};

	// libtorrent hashes the device first, and keeps the pieces that are right.
	bool check_existing = false;

	// A piece that differs from the torrent ends the target (fault::verification): a seed must serve the
	// image.
	bool must_match = false;

	// Told, from any thread, of each piece that differs or cannot be read, once; must not block. The target
	// then goes on without the piece. Not set: such a piece ends the target.
	std::function<void(lt::piece_index_t piece, error const&)> on_bad_piece = {};

	// By which pieces are checked before they are first sent, where a hash would do as well. Empty: by hash.
	piece_seals seals = {};
};

class storage_target
{
public:
	// on_error: called once, with the first error, from any thread; must not block.
	storage_target(std::unique_ptr<block_device> device, std::shared_ptr<lt::torrent_info const> info,
		extent_map extents, target_options options, std::function<void(error const&)> on_error);

	target_options const& options() const { return m_options; }
	device_profile const& profile() const { return m_options.profile; }
	// Writes and reads that may be under way at once, whatever they are for: the profile's until they are
	// changed. The reads of a check or a readback, while nothing else reads, have the profile's own number.
	int writers() const { return m_writers.load(std::memory_order_relaxed); }
	int readers() const { return m_readers.load(std::memory_order_relaxed); }
	void set_writers(int const n) { m_writers.store(n, std::memory_order_relaxed); }
	void set_readers(int const n) { m_readers.store(n, std::memory_order_relaxed); }
	block_device& device() { return *m_device; }

	// Held by a thread while it reads from the device for a peer or to hash: waits for a place among
	// readers().
	class reading
	{
	public:
		explicit reading(storage_target& target)
			: m_turns(target.m_reads)
		{
			m_turns.begin([&target] { return target.readers(); });
		}
		~reading() { m_turns.end(); }
		reading(reading const&) = delete;
		reading& operator=(reading const&) = delete;

	private:
		turns& m_turns;
	};

	lt::torrent_info const& info() const { return *m_info; }
	extent_map const& extents() const { return m_extents; }

	// Nobody uses the device any more, which is closed: others may claim it.
	void close_device() { m_device.reset(); }

	// The first error ends the target: no further write begins, and it is never complete.
	void fail(error const& e);
	bool failed() const { return m_error.is_set(); }
	std::optional<error> first_error() const { return m_error.get(); }

	// Of several targets of one torrent: this one has got what it wanted and is neither written to nor read
	// for peers any more, while others go on.
	void leave();
	bool has_ended() const { return failed() || m_has_left.load(std::memory_order_relaxed); }

	// Called once the target fails or leaves, from any thread; must neither block nor call the target. Empty:
	// nobody is told.
	void set_on_end(std::function<void()> on_end);

	// Has what lies at or behind this offset wait in memory as long as there is room, until release_writes():
	// what lies before it is to be looked at first. It is written all the same when memory runs short, and
	// when the torrent stops; a flush waits for the release, or for the target's end.
	void hold_writes_behind(device_offset const end) { m_held_behind.store(end.bytes); }
	void release_writes() { m_held_behind.store(not_held); }
	bool holds_writes() const { return m_held_behind.load(std::memory_order_relaxed) != not_held; }
	bool holds_piece(lt::piece_index_t piece) const; // no part of it lies before the offset

	// A write begins there: whether it goes on where the one before it ended. The first one does not.
	bool goes_on_at(device_offset const offset, std::uint64_t const length)
	{
		return m_write_head.exchange((offset + length).bytes, std::memory_order_relaxed) == offset.bytes;
	}

	// Whether arrived() counts: of several targets of one torrent one counts what came.
	void count_arrivals(bool const counts) { m_counts_arrivals.store(counts, std::memory_order_relaxed); }

	// A piece differs, or a read of it for a peer or a hash failed. Ends the target unless on_bad_piece is
	// set.
	void bad_piece(lt::piece_index_t piece, error const& e);

	// Pieces that differ or cannot be read, of a target that goes on without them.
	int bad_pieces() const;

	// nullptr: there are none, or they turned out to be of something else.
	piece_seals const* seals() const
	{
		return m_has_seals.load(std::memory_order_relaxed) ? &m_options.seals : nullptr;
	}

	// A piece that is right does not pass its seal.
	void drop_seals() { m_has_seals.store(false, std::memory_order_relaxed); }

	// A block arrived: its piece is no longer verified, and the block is not on the device, although an older
	// copy of it may be. No older copy may still be on its way to the device.
	void block_arrived(lt::piece_index_t piece, block_index block);

	// A newer copy of the block is in memory than the one that was written.
	void block_came_again(block_ref block);

	// The device accepted blocks without error.
	void blocks_written(std::span<block_ref const> blocks);

	// A piece was hashed. Compares with the torrent's own hash, so that complete() does not depend on
	// libtorrent's bookkeeping. from_device: all of the piece was read from the device.
	void piece_hashed(lt::piece_index_t piece, lt::sha1_hash const& hash, bool from_device);

	// Makes everything that was written before the call last. On success synced() is what written() was then.
	result<void> sync();

	std::int64_t total() const { return static_cast<std::int64_t>(m_extents.total()); }
	std::int64_t verified() const { return m_verified_bytes.load(std::memory_order_relaxed); }
	std::int64_t written() const { return m_written_bytes.load(std::memory_order_relaxed); }
	std::int64_t synced() const { return m_synced_bytes.load(std::memory_order_relaxed); }
	std::int64_t arrived() const { return m_arrived_bytes.load(std::memory_order_relaxed); } // from peers
	std::vector<bool> verified_pieces() const;

	// Everything below `end` that the torrent has is on the device, and passed its hash.
	bool has_below(device_offset end) const;

	// Every piece passed its hash, the device accepted every block, and nothing failed. A sync is still due.
	bool complete() const;

private:
	static constexpr std::uint64_t not_held = std::numeric_limits<std::uint64_t>::max();
	static constexpr std::uint64_t nowhere = std::numeric_limits<std::uint64_t>::max();

	void tell_end();
	std::int64_t device_bytes(lt::piece_index_t piece, int offset, int length) const;
	void set_written(lt::piece_index_t piece, block_index block, bool is) REQUIRES(m_mutex);
	std::size_t block_number(lt::piece_index_t piece, block_index block) const;

	std::unique_ptr<block_device> m_device;
	std::shared_ptr<lt::torrent_info const> m_info;
	extent_map m_extents;
	target_options const m_options;
	std::function<void(error const&)> m_on_error;
	rawswarm::first_error m_error;

	std::atomic<std::uint64_t> m_held_behind{not_held};
	std::atomic<std::uint64_t> m_write_head{nowhere}; // where the last write ends
	std::atomic<bool> m_has_left{false};
	std::atomic<bool> m_has_seals{!m_options.seals.raw.empty() || !m_options.seals.frames.empty()};
	std::atomic<bool> m_counts_arrivals{true};
	mutex m_end_mutex;
	std::function<void()> m_on_end GUARDED_BY(m_end_mutex);

	mutable mutex m_mutex;
	std::vector<bool> m_verified GUARDED_BY(m_mutex); // by piece
	std::vector<bool> m_written GUARDED_BY(m_mutex); // by block
	std::set<lt::piece_index_t> m_bad GUARDED_BY(m_mutex);

	std::atomic<int> m_verified_pieces{0};
	std::atomic<std::int64_t> m_verified_bytes{0};
	std::atomic<std::int64_t> m_written_bytes{0};
	std::atomic<std::int64_t> m_synced_bytes{0};
	std::atomic<std::int64_t> m_arrived_bytes{0};

	std::atomic<int> m_writers{m_options.profile.writers};
	std::atomic<int> m_readers{m_options.profile.readers};
	turns m_reads;
};

} // namespace rawswarm
