// SPDX-License-Identifier: BSD-3-Clause
// Seals: a checksum of each piece that whoever made the torrent wrote down beside its hash, for the seeder
// alone.
//
// A seal tells damage from what is right as a hash does, but not a forger, for a small part of its time.
// Peers do not know of seals: they hash what they get.
//
// The checksum is XXH64 with the seed 0 (xxHash's doc/xxhash_spec.md), as zstd's frames have it of their
// content. xxHash computes it.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace rawswarm
{

using piece_seal = std::uint64_t;

// The seal of bytes that come in parts. One thread at a time.
class seal_sum
{
public:
	seal_sum();
	~seal_sum();
	seal_sum(seal_sum const&) = delete;
	seal_sum& operator=(seal_sum const&) = delete;

	void update(std::span<char const> bytes);
	piece_seal value() const; // of all so far

private:
	struct state; // xxHash's
	std::unique_ptr<state> m_state;
};

piece_seal seal_of(std::span<char const> bytes);

// By piece; a list is empty if nobody has written it.
struct piece_seals
{
	std::vector<piece_seal> raw; // of the pieces' bytes
	std::vector<piece_seal> frames; // of the frames of each piece in one compressed image (seek_table.hpp)
};

} // namespace rawswarm
