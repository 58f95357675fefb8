// SPDX-License-Identifier: BSD-3-Clause
// One torrent and the device that it is written to or served from, with what has become of its bytes.
//
// The agent makes it, with the device opened and every check done, and hands it to the backend by the
// name that it gives libtorrent as save path. Lives as long as one of them holds it. All members
// are thread-safe. Sizes in bytes; pad files count nowhere.
#pragma once

#include "base/result.hpp"
#include "storage/device/block_device.hpp"
#include "storage/device/device_profile.hpp"
#include "storage/device/extent_map.hpp"

#include <libtorrent/sha1_hash.hpp>
#include <libtorrent/torrent_info.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

namespace rawswarm
{

// A block of the torrent.
struct block_place
{
	lt::piece_index_t piece{0};
	block_index block;
};

class storage_target
{
public:
	// on_error: called once, with the first error, from any thread; must not block.
	storage_target(std::shared_ptr<block_device> device, std::shared_ptr<lt::torrent_info const> info,
		extent_map extents, std::function<void(error const&)> on_error);

	// Whether what is on the device is hashed first, and kept where it is right. Set before the torrent
	// is added.
	bool check_existing = false;

	// Whether a piece that differs from the torrent ends the target (fault::verification): what is served
	// must be the image. Set before the torrent is added.
	bool must_match = false;

	// How the device wants to be written to. Set before the torrent is added.
	device_profile profile;

	block_device& device() { return *m_device; }
	lt::torrent_info const& info() const { return *m_info; }
	extent_map const& extents() const { return m_extents; }

	// The first error ends the target: nothing is written any more, and it is never done.
	void fail(error e);
	bool failed() const { return m_failed.load(std::memory_order_acquire); }
	std::optional<error> first_error() const;

	// A block arrived: its piece is no longer verified, and it is not on the device, although an older
	// copy of it may be. No older copy may be on its way to the device any more.
	void block_arrived(lt::piece_index_t piece, block_index block);

	// The device accepted blocks without error.
	void blocks_written(std::span<block_place const> blocks);

	// A piece was hashed. Compares with the torrent's own hash, so that "done" does not hang on
	// anyone else's bookkeeping. from_device: all of it was read from the device.
	void piece_hashed(lt::piece_index_t piece, lt::sha1_hash const& hash, bool from_device);

	// Makes all that was written so far safe. On success synced() is what written() was before.
	result<void> sync();

	std::int64_t total() const { return static_cast<std::int64_t>(m_extents.total()); }
	std::int64_t verified() const { return m_verified_bytes.load(std::memory_order_relaxed); }
	std::int64_t written() const { return m_written_bytes.load(std::memory_order_relaxed); }
	std::int64_t synced() const { return m_synced_bytes.load(std::memory_order_relaxed); }
	std::int64_t arrived() const { return m_arrived_bytes.load(std::memory_order_relaxed); } // from peers
	std::vector<bool> verified_pieces() const;

	// Every piece passed its hash, every block is on the device, and nothing failed. Still to be synced.
	bool complete() const;

private:
	std::int64_t device_bytes(lt::piece_index_t piece, int offset, int length) const;
	void set_written(lt::piece_index_t piece, block_index block, bool is, std::unique_lock<std::mutex>& l);
	std::size_t block_number(lt::piece_index_t piece, block_index block) const;
	int blocks_in_piece(lt::piece_index_t piece) const;

	std::shared_ptr<block_device> m_device;
	std::shared_ptr<lt::torrent_info const> m_info;
	extent_map m_extents;
	std::function<void(error const&)> m_on_error;

	mutable std::mutex m_mutex;
	std::optional<error> m_error;
	std::vector<bool> m_verified; // by piece
	std::vector<bool> m_written; // by block

	std::atomic<bool> m_failed{false};
	std::atomic<int> m_verified_pieces{0};
	std::atomic<std::int64_t> m_verified_bytes{0};
	std::atomic<std::int64_t> m_written_bytes{0};
	std::atomic<std::int64_t> m_synced_bytes{0};
	std::atomic<std::int64_t> m_arrived_bytes{0};
};

} // namespace rawswarm
