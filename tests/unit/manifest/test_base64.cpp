// SPDX-License-Identifier: BSD-3-Clause
#include "agent/manifest/base64.hpp"

#include <gtest/gtest.h>

#include <string>

namespace rawswarm
{

namespace
{

std::string decoded(std::string_view text)
{
	auto const bytes = decode_base64(text);
	return bytes ? std::string(bytes->begin(), bytes->end()) : "refused";
}

} // namespace

// The vectors of RFC 4648 section 10.
TEST(base64, text_of_the_standard_is_decoded)
{
	EXPECT_EQ(decoded(""), "");
	EXPECT_EQ(decoded("Zg=="), "f");
	EXPECT_EQ(decoded("Zm8="), "fo");
	EXPECT_EQ(decoded("Zm9v"), "foo");
	EXPECT_EQ(decoded("Zm9vYg=="), "foob");
	EXPECT_EQ(decoded("Zm9vYmE="), "fooba");
	EXPECT_EQ(decoded("Zm9vYmFy"), "foobar");
	EXPECT_EQ(decoded("+/+/"), "\xfb\xff\xbf");
}

TEST(base64, what_no_encoder_writes_is_refused)
{
	for (auto const* const text : {"Zg", "Zg=", "Zg===", "Z===", "====", "Zh==", "Zm9=", "Zm9v\n", " Zm9v",
			 "Zm9v    ", "Zm 9", "Zm9vZg==Zm9v", "Zm=v", "Zg==Zg==", "-_-_", "Zm9*", "Zm9-"})
	{
		EXPECT_EQ(decoded(text), "refused") << text;
	}
	EXPECT_EQ(decoded(std::string_view("Zm9\0", 4)), "refused");
}

} // namespace rawswarm
