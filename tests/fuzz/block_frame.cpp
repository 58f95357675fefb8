// SPDX-License-Identifier: BSD-3-Clause
// Frames as they come from a peer (storage/device/block_frame.hpp): what passes the check of its headers is
// unpacked, and whatever it is, it fills its block or is refused. The first two bytes of the input are the
// block's length.
//
// Compiled with: storage/device/block_frame.cpp -lzstd
#include "storage/device/block_frame.hpp"

#include "storage/device/units.hpp"
#include "tests/fuzz/require.hpp"

#include <cstdint>
#include <span>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* const data, std::size_t const size)
{
	using namespace rawswarm;
	if (size < 2)
	{
		return 0;
	}
	auto const length = (std::size_t(data[0]) << 8U | data[1]) % (block_size + 1);
	std::span const frame(reinterpret_cast<char const*>(data) + 2, size - 2);
	std::vector<char> block(length);
	bool const is_whole = bool(check_frame(frame, length));
	frame_reader reader;
	bool const is_unpacked = bool(reader.unpack(frame, block));
	if (is_unpacked && is_whole)
	{
		std::vector<char> again(length);
		std::vector<char> packed(length + 100);
		frame_writer writer(lowest_compression_level);
		auto const n = writer.write(packed, block);
		fuzz::require(
			n > 0 && reader.unpack(std::span<char const>(packed).first(n), again) && again == block);
	}
	return 0;
}
