// SPDX-License-Identifier: BSD-3-Clause
#include "storage/device/device_profile.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace rawswarm
{

namespace
{

constexpr std::array<char const*, 5> kind_words{"hdd", "ssd", "nvme", "virtual", "file"};

} // namespace

// Initial values, not measured, where no benchmark is named.
device_profile profile_for(device_kind const kind)
{
	device_profile p;
	p.kind = kind;
	switch (kind)
	{
	case device_kind::hdd:
		p.writers = 1; // otherwise the head would seek between two runs
		p.readers = 1;
		p.max_blocks = 256; // 4 MiB, 27 ms of transfer at 150 MB/s: twice the time of a seek
		p.piece_ahead_blocks = 512; // 8 MiB: two runs of max_blocks
		p.min_blocks = 16; // fewer are not worth a seek as long as memory suffices
		break;
	case device_kind::nvme:
		p.writers = 4; // of 1 MiB each: a queue of 32 requests, docs/performance.md
		p.readers = 8;
		p.timeout = std::chrono::milliseconds(20);
		break;
	case device_kind::sata_ssd:
	case device_kind::virtual_disk:
	case device_kind::image_file:
		p.writers = 2;
		p.readers = 4;
		break;
	}
	return p;
}

char const* to_string(device_kind const kind) noexcept
{
	return kind_words.at(static_cast<std::size_t>(kind));
}

std::optional<device_kind> device_kind_from(std::string_view const word) noexcept
{
	auto const found = std::ranges::find(kind_words, word);
	return found == kind_words.end() ? std::nullopt
									 : std::optional(static_cast<device_kind>(found - kind_words.begin()));
}

} // namespace rawswarm
