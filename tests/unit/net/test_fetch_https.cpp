// SPDX-License-Identifier: BSD-3-Clause
#include "agent/net/fetch.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/base/value_of.hpp"
#include "tests/support/network/ca_bundle.hpp"
#include "tests/support/network/certificates.hpp"
#include "tests/support/network/fetch_outcome.hpp"
#include "tests/support/network/loopback_server.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>

#include <unistd.h>

namespace rawswarm
{

namespace
{

using test::after_reply;
using test::always;
using test::ca_bundle;
using test::empty_reply;
using test::fetch_from;
using test::fetch_outcome;
using test::loopback_server;
using test::ok_reply;
using test::reply;
using test::value_of;

} // namespace

class https_fetch : public ::testing::Test
{
protected:
	test::tls_identity m_authority = test::make_authority();
	ca_bundle m_trusted{m_authority.certificate};

	std::unique_ptr<loopback_server> serve(std::string const& names, reply const& made) const
	{
		return std::make_unique<loopback_server>(
			always(made), test::make_server_identity(m_authority, names));
	}
};

TEST_F(https_fetch, a_certificate_for_the_address_is_taken)
{
	auto const server = serve("IP:127.0.0.1", ok_reply("a job\n"));
	EXPECT_EQ(value_of(fetch_from(server->url("/lab?x=1"))), "a job\n");
	EXPECT_EQ(server->requests().at(0).target(), "/lab?x=1");
}

TEST_F(https_fetch, a_certificate_for_the_name_is_taken)
{
	auto const server = serve("DNS:localhost", ok_reply("a job\n"));
	auto const got = fetch_from(server->url("/", "localhost"));
	if (!got && got.error().text.find("looking up") != std::string::npos)
	{
		GTEST_SKIP() << "/etc/hosts does not have localhost";
	}
	EXPECT_EQ(value_of(got), "a job\n");
}

TEST_F(https_fetch, a_certificate_for_another_host_is_refused)
{
	for (auto const* const names : {"DNS:other.example", "DNS:127.0.0.1", "DNS:*", "IP:127.0.0.2"})
	{
		auto const server = serve(names, ok_reply("a job\n"));
		EXPECT_EQ(fetch_outcome(server->url("/"), fault::network),
			"agreeing on TLS: the certificate is refused: IP address mismatch")
			<< names;
		EXPECT_TRUE(server->requests().empty());
	}
	auto const server = serve("DNS:other.example,IP:127.0.0.1", ok_reply("a job\n"));
	auto const got = fetch_from(server->url("/", "localhost"));
	ASSERT_FALSE(got.has_value());
	if (got.error().text.find("looking up") == std::string::npos)
	{
		EXPECT_EQ(got.error().text,
			"fetching " + server->url("/", "localhost")
				+ ": agreeing on TLS: the certificate is refused: hostname mismatch");
	}
}

TEST_F(https_fetch, a_certificate_of_an_unknown_authority_is_refused)
{
	loopback_server const server(
		always(ok_reply("a job\n")), test::make_server_identity(test::make_authority(), "IP:127.0.0.1"));
	auto const why = fetch_outcome(server.url("/"), fault::network);
	EXPECT_TRUE(why.starts_with("agreeing on TLS: the certificate is refused: ")) << why;
	EXPECT_TRUE(server.requests().empty());
}

TEST_F(https_fetch, a_certificate_that_signed_itself_is_refused)
{
	auto const stranger = test::make_authority();
	loopback_server const server(always(ok_reply("a job\n")), stranger);
	EXPECT_EQ(fetch_outcome(server.url("/"), fault::network),
		"agreeing on TLS: the certificate is refused: self-signed certificate");
}

TEST_F(https_fetch, no_bundle_is_refused_before_connecting)
{
	auto const server = serve("IP:127.0.0.1", ok_reply("a job\n"));
	ASSERT_EQ(::unlink(m_trusted.path().c_str()), 0);
	EXPECT_EQ(fetch_outcome(server->url("/"), fault::refused),
		"opening " + m_trusted.path()
			+ ", the CA bundle that SSL_CERT_FILE names: No such file or directory");
}

TEST_F(https_fetch, a_server_without_tls_is_an_error)
{
	loopback_server const server(always(ok_reply("a job\n")));
	auto source = server.url("/");
	source.insert(4, 1, 's');
	EXPECT_TRUE(fetch_outcome(source, fault::network).starts_with("agreeing on TLS: "));
}

TEST_F(https_fetch, a_connection_that_is_cut_is_no_end_of_a_body)
{
	std::string const old = "HTTP/1.0 200 OK\r\nServer: old\r\n\r\nall of it";
	auto const good = serve("IP:127.0.0.1", {old, after_reply::close});
	EXPECT_EQ(value_of(fetch_from(good->url("/"))), "all of it");
	auto const cut = serve("IP:127.0.0.1", {old, after_reply::cut});
	EXPECT_EQ(fetch_outcome(cut->url("/"), fault::network), "reading the answer: stream truncated");
	auto const whole = serve("IP:127.0.0.1", {ok_reply("all of it").bytes, after_reply::cut});
	EXPECT_EQ(value_of(fetch_from(whole->url("/"))), "all of it");
}

TEST_F(https_fetch, a_redirect_never_leaves_https)
{
	loopback_server const plain(always(ok_reply("plain")));
	auto const secure =
		serve("IP:127.0.0.1", empty_reply("302 Found", "Location: " + plain.url("/x") + "\r\n"));
	EXPECT_EQ(fetch_outcome(secure->url("/"), fault::network),
		"following a redirect to " + plain.url("/x") + ": refused, as it leaves https");
	EXPECT_TRUE(plain.requests().empty());
}

TEST_F(https_fetch, a_redirect_may_lead_to_https)
{
	auto const secure = serve("IP:127.0.0.1", ok_reply("secure"));
	loopback_server const plain(always(empty_reply("302 Found", "Location: " + secure->url("/") + "\r\n")));
	EXPECT_EQ(value_of(fetch_from(plain.url("/"))), "secure");
}

TEST_F(https_fetch, the_deadline_holds_against_a_silent_handshake)
{
	test::silent_server const server;
	EXPECT_EQ(fetch_outcome("https://127.0.0.1:" + std::to_string(server.port()) + "/", fault::network,
				  {.timeout = std::chrono::milliseconds(300)}),
		"agreeing on TLS: Connection timed out (the limit for the whole of it is 300 ms)");
}

} // namespace rawswarm
