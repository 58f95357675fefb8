// SPDX-License-Identifier: BSD-3-Clause
// Hashes pieces while their blocks arrive, from memory, and reads from the device only what is not there.
//
// Blocks are hashed as soon as hash_step of them lie next to each other behind what is hashed already: they
// are warm then, a piece that is complete needs only its last ones, and blocks that memory has to give up
// later need not be read back. Pieces are hashed in parallel, each by one thread at a time.
#pragma once

#include "storage/backend/block_cache.hpp"
#include "storage/backend/disk_stats.hpp"
#include "storage/backend/storage_target.hpp"

#include <libtorrent/hasher.hpp>
#include <libtorrent/sha1_hash.hpp>
#include <libtorrent/span.hpp>

#include <atomic>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

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

	// Empty, or room for the SHA-256 of each block (BEP 52), of which a piece that a file ends in has fewer
	// than for v1.
	lt::span<lt::sha256_hash> v2 = {};

	// What is on the device counts, not what was hashed while it arrived.
	bool anew = false;
};

class piece_hasher
{
public:
	// 256 KiB: of use to the processor's cache, and many enough that a job is nothing beside it. A seed
	// design.
	static constexpr int hash_step = 16;

	piece_hasher(block_cache& cache, disk_stats& stats)
		: m_cache(cache)
		, m_stats(stats)
	{}

	// Network thread: the block is in memory. True if it is time to advance() the piece.
	bool block_arrived(piece_key key, block_index block, int blocks_in_piece);

	// Any thread: forgets what was hashed of the piece.
	void reset(piece_key key);
	void reset(std::uint32_t storage);

	// Worker: hashes what has arrived of the piece.
	void advance(piece_key key, storage_target& target);

	// Worker: hashes the rest, and forgets the piece. Reads back what is not in memory.
	result<piece_digest> finish(piece_key key, storage_target& target, hash_request const& request);

	// Worker: the SHA-256 of one block (BEP 52).
	result<lt::sha256_hash> hash_block(piece_key key, storage_target& target, block_index block);

private:
	struct progress
	{
		// network thread
		std::vector<bool> arrived;
		int scheduled = 0; // blocks that advance() was asked for

		std::atomic<int> contiguous{0}; // blocks that have arrived, from the first one on

		std::mutex hashing; // held by the thread that hashes the piece
		lt::hasher sum;
		int hashed = 0; // blocks
	};

	std::shared_ptr<progress> find(piece_key key);
	void hash_from_memory(
		piece_key key, storage_target& target, progress& p, std::unique_lock<std::mutex>& l);

	block_cache& m_cache;
	disk_stats& m_stats;
	std::mutex m_mutex;
	std::unordered_map<piece_key, std::shared_ptr<progress>, piece_key_hash> m_pieces;
};

} // namespace rawswarm
