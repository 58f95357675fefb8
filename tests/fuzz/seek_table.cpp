// SPDX-License-Identifier: BSD-3-Clause
// The end of a compressed image (storage/device/seek_table.hpp): a table is refused, or all of its frames lie
// one behind the other in the bytes before it; and a table that comes in parts is judged alike. The first
// four bytes of the input are how many bytes come before the table.
//
// Compiled with: storage/device/seek_table.cpp -lzstd
#include "storage/device/seek_table.hpp"

#include "storage/device/units.hpp"
#include "tests/fuzz/require.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <span>

namespace
{

// As it comes over a network.
bool is_read_in_parts(std::span<char const> table, std::uint64_t const preceding, std::size_t const part)
{
	using namespace rawswarm;
	auto reader = seek_table_reader::begin(table.last(seek_table_footer_size), preceding);
	bool is_good = bool(reader);
	while (is_good && !table.empty())
	{
		auto const next = table.first(std::min(part, table.size()));
		is_good = bool(reader.value().take(next));
		table = table.subspan(next.size());
	}
	return is_good && reader.value().finish();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* const data, std::size_t const size)
{
	using namespace rawswarm;
	std::uint32_t preceding = 0;
	if (size < sizeof(preceding) + seek_table_footer_size)
	{
		return 0;
	}
	std::memcpy(&preceding, data, sizeof(preceding));
	std::span const table(reinterpret_cast<char const*>(data) + sizeof(preceding), size - sizeof(preceding));
	auto const length = seek_table_length(table.last(seek_table_footer_size));
	if (!length || *length > table.size())
	{
		return 0;
	}
	auto const parsed = seek_table::parse(table.last(*length), preceding);
	fuzz::require(is_read_in_parts(table.last(*length), preceding, preceding % 32 + 1) == bool(parsed));
	if (!parsed)
	{
		return 0;
	}
	auto const& t = parsed.value();
	std::uint64_t at = 0;
	for (std::uint64_t i = 0; i < t.frames(); ++i)
	{
		auto const place = t.place(i);
		fuzz::require(place.offset == at && place.block_length <= std::uint32_t(block_size));
		at += place.length;
	}
	fuzz::require(at == preceding && at == t.compressed());
	return 0;
}
