// SPDX-License-Identifier: BSD-3-Clause
// Seals: a checksum of each piece that whoever made the torrent wrote down beside its hash, for the seeder
// alone.
//
// A seal tells damage from what is right as a hash does, but not a forger, for a small part of its time.
// Peers do not know of seals: they hash what they get.
//
// The checksum is XXH64 with the seed 0 (xxHash's doc/xxhash_spec.md), as zstd's frames have it of their
// content.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace rawswarm
{

using piece_seal = std::uint64_t;

// The seal of bytes that come in parts. One thread at a time.
class seal_sum
{
public:
	void update(std::span<char const> bytes);
	piece_seal value() const;

private:
	static constexpr std::size_t lanes = 4;
	static constexpr std::size_t stripe = lanes * sizeof(std::uint64_t); // bytes

	void add_stripe(char const* bytes);

	std::array<std::uint64_t, lanes> m_lanes = first_lanes();
	std::array<char, stripe> m_rest{}; // the start of a stripe
	std::size_t m_rest_length = 0;
	std::uint64_t m_length = 0; // of all so far

	static std::array<std::uint64_t, lanes> first_lanes();
};

piece_seal seal_of(std::span<char const> bytes);

// By piece; a list is empty if nobody has written it.
struct piece_seals
{
	std::vector<piece_seal> raw; // of the pieces' bytes
	std::vector<piece_seal> frames; // of the frames of each piece in one compressed image (seek_table.hpp)
};

} // namespace rawswarm
