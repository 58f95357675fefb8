// SPDX-License-Identifier: BSD-3-Clause
#include "agent/beacon/beacon_format.hpp"
#include "agent/beacon/beacon_mac.hpp"
#include "agent/beacon/hmac.hpp"
#include "base/text.hpp"
#include "tests/support/network/beacon_sample.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

namespace rawswarm
{

namespace
{

using test::an_identity;
using test::some_progress;

std::string key_path(std::string const& name, std::string const& content)
{
	auto path = ::testing::TempDir() + "rawswarm_beacon_" + name;
	std::ofstream(path, std::ios::binary) << content;
	return path;
}

} // namespace

TEST(hmac, agrees_with_rfc_4231)
{
	auto const hex = [](std::string_view key, std::string_view data) {
		auto const digest = hmac_sha256(key, data);
		return digest ? to_hex(*digest) : std::string();
	};
	EXPECT_EQ(hex(std::string(20, '\x0b'), "Hi There"),
		"b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
	EXPECT_EQ(hex("Jefe", "what do ya want for nothing?"),
		"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	EXPECT_EQ(hex(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First"),
		"60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(beacon, a_signed_datagram_is_authentic_for_its_key_alone)
{
	auto const plain = encode_beacon(an_identity(), 17, some_progress());
	auto const datagram = sign_beacon(plain, "secret");
	EXPECT_TRUE(beacon_is_authentic(datagram, "secret"));
	EXPECT_FALSE(beacon_is_authentic(datagram, "Secret"));
	EXPECT_FALSE(beacon_is_authentic(datagram, ""));
	EXPECT_FALSE(beacon_is_authentic(plain, "secret"));
	EXPECT_FALSE(beacon_is_authentic("", "secret"));
	EXPECT_EQ(datagram.size(), plain.size() + 73);
}

TEST(beacon, the_mac_covers_all_that_precedes_it)
{
	auto const datagram = sign_beacon(R"({"rawswarm":1})", "secret");
	auto const digest = hmac_sha256("secret", R"({"rawswarm":1)");
	ASSERT_TRUE(digest);
	EXPECT_EQ(datagram, R"({"rawswarm":1,"mac":")" + to_hex(*digest) + "\"}");
}

TEST(beacon, no_byte_of_a_signed_datagram_can_be_altered)
{
	auto const datagram = sign_beacon(encode_beacon(an_identity(), 17, some_progress()), "secret");
	for (std::size_t i = 0; i < datagram.size(); ++i)
	{
		auto altered = datagram;
		altered[i] = static_cast<char>(altered[i] ^ 1);
		EXPECT_FALSE(beacon_is_authentic(altered, "secret")) << i;
	}
	EXPECT_FALSE(beacon_is_authentic(datagram + " ", "secret"));
	EXPECT_FALSE(beacon_is_authentic(datagram.substr(1), "secret"));
}

TEST(key_file, loses_one_trailing_newline_and_nothing_else)
{
	EXPECT_EQ(read_beacon_key(key_path("a", "secret\n")).value(), "secret");
	EXPECT_EQ(read_beacon_key(key_path("b", "secret\n\n")).value(), "secret\n");
	EXPECT_EQ(read_beacon_key(key_path("c", " se\tcret")).value(), " se\tcret");
	EXPECT_EQ(read_beacon_key(key_path("d", std::string(4096, 'k'))).value().size(), 4096u);
}

TEST(key_file, written_on_windows_is_the_same_key)
{
	EXPECT_EQ(read_beacon_key(key_path("i", "\xef\xbb\xbfsecret\r\n")).value(), "secret");
	EXPECT_EQ(read_beacon_key(key_path("j", "secret\r\n\r\n")).value(), "secret\r\n");
	EXPECT_EQ(read_beacon_key(key_path("k", "secret\r")).value(), "secret\r");
}

TEST(key_file, is_refused_when_empty_too_large_or_not_there)
{
	for (auto const& path : {key_path("e", ""), key_path("f", "\n"), key_path("g", std::string(4097, 'k')),
			 ::testing::TempDir() + "rawswarm_beacon_none", ::testing::TempDir()})
	{
		auto const key = read_beacon_key(path);
		ASSERT_FALSE(key) << path;
		EXPECT_EQ(key.error().kind, fault::refused);
		EXPECT_NE(key.error().text.find(path), std::string::npos);
	}
}

} // namespace rawswarm
