// SPDX-License-Identifier: BSD-3-Clause
// What blocks held that left memory before their piece was hashed, as a sum of each: what is read back from
// the device for the hash can be told from what came.
//
// Without it a device that returns other bytes than were written looks like a peer that sent them, which is
// then banned. Sums are of this process alone, and no defence: whoever can choose the bytes gains nothing.
// Pure; one thread at a time.
#pragma once

#include "storage/backend/piece_key.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>

namespace rawswarm
{

class evicted_sums
{
public:
	void add(piece_key key, block_index block, std::span<char const> bytes);

	// A newer copy of the block is in memory.
	void forget(piece_key key, block_index block);
	void forget(piece_key key);
	void forget(std::uint32_t storage);

	struct sum
	{
		std::size_t length = 0;
		std::size_t value = 0;

		// Whether the bytes are others. False for fewer than there were.
		bool differs_from(std::span<char const> bytes) const;
	};

	// Of what the block held. Empty: that is not known.
	std::optional<sum> find(piece_key key, block_index block) const;

private:
	std::unordered_map<piece_key, std::unordered_map<int, sum>, piece_key_hash> m_pieces;
};

} // namespace rawswarm
