// SPDX-License-Identifier: BSD-3-Clause
#include "agent/web_seed/claim_message.hpp"

#include <gtest/gtest.h>

#include <string>

namespace rawswarm
{
namespace
{

using namespace std::string_literals;
using kind = web_claim::kind;

std::vector<web_claim> read(std::string const& body)
{
	return read_claims({body.data(), body.size()});
}

} // namespace

TEST(claim_message, is_laid_out_as_its_header_says)
{
	std::vector<char> body;
	append_claim(body, {kind::fetching, 0x01020304});
	append_claim(body, {kind::dropped, 5});
	EXPECT_EQ(std::string(body.begin(), body.end()), "\0\1\2\3\4\1\0\0\0\5"s);
}

TEST(claim_message, is_read_as_it_was_written)
{
	std::vector<web_claim> const claims{
		{kind::fetching, 0}, {kind::dropped, 0xfffffffe}, {kind::fetching, 77}};
	std::vector<char> body;
	for (auto const& claim : claims)
	{
		append_claim(body, claim);
	}
	EXPECT_EQ(read_claims(body), claims);
}

TEST(claim_message, claims_of_another_kind_are_left_out_and_those_beside_them_are_read)
{
	EXPECT_EQ(read("\0\0\0\0\1\2\0\0\0\2\xff\0\0\0\3\1\0\0\0\4"s),
		(std::vector<web_claim>{{kind::fetching, 1}, {kind::dropped, 4}}));
}

TEST(claim_message, a_claim_that_is_cut_off_is_left_out)
{
	EXPECT_TRUE(read("").empty());
	EXPECT_TRUE(read("\0\0\0\0"s).empty());
	EXPECT_EQ(read("\0\0\0\0\1\0\0\0\2"s), (std::vector<web_claim>{{kind::fetching, 1}}));
}

} // namespace rawswarm
