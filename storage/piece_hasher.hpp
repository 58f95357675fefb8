// Hashes a piece from the blocks that are in memory, and reads from the device only what is not.
//
// Blocking; called by worker threads, several at once. What it reads back goes through a buffer of its
// own a thread (read_back_bytes), not through the pool.
#pragma once

#include "storage/block_cache.hpp"
#include "storage/disk_stats.hpp"
#include "storage/storage_target.hpp"

#include <libtorrent/sha1_hash.hpp>
#include <libtorrent/span.hpp>

namespace rawswarm
{

struct piece_digest
{
	lt::sha1_hash v1; // all zeros if it was not asked for
	bool from_device = false; // no block of it came from memory
};

inline constexpr int read_back_bytes = 256 * 1024;

// v2: empty, or room for the SHA-256 of each block (BEP 52).
result<piece_digest> hash_piece(block_cache& cache, storage_target& target, piece_key key, bool want_v1,
	lt::span<lt::sha256_hash> v2, disk_stats& stats);

// The SHA-256 of one block (BEP 52).
result<lt::sha256_hash> hash_block(
	block_cache& cache, storage_target& target, piece_key key, block_index block);

} // namespace rawswarm
