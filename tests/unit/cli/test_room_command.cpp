// SPDX-License-Identifier: BSD-3-Clause
#include "agent/cli/room_command.hpp"
#include "tests/support/base/value_of.hpp"

#include <gtest/gtest.h>

namespace rawswarm
{
namespace
{

using test::value_of;

TEST(room_words, become_the_request_that_they_mean)
{
	EXPECT_EQ(value_of(read_room_words({})), room_request{});
	EXPECT_EQ(value_of(read_room_words({"image", "pc-01,row-2", "debian-12", true})),
		(room_request{room_verb::image, "pc-01,row-2", "debian-12", true}));
	EXPECT_EQ(value_of(read_room_words({"wake", "all", "", false})),
		(room_request{room_verb::wake, "all", "", false}));
	EXPECT_EQ(value_of(read_room_words({"forget", "pc-01", "", false})),
		(room_request{room_verb::forget, "pc-01", "", false}));
	EXPECT_EQ(value_of(read_room_words({"capture", "pc-01", "golden", false})),
		(room_request{room_verb::capture, "pc-01", "golden", false}));
}

TEST(room_words, that_are_missing_or_too_many_are_said)
{
	struct sample
	{
		room_words words;
		char const* why = nullptr;
	};
	for (auto const& [words, why] :
		{sample{{"erase", "all", "", false},
			 "room: \"erase\" is none of list, image, cancel, wake, forget, capture"},
			sample{{"list", "pc-01", "", false}, "room list: it takes no machines"},
			sample{{"image", "pc-01", "", false}, "room image: which image?"},
			sample{{"capture", "pc-01", "", false}, "room capture: which name is the image to have?"},
			sample{{"wake", "", "", false},
				"room wake: which machines? Names, hardware addresses, groups or all, with commas between "
				"them"},
			sample{{"wake", "pc-01", "pc-02", false}, "room wake: it takes no image"},
			sample{{"forget", "pc-01", "", true}, "room forget: --now is for image and capture"}})
	{
		auto const read = read_room_words(words);
		ASSERT_FALSE(read) << why;
		EXPECT_EQ(read.error().kind, fault::usage);
		EXPECT_EQ(read.error().text, why);
	}
}

} // namespace
} // namespace rawswarm
