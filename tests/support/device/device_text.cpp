// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/device/device_text.hpp"

namespace rawswarm::test
{

result<void> write_text(block_device& device, std::uint64_t offset, std::string text)
{
	iovec const buffer{text.data(), text.size()};
	return device.write(device_offset{offset}, {&buffer, 1});
}

std::string read_text(block_device& device, std::uint64_t offset, std::size_t length)
{
	std::string text(length, '?');
	iovec const buffer{text.data(), text.size()};
	auto const done = device.read(device_offset{offset}, {&buffer, 1});
	return done ? text : done.error().text;
}

} // namespace rawswarm::test
