// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/source_sample.hpp"

#include "agent/machine/partition_table.hpp"
#include "base/bytes.hpp"
#include "storage/device/block_device.hpp"

#include <libtorrent/hasher.hpp>
#include <libtorrent/torrent_info.hpp>

#include <algorithm>
#include <optional>
#include <set>

namespace rawswarm
{

namespace
{

constexpr std::size_t most_of_partitions = 16;
constexpr int spread = 8;

// Superblocks lie in the first KiB of ext4 and XFS, and at 64 KiB of Btrfs.
constexpr std::uint64_t superblocks[] = {0, 64_KiB};

std::optional<lt::piece_index_t> piece_with(
	extent_map const& extents, lt::torrent_info const& torrent, std::uint64_t const offset)
{
	auto const all = extents.extents();
	auto const found = std::ranges::find_if(all,
		[offset](extent const& e) { return e.offset.bytes <= offset && offset < e.offset.bytes + e.length; });
	if (found == all.end())
	{
		return std::nullopt;
	}
	auto const at = found->torrent_offset + (offset - found->offset.bytes);
	return lt::piece_index_t(static_cast<int>(at / static_cast<std::uint64_t>(torrent.piece_length())));
}

result<lt::sha1_hash> hash_piece(storage_target& storage, lt::piece_index_t const piece)
{
	lt::hasher sum;
	std::vector<char> buffer(1_MiB);
	for (auto const& s : storage.extents().map(piece, 0, storage.info().piece_size(piece)))
	{
		for (int done = 0; done < s.length;)
		{
			auto const part = std::min(static_cast<int>(buffer.size()), s.length - done);
			iovec const to{buffer.data(), static_cast<std::size_t>(part)};
			if (s.offset)
			{
				BOOST_OUTCOME_TRYV(
					storage.device().read(*s.offset + static_cast<std::uint64_t>(done), {&to, 1}));
			}
			else
			{
				std::fill_n(buffer.begin(), part, '\0');
			}
			sum.update({buffer.data(), part});
			done += part;
		}
	}
	return sum.final();
}

} // namespace

std::vector<lt::piece_index_t> sample_pieces(
	std::string const& device, extent_map const& extents, lt::torrent_info const& torrent)
{
	std::set<lt::piece_index_t> pieces;
	auto const add = [&](std::uint64_t const offset) {
		for (auto const superblock : superblocks)
		{
			if (auto const piece = piece_with(extents, torrent, offset + superblock))
			{
				pieces.insert(*piece);
			}
		}
	};
	add(0);
	// a folder, a partition and a compressed image have no table that can be read here
	if (auto const table = read_partition_table(device); table && table.value())
	{
		for (auto const& p : table.value()->partitions)
		{
			if (pieces.size() < most_of_partitions)
			{
				add(p.offset);
			}
		}
	}
	int const count = torrent.num_pieces();
	for (int i = 0; i < spread && count > 0; ++i)
	{
		pieces.insert(lt::piece_index_t(static_cast<int>(std::int64_t(count - 1) * i / (spread - 1))));
	}
	return {pieces.begin(), pieces.end()};
}

result<int> hash_sample(
	storage_target& storage, std::vector<lt::piece_index_t> const& pieces, std::stop_token const& stop)
{
	int differ = 0;
	for (auto const piece : pieces)
	{
		if (stop.stop_requested())
		{
			break;
		}
		BOOST_OUTCOME_TRY(hash, hash_piece(storage, piece));
		differ += hash == storage.info().hash_for_piece(piece) ? 0 : 1;
		storage.piece_hashed(piece, hash, true);
	}
	return differ;
}

} // namespace rawswarm
