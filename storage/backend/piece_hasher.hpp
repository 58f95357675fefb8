// SPDX-License-Identifier: BSD-3-Clause
// Hashes pieces while their blocks arrive, from memory, and reads from the device only blocks that were
// evicted.
//
// Blocks are hashed as soon as hash_step of them follow the last one that is hashed already: they are still
// in the processor's cache, a complete piece needs only its last blocks, and blocks that are evicted later
// need not be read back. Pieces are hashed in parallel, each by one thread at a time.
#pragma once

#include "base/mutex.hpp"
#include "storage/backend/block_cache.hpp"
#include "storage/backend/disk_stats.hpp"
#include "storage/backend/never_written.hpp"
#include "storage/backend/storage_target.hpp"
#include "storage/device/piece_seal.hpp"

#include <libtorrent/hasher.hpp>
#include <libtorrent/sha1_hash.hpp>
#include <libtorrent/span.hpp>

#include <atomic>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include <sys/uio.h>

namespace rawswarm
{

struct piece_digest
{
	lt::sha1_hash v1; // all zeros if it was not asked for
	bool from_device = false; // no block of it came from memory
};

struct hash_request
{
	bool v1 = true;

	// Empty, or space for the SHA-256 of each block (BEP 52). A piece in which a file ends has fewer of them
	// than v1 has blocks.
	lt::span<lt::sha256_hash> v2 = {};

	// Hash the piece as it is on the device, whatever was hashed while it arrived.
	bool anew = false;

	// Blocks that are read back stay in the cache, for peers, while this holds. nullptr: they do not.
	never_written* kept_while = nullptr;

	// Of a piece that was never written: its bytes are added to this in place of the hash, which stays zeros.
	seal_sum* seal = nullptr;
};

class piece_hasher
{
public:
	// Blocks. 256 KiB stay in the processor's cache, and take so long to hash that the cost of a job does not
	// count. Initial value, not measured.
	static constexpr int hash_step = 16;

	// Blocks that one thread reads back at once, into the pool as far as it has room.
	static constexpr int read_back_blocks = 16;

	piece_hasher(block_cache& cache, disk_stats& stats)
		: m_cache(cache)
		, m_stats(stats)
	{}

	// Network thread: the block is in memory. True if it is time to advance() the piece.
	bool block_arrived(piece_key key, block_index block, int blocks_in_piece);

	// Any thread: forgets the hash of the piece so far.
	void reset(piece_key key);
	void reset(std::uint32_t storage);

	// Worker: hashes the blocks of the piece that have arrived.
	void advance(piece_key key, storage_target& target);

	// Worker: hashes the rest, and forgets the piece. Reads back blocks that are not in memory.
	// fault::verification: the device returns other bytes than it was given, which is not the sender's fault.
	result<piece_digest> finish(piece_key key, storage_target& target, hash_request const& request);

	// Worker: the SHA-256 of one block (BEP 52).
	result<lt::sha256_hash> hash_block(piece_key key, storage_target& target, block_index block);

private:
	struct progress
	{
		// network thread
		std::vector<bool> arrived;
		int scheduled = 0; // blocks for which advance() was asked for

		std::atomic<int> contiguous{0}; // blocks that have arrived, from the first one on

		mutex hashing; // held by the thread that hashes the piece
		lt::hasher sum GUARDED_BY(hashing);
		int hashed GUARDED_BY(hashing) = 0; // blocks
	};

	std::shared_ptr<progress> find(piece_key key);
	result<void> compare_with_evicted(
		piece_key key, storage_target& target, int block, iovec const& bytes) const;
	void hash_from_memory(piece_key key, storage_target& target, progress& p) REQUIRES(p.hashing);
	void keep(never_written& untouched, piece_key key, int first, std::span<iovec const> blocks);
	// Blocks from the first on that are not in memory, which it is not, as many as are read at once.
	int missing_from(piece_key key, int first, int blocks) const;
	result<piece_digest> finish(
		piece_key key, storage_target& target, hash_request const& request, progress& p) REQUIRES(p.hashing);

	block_cache& m_cache;
	disk_stats& m_stats;
	mutex m_mutex;
	std::unordered_map<piece_key, std::shared_ptr<progress>, piece_key_hash> m_pieces GUARDED_BY(m_mutex);
};

} // namespace rawswarm
