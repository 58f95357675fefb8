// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/room_proof.hpp"
#include "base/text.hpp"

#include <gtest/gtest.h>

#include <string>

namespace rawswarm
{

namespace
{

using boost::asio::ip::make_address;
using boost::asio::ip::tcp;

constexpr auto dialler = connection_end::dialler;
constexpr auto accepter = connection_end::accepter;

std::string const key = "a key of a private room";

tcp::endpoint at(std::string const& address, std::uint16_t const port)
{
	return {make_address(address), port};
}

room_nonce nonce_of(char const c)
{
	room_nonce nonce{};
	nonce.fill(c);
	return nonce;
}

proven_connection a_connection()
{
	proven_connection c;
	for (char i = 0; i < 20; ++i)
	{
		c.info_hash.push_back(i);
	}
	c.dialler_nonce = nonce_of('d');
	c.accepter_nonce = nonce_of('a');
	c.dialler = at("10.0.0.1", 40000);
	c.accepter = at("10.0.0.2", 6881);
	return c;
}

// Of a proof that the dialler made for a_connection().
proof_verdict judged(proven_connection const& seen)
{
	return judge_room_proof(make_room_proof(key, dialler, a_connection()), key, dialler, seen);
}

} // namespace

TEST(room_proof, of_either_end_convinces_the_other)
{
	auto const c = a_connection();
	for (auto const signer : {dialler, accepter})
	{
		EXPECT_EQ(judge_room_proof(make_room_proof(key, signer, c), key, signer, c), proof_verdict::good);
	}
}

// The HMAC was computed by Python's hmac and hashlib.
TEST(room_proof, is_the_one_that_the_protocol_describes)
{
	EXPECT_EQ(to_hex(make_room_proof(key, dialler, a_connection())),
		"1ca35bad68d4cf60986a711da316eccb547d8f5cde6dfea64a0112d0a23b7fc1"
		"00000000000000000000ffff0a0000019c4000000000000000000000ffff0a0000021ae1");
}

TEST(room_proof, of_another_key_is_wrong)
{
	auto const c = a_connection();
	EXPECT_EQ(judge_room_proof(make_room_proof("another key of a room", dialler, c), key, dialler, c),
		proof_verdict::wrong);
}

TEST(room_proof, cannot_be_sent_back_to_its_maker)
{
	auto const c = a_connection();
	EXPECT_EQ(judge_room_proof(make_room_proof(key, dialler, c), key, accepter, c), proof_verdict::wrong);
}

TEST(room_proof, is_good_for_one_connection_only)
{
	auto later = a_connection();
	later.accepter_nonce = nonce_of('b');
	EXPECT_EQ(judged(later), proof_verdict::wrong);
	later = a_connection();
	later.dialler_nonce = nonce_of('b');
	EXPECT_EQ(judged(later), proof_verdict::wrong);
}

TEST(room_proof, is_good_for_one_torrent_only)
{
	auto other = a_connection();
	other.info_hash.back() = 'x';
	EXPECT_EQ(judged(other), proof_verdict::wrong);
}

TEST(room_proof, stays_good_where_one_address_is_translated)
{
	auto seen = a_connection();
	seen.dialler = at("192.0.2.1", 1025);
	EXPECT_EQ(judged(seen), proof_verdict::good);
	seen = a_connection();
	seen.accepter = at("172.17.0.2", 6881);
	EXPECT_EQ(judged(seen), proof_verdict::good);
}

// Somebody whom the dialler has dialled, and who dials the accepter.
TEST(room_proof, that_somebody_passes_on_is_relayed)
{
	auto seen = a_connection();
	seen.dialler = at("10.0.0.3", 50000);
	seen.accepter = at("10.0.0.4", 6881);
	EXPECT_EQ(judged(seen), proof_verdict::relayed);
	seen = a_connection(); // the same machines, other ports
	seen.dialler.port(1);
	seen.accepter.port(2);
	EXPECT_EQ(judged(seen), proof_verdict::relayed);
}

TEST(room_proof, takes_a_mapped_address_for_the_address)
{
	auto seen = a_connection();
	seen.dialler = at("::ffff:10.0.0.1", 40000);
	seen.accepter = at("::ffff:10.0.0.2", 6881);
	EXPECT_EQ(judged(seen), proof_verdict::good);
}

TEST(room_proof, takes_no_notice_of_how_a_machine_numbers_its_links)
{
	auto made = a_connection();
	made.dialler = at("fe80::1%1", 40000);
	made.accepter = at("fe80::2%1", 6881);
	auto seen = made;
	seen.dialler = at("fe80::1%7", 40000);
	seen.accepter = at("fe80::2%7", 6881);
	auto const proof = make_room_proof(key, dialler, made);
	EXPECT_EQ(judge_room_proof(proof, key, dialler, seen), proof_verdict::good);
}

TEST(room_proof, has_no_byte_that_can_be_altered_left_out_or_added)
{
	auto const c = a_connection();
	auto const proof = make_room_proof(key, accepter, c);
	ASSERT_EQ(proof.size(), room_proof_bytes);
	for (std::size_t i = 0; i < proof.size(); ++i)
	{
		auto altered = proof;
		altered[i] = static_cast<char>(altered[i] ^ 1);
		EXPECT_EQ(judge_room_proof(altered, key, accepter, c), proof_verdict::wrong) << i;
		EXPECT_EQ(judge_room_proof(proof.substr(0, i), key, accepter, c), proof_verdict::wrong) << i;
	}
	EXPECT_EQ(judge_room_proof(proof + "x", key, accepter, c), proof_verdict::wrong);
}

TEST(room_proof, has_another_number_each_time)
{
	auto const one = make_room_nonce();
	auto const other = make_room_nonce();
	ASSERT_TRUE(one && other);
	EXPECT_NE(*one, *other);
}

} // namespace rawswarm
