// SPDX-License-Identifier: BSD-3-Clause
#include "storage/backend/sealed_pieces.hpp"

#include <algorithm>
#include <vector>

namespace rawswarm
{

namespace
{

// As many blocks at once as a hash reads, so that nobody waits for a whole piece.
result<bool> passes_by_frames(
	storage_target& target, lt::piece_index_t const piece, piece_seal const expected)
{
	auto const number = static_cast<std::uint64_t>(static_cast<int>(piece));
	auto const first = number * static_cast<std::uint64_t>(blocks_in(target.info().piece_length()));
	auto const blocks = static_cast<std::uint64_t>(blocks_in(target.info().piece_size(piece)));
	constexpr std::uint64_t most = piece_hasher::read_back_blocks;
	seal_sum sum;
	std::vector<char> frames;
	for (std::uint64_t i = 0; i < blocks; i += most)
	{
		storage_target::reading const turn(target);
		BOOST_OUTCOME_TRYV(target.device().read_frames(first + i, std::min(most, blocks - i), frames));
		sum.update(frames);
	}
	return sum.value() == expected;
}

} // namespace

piece_seals const* usable_seals(open_storage& storage, hash_request const& request)
{
	bool const may_be = request.v1 && request.v2.empty() && !request.anew && storage.untouched.holds();
	auto const* const seals = may_be ? storage.target->seals() : nullptr;
	if (seals == nullptr)
	{
		return nullptr;
	}
	bool const has_frames = storage.target->device().has_frames() && !seals->frames.empty();
	return has_frames || !seals->raw.empty() ? seals : nullptr;
}

result<bool> passes_seal(open_storage& storage, piece_seals const& seals, lt::piece_index_t const piece,
	piece_hasher& hasher, hash_request const& request, disk_stats& stats)
{
	auto& target = *storage.target;
	auto const i = static_cast<std::size_t>(static_cast<int>(piece));
	if (target.device().has_frames() && !seals.frames.empty())
	{
		stats.blocks_sealed.fetch_add(blocks_in(target.info().piece_size(piece)), std::memory_order_relaxed);
		return passes_by_frames(target, piece, seals.frames[i]);
	}
	seal_sum sum;
	auto sealed = request;
	sealed.seal = &sum;
	BOOST_OUTCOME_TRYV(hasher.finish(storage.key(piece), target, sealed));
	return sum.value() == seals.raw[i];
}

} // namespace rawswarm
