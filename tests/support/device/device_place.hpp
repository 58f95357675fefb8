// SPDX-License-Identifier: BSD-3-Clause
// Where a block of the torrent is on the device.
#pragma once

#include "tests/support/device/disk_fixture.hpp"

#include <cstdint>

namespace rawswarm::test
{

// Of a torrent of a single extent, as extents_of makes it, with pieces of the usual size. All in bytes but
// the piece.
inline std::uint64_t device_place(int const piece, int const offset)
{
	return 512 + std::uint64_t(piece) * std::uint64_t(disk_options{}.torrent.piece_size)
		+ std::uint64_t(offset);
}

} // namespace rawswarm::test
