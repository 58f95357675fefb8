// SPDX-License-Identifier: BSD-3-Clause
#include "agent/create/piece_size.hpp"

namespace rawswarm
{

namespace
{

// Small enough for trading whole pieces to start at once, large enough to keep the hashes few: 1 to 4 MiB for
// real images. Larger pieces turn libtorrent's whole-piece picking off and keep a peer useless to others for
// longer.
constexpr std::int64_t smallest_automatic_piece = 1_MiB;
constexpr std::int64_t largest_automatic_piece = 4_MiB;

// The piece size doubles above so many pieces. Initial value, not measured.
constexpr std::uint64_t automatic_pieces = 32'768;

// Less data than this has too few pieces of 1 MiB to be traded between peers. Initial value, not measured.
constexpr std::uint64_t small_data = 64_MiB;
constexpr std::int64_t small_data_piece = 256_KiB;

} // namespace

bool has_few_pieces(std::uint64_t const data, std::int64_t const piece_size) noexcept
{
	auto const size = static_cast<std::uint64_t>(piece_size);
	return data / size < max_pieces || (data / size == max_pieces && data % size == 0);
}

std::int64_t automatic_piece_size(std::uint64_t const data)
{
	if (data < small_data)
	{
		return small_data_piece;
	}
	std::int64_t size = smallest_automatic_piece;
	while (size < largest_automatic_piece && data > automatic_pieces * static_cast<std::uint64_t>(size))
	{
		size *= 2;
	}
	while (size < largest_piece && !has_few_pieces(data, size))
	{
		size *= 2;
	}
	return size;
}

error too_many_pieces(std::string const& source, std::int64_t const piece_size, std::uint64_t const data,
	std::uint64_t const most)
{
	auto enough = smallest_piece;
	while (enough < largest_piece && !has_few_pieces(most, enough))
	{
		enough *= 2;
	}
	auto const help = has_few_pieces(most, enough)
		? fmt::format("a piece size of {} would do", enough)
		: fmt::format("the largest piece size is {}", largest_piece);
	return fail(fault::usage,
		"piece size {}: {} has {}{} bytes of data, which would be more than {} pieces; {}", piece_size,
		source, data < most ? "at least " : "", data, max_pieces, help);
}

} // namespace rawswarm
