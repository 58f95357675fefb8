// SPDX-License-Identifier: BSD-3-Clause
#include "storage/device/watched_device.hpp"
#include "tests/support/device/memory_device.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <string>
#include <thread>

namespace rawswarm
{
namespace
{

using test::device_call;
using test::memory_device;

TEST(watched_device, request_that_is_not_answered_is_known_with_its_place)
{
	auto memory = std::make_unique<memory_device>(4096);
	auto& below = *memory;
	watched_device device(std::move(memory));
	EXPECT_FALSE(device.oldest());
	below.block(device_call::write);
	std::string text = "abc";
	iovec const buffer{text.data(), text.size()};
	std::thread writer([&] { EXPECT_TRUE(device.write({1024}, {&buffer, 1})); });
	ASSERT_TRUE(below.wait_for_blocked(1));
	std::thread second([&] { EXPECT_TRUE(device.write({2048}, {&buffer, 1})); });
	ASSERT_TRUE(below.wait_for_blocked(2));

	auto const request = device.oldest();
	below.release_all();
	writer.join();
	second.join();
	ASSERT_TRUE(request);
	EXPECT_EQ(to_string(*request, "/dev/sda"), "writing /dev/sda at 0x400");
	EXPECT_FALSE(device.oldest());
	EXPECT_EQ(below.bytes(2048, 3), "abc");
}

TEST(watched_device, all_is_passed_on_and_errors_are_the_devices)
{
	auto memory = std::make_unique<memory_device>(4096);
	auto& below = *memory;
	watched_device device(std::move(memory));
	EXPECT_EQ(device.size(), 4096U);
	EXPECT_EQ(device.path(), "memory");
	EXPECT_TRUE(device.zero({16}, 16));
	EXPECT_EQ(below.bytes(16, 16), std::string(16, '\0'));
	std::string text(16, 'x');
	EXPECT_TRUE(device.read_medium({16}, text));
	EXPECT_EQ(text, std::string(16, '\0'));
	below.fail(device_call::sync, 1, EIO);
	EXPECT_EQ(device.sync().error().ec.value(), EIO);
	EXPECT_TRUE(device.sync());
	EXPECT_FALSE(device.oldest());
	EXPECT_EQ(to_string({"syncing", {}, {}}, "/dev/sda"), "syncing /dev/sda");
}

} // namespace
} // namespace rawswarm
