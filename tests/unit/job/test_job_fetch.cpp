// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/described_image.hpp"
#include "agent/job/job_fetch.hpp"
#include "agent/job/pinned_fetch.hpp"
#include "agent/room/job_signer.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/base/text_of.hpp"
#include "tests/support/base/value_of.hpp"
#include "tests/support/network/ca_bundle.hpp"
#include "tests/support/network/certificates.hpp"
#include "tests/support/network/loopback_server.hpp"
#include "tests/support/torrent/torrent_maker.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <string>

namespace rawswarm
{
namespace
{

using namespace std::chrono_literals;
using test::text_of;
using test::value_of;

// A pair of keys in minisign's format, from the seed 01 02 03 ... 20 and the id 0123456789abcdef.
std::string const secret_file = "untrusted comment: a secret key\n"
								"RWQAAEIyAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
								"ASNFZ4mrze8BAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4fIHm1Vi6P5lT5QHixEuip"
								"i6eQH4U65pW+1+DjkQutBJZkwKUMbsfBuEtCaDmIX7biMnZqQmX2Jd8E3zp4f1XdZpw=\n";
constexpr char const* public_line = "RWQBI0VniavN73m1Vi6P5lT5QHixEuipi6eQH4U65pW+1+DjkQutBJZk";

std::string signature_for(std::string const& text)
{
	return value_of(value_of(job_signer::parse(secret_file, "job.sec")).sign(text, "image of May"));
}

job_fetching of_signed_job()
{
	job_fetching how;
	how.signed_by = job_fetching::seal{value_of(parse_public_key(public_line, "trusted.pub")), ""};
	return how;
}

std::string torrent_of(char const content)
{
	return test::make_torrent({{0, std::string(0x4000, content)}}).bytes;
}

// Answers 503 for so many requests of each target, then as `replies` says.
test::reply_maker busy_for(int const requests, std::map<std::string, test::reply> const& replies)
{
	auto const asked = std::make_shared<std::map<std::string, int>>();
	return [=](test::http_request const& request) {
		auto& count = (*asked)[std::string(request.target())];
		return ++count > requests ? test::by_target(replies)(request)
								  : test::empty_reply("503 Service Unavailable");
	};
}

class job_fetch : public ::testing::Test
{
protected:
	manifest_target target(std::string const& name) const
	{
		manifest_target target;
		target.torrent = location::of_path(m_dir / name);
		return target;
	}

	void write(std::string const& name, std::string const& text) const
	{
		test::write_file(m_dir / name, text);
	}

	test::temp_dir m_dir;
};

} // namespace

TEST_F(job_fetch, a_signed_job_takes_no_torrent_that_it_does_not_pin)
{
	write("a.torrent", torrent_of('a'));
	auto spec = target("a.torrent");
	auto const image = value_of(fetch_image({}, spec));
	auto const refused = text_of(fetch_image(of_signed_job(), spec), fault::refused);
	EXPECT_NE(refused.find("the job is signed and has no info_hash for it, so it must be signed itself: "),
		std::string::npos)
		<< refused;
	spec.info_hash = image.info_hash;
	EXPECT_EQ(value_of(fetch_image(of_signed_job(), spec)).info_hash, image.info_hash);
}

TEST_F(job_fetch, a_signed_job_takes_a_torrent_with_a_signature_of_its_own)
{
	write("a.torrent", torrent_of('a'));
	write("a.torrent.minisig", signature_for(torrent_of('a')));
	EXPECT_TRUE(fetch_image(of_signed_job(), target("a.torrent")));
	write("a.torrent", torrent_of('b'));
	EXPECT_NE(text_of(fetch_image(of_signed_job(), target("a.torrent")), fault::refused)
				  .find("the text is not what was signed"),
		std::string::npos);
}

TEST_F(job_fetch, a_file_of_a_signed_job_has_a_hash_or_a_signature_or_comes_by_https)
{
	write("hostname", "pc-07");
	auto const source = location::of_path(m_dir / "hostname");
	EXPECT_EQ(value_of(fetch_pinned({}, source, "", {})), "pc-07");
	EXPECT_NE(text_of(fetch_pinned(of_signed_job(), source, "", {}), fault::refused).find("has no sha256"),
		std::string::npos);
	constexpr auto hash = "2ad91b6fb09ae21fd8aa0f7a8cdfda5ce2e08f1a2d2c4b0b8a1bd0f9a7a0c9d1";
	EXPECT_NE(text_of(fetch_pinned(of_signed_job(), source, hash, {}), fault::refused).find("its SHA-256 is"),
		std::string::npos);
	write("hostname.minisig", signature_for("pc-07"));
	EXPECT_EQ(value_of(fetch_pinned(of_signed_job(), source, "", {})), "pc-07");
}

TEST_F(job_fetch, a_file_of_a_signed_job_with_the_hash_that_the_job_has_needs_no_signature)
{
	write("hostname", "pc-07");
	constexpr auto hash = "56f8cf4f6c4e5e808f75acea45a136d8ffeb3b503bb69cb36464306501eedd1e";
	auto const source = location::of_path(m_dir / "hostname");
	EXPECT_EQ(value_of(fetch_pinned(of_signed_job(), source, hash, {})), "pc-07");
}

TEST_F(job_fetch, a_file_of_a_signed_job_that_comes_by_https_needs_no_signature_but_the_hash_of_the_job)
{
	auto const authority = test::make_authority();
	test::ca_bundle const trusted(authority.certificate);
	test::loopback_server const server(test::by_target({{"/name", test::ok_reply("pc-07")}}),
		test::make_server_identity(authority, "IP:127.0.0.1"));
	auto const source = value_of(parse_location(server.url("/name")));
	EXPECT_EQ(value_of(fetch_pinned(of_signed_job(), source, "", {})), "pc-07");
	EXPECT_NE(text_of(fetch_pinned(of_signed_job(), source, std::string(64, '0'), {}), fault::refused)
				  .find("its SHA-256 is"),
		std::string::npos);
	EXPECT_EQ(server.requests().size(), 2U) << "no signature is asked for";
}

TEST_F(job_fetch, a_file_of_a_signed_job_that_comes_by_http_needs_a_signature)
{
	test::loopback_server const server(test::by_target({{"/name", test::ok_reply("pc-07")}}));
	auto const source = value_of(parse_location(server.url("/name")));
	EXPECT_NE(text_of(fetch_pinned(of_signed_job(), source, "", {}), fault::refused).find("has no sha256"),
		std::string::npos);
}

TEST_F(job_fetch, a_busy_server_is_asked_again_for_the_torrent_and_its_signature)
{
	test::loopback_server const server(busy_for(1,
		{{"/a.torrent", test::ok_reply(torrent_of('a'))},
			{"/a.torrent.minisig", test::ok_reply(signature_for(torrent_of('a')))}}));
	auto how = of_signed_job();
	manifest_target spec;
	spec.torrent = value_of(parse_location(server.url("/a.torrent")));
	EXPECT_NE(text_of(fetch_image(how, spec), fault::network).find("503"), std::string::npos)
		<< "without patience";
	how.patience = 20s;
	EXPECT_TRUE(fetch_image(how, spec));
	EXPECT_EQ(server.requests().size(), 4U);
}

TEST_F(job_fetch, a_busy_server_is_asked_again_for_a_file_until_the_time_is_over)
{
	job_fetching how;
	how.patience = 20s;
	{
		test::loopback_server const server(busy_for(2, {{"/name", test::ok_reply("pc-07")}}));
		auto const source = value_of(parse_location(server.url("/name")));
		EXPECT_EQ(value_of(fetch_pinned(how, source, "", {})), "pc-07");
	}
	test::loopback_server const server(test::always(test::empty_reply("503 Service Unavailable")));
	how.patience = 1s;
	auto const source = value_of(parse_location(server.url("/name?token=secret")));
	auto const text = text_of(fetch_pinned(how, source, "", {}), fault::network);
	EXPECT_NE(text.find("/name?***: the server answered 503 Service Unavailable (tried for 1 s)"),
		std::string::npos)
		<< text;
}

TEST_F(job_fetch, who_is_asked_to_stop_waits_for_no_server)
{
	test::loopback_server const server(test::always(test::empty_reply("503 Service Unavailable")));
	std::stop_source stop;
	stop.request_stop();
	job_fetching how;
	how.patience = 0s; // for as long as it takes
	EXPECT_NE(text_of(fetch_again(how, value_of(parse_location(server.url("/a"))), {}, stop.get_token()),
				  fault::network)
				  .find("503"),
		std::string::npos);
	EXPECT_EQ(server.requests().size(), 1U);
}

} // namespace rawswarm
