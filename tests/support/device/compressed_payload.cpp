// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/device/compressed_payload.hpp"

#include "storage/device/block_frame.hpp"
#include "storage/device/units.hpp"
#include "tests/support/base/random_bytes.hpp"

#include <cstdint>

namespace rawswarm::test
{

compressed_payload::compressed_payload(std::size_t const size)
	: payload(random_bytes(1, size / 2) + std::string(size - size / 2, 'r'))
{
	frame_writer writer(3);
	for (std::size_t at = 0; at < payload.size(); at += block_size)
	{
		auto const block = payload.substr(at, block_size);
		auto const length = writer.append(frames, block);
		table.add(static_cast<std::uint32_t>(length), static_cast<std::uint32_t>(block.size()));
	}
}

} // namespace rawswarm::test
