// SPDX-License-Identifier: BSD-3-Clause
// A payload and its compressed image, in memory. The first half are random bytes, the second shrinks; the
// last block is not whole unless the size is one of whole blocks.
#pragma once

#include "storage/device/seek_table.hpp"

#include <cstddef>
#include <string>

namespace rawswarm::test
{

struct compressed_payload
{
	explicit compressed_payload(std::size_t size);

	std::string file() const { return frames + table.encode(); }

	std::string payload;
	std::string frames;
	seek_table table;
};

} // namespace rawswarm::test
