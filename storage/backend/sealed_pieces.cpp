// SPDX-License-Identifier: BSD-3-Clause
#include "storage/backend/sealed_pieces.hpp"

#include <vector>

namespace rawswarm
{

namespace
{

bool passes_by_frames(storage_target& target, lt::piece_index_t const piece, piece_seal const expected)
{
	auto const number = static_cast<std::uint64_t>(static_cast<int>(piece));
	auto const per_piece = static_cast<std::uint64_t>(blocks_in(target.info().piece_length()));
	auto const blocks = static_cast<std::uint64_t>(blocks_in(target.info().piece_size(piece)));
	storage_target::reading const turn(target);
	std::vector<char> frames;
	return target.device().read_frames(number * per_piece, blocks, frames) && seal_of(frames) == expected;
}

} // namespace

bool has_seal(open_storage& storage, hash_request const& request)
{
	return request.v1 && request.v2.empty() && !request.anew && storage.untouched.holds()
		&& storage.target->seals() != nullptr;
}

bool has_sealed_frames(open_storage& storage, hash_request const& request)
{
	return has_seal(storage, request) && storage.target->device().has_frames()
		&& !storage.target->seals()->frames.empty();
}

bool passes_seal(open_storage& storage, lt::piece_index_t const piece, piece_hasher& hasher,
	hash_request const& request, disk_stats& stats)
{
	auto& target = *storage.target;
	auto const* const seals = target.seals();
	auto const i = static_cast<std::size_t>(static_cast<int>(piece));
	auto const blocks = blocks_in(target.info().piece_size(piece));
	if (has_sealed_frames(storage, request))
	{
		stats.blocks_sealed.fetch_add(blocks, std::memory_order_relaxed);
		return passes_by_frames(target, piece, seals->frames[i]);
	}
	if (seals->raw.empty())
	{
		return false;
	}
	seal_sum sum;
	auto sealed = request;
	sealed.seal = &sum;
	return hasher.finish(storage.key(piece), target, sealed) && sum.value() == seals->raw[i];
}

} // namespace rawswarm
