// SPDX-License-Identifier: BSD-3-Clause
#include "base/canonical_text.hpp"

#include <gtest/gtest.h>

#include <string>

namespace rawswarm
{
namespace
{

TEST(canonical_mac, has_colons_and_lower_case)
{
	EXPECT_EQ(canonical_mac("52:54:00:AB:cd:Ef"), "52:54:00:ab:cd:ef");
	EXPECT_EQ(canonical_mac("52-54-00-AB-cd-Ef"), "52:54:00:ab:cd:ef");
	std::string const infiniband = "80:00:00:48:fe:80:00:00:00:00:00:00:00:02:c9:03:00:0a:0b:0c";
	EXPECT_EQ(canonical_mac(infiniband), infiniband);
}

TEST(canonical_mac, is_none_of_what_is_no_hardware_address)
{
	for (auto const* const text : {"", ":", "52", "525400123456", "52:54:00:12:34", "52:54:00:12:34:56:78",
			 "52:54:00:12:34:5g", "52:54:00:12:34:5", "52:54:00:12:34:567",
			 "52:54:00:12:34:56:", ":52:54:00:12:34:56", "5:254:00:12:34:56", " 52:54:00:12:34:56",
			 "52.54.00.12.34.56", "52:54-00:12-34:56", "52-54:00:12:34:56", "52:54:00:12:34-56"})
	{
		EXPECT_FALSE(canonical_mac(text)) << text;
	}
}

TEST(canonical_uuid, has_lower_case)
{
	EXPECT_EQ(canonical_uuid("01234567-89AB-cdef-0123-456789ABCDEF"), "01234567-89ab-cdef-0123-456789abcdef");
}

TEST(canonical_uuid, is_none_of_what_is_no_uuid)
{
	for (auto const* const text :
		{"", "01234567-89ab-cdef-0123-456789abcde", "01234567-89ab-cdef-0123-456789abcdef0",
			"0123456-789ab-cdef-0123-456789abcdef", "01234567-89ab-cdef-0123-456789abcdeg",
			"0123456789abcdef0123456789abcdef", "{01234567-89ab-cdef-0123-456789abcd}"})
	{
		EXPECT_FALSE(canonical_uuid(text)) << text;
	}
}

} // namespace
} // namespace rawswarm
