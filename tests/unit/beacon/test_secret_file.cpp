// SPDX-License-Identifier: BSD-3-Clause
#include "agent/beacon/secret_file.hpp"
#include "tests/support/base/temp_dir.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

namespace rawswarm
{

TEST(room_key, is_what_the_file_has_without_its_line_end)
{
	test::temp_dir const dir;
	test::write_file(dir / "key", "sixteen bytes ok\n");
	EXPECT_EQ(read_room_key(dir / "key").value(), "sixteen bytes ok");
}

TEST(room_key, is_refused_when_it_is_short)
{
	test::temp_dir const dir;
	test::write_file(dir / "key", "fifteen bytes..\n");
	auto const key = read_room_key(dir / "key");
	ASSERT_FALSE(key);
	EXPECT_EQ(key.error().kind, fault::refused);
	EXPECT_EQ(key.error().text,
		fmt::format("reading the room's key {}: it has 15 bytes, and needs 16 or more", dir / "key"));
}

TEST(room_key, is_refused_when_it_is_empty_or_not_there)
{
	test::temp_dir const dir;
	test::write_file(dir / "key", "");
	auto const empty = read_room_key(dir / "key");
	ASSERT_FALSE(empty);
	EXPECT_EQ(empty.error().text,
		fmt::format("reading the room's key {}: it has 0 bytes, and needs 16 or more", dir / "key"));
	auto const missing = read_room_key(dir / "none");
	ASSERT_FALSE(missing);
	EXPECT_EQ(missing.error().kind, fault::refused);
}

} // namespace rawswarm
