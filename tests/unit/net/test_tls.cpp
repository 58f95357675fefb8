// SPDX-License-Identifier: BSD-3-Clause
#include "agent/net/tls.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/base/value_of.hpp"
#include "tests/support/network/certificates.hpp"

#include <gtest/gtest.h>

#include <array>

namespace rawswarm
{

using test::value_of;

TEST(tls, the_first_bundle_that_is_there_is_taken)
{
	test::temp_dir const dir;
	auto const first = dir / "missing.pem";
	auto const second = dir / "second.pem";
	auto const third = dir / "third.pem";
	test::write_file(second, "x");
	test::write_file(third, "x");
	std::array const places{first.c_str(), second.c_str(), third.c_str()};
	EXPECT_EQ(value_of(find_ca_bundle(nullptr, places)), second);
	EXPECT_EQ(value_of(find_ca_bundle("", places)), second);
	EXPECT_EQ(value_of(find_ca_bundle(third.c_str(), places)), third);
}

TEST(tls, a_missing_bundle_that_the_environment_names_is_not_replaced)
{
	test::temp_dir const dir;
	auto const present = dir / "present.pem";
	auto const missing = dir / "missing.pem";
	test::write_file(present, "x");
	std::array const places{present.c_str()};
	auto const found = find_ca_bundle(missing.c_str(), places);
	ASSERT_FALSE(found.has_value());
	EXPECT_EQ(found.error().kind, fault::refused);
	EXPECT_EQ(found.error().text,
		"opening " + missing + ", the CA bundle that SSL_CERT_FILE names: No such file or directory");
}

TEST(tls, no_bundle_at_all_is_refused_with_the_places)
{
	std::array const places{"/nowhere/a.pem", "/nowhere/b.pem"};
	auto const found = find_ca_bundle(nullptr, places);
	ASSERT_FALSE(found.has_value());
	EXPECT_EQ(found.error().kind, fault::refused);
	EXPECT_EQ(found.error().text,
		"looking for a CA bundle, without which https is refused: SSL_CERT_FILE"
		" is not set, and there is none of /nowhere/a.pem, /nowhere/b.pem");
}

TEST(tls, a_bundle_without_certificates_is_refused)
{
	test::temp_dir const dir;
	auto const empty = dir / "empty.pem";
	test::write_file(empty, "");
	auto const context = make_tls_context(empty);
	ASSERT_FALSE(context.has_value());
	EXPECT_EQ(context.error().kind, fault::refused);
	EXPECT_TRUE(context.error().text.starts_with("reading the CA bundle " + empty + ": "))
		<< context.error().text;
}

TEST(tls, the_peer_is_verified_and_nothing_older_than_1_2_is_spoken)
{
	test::temp_dir const dir;
	auto const bundle = dir / "ca.pem";
	test::write_file(bundle, test::make_authority().certificate);
	auto context = make_tls_context(bundle);
	ASSERT_TRUE(context.has_value()) << context.error().text;
	auto* const raw = context.value().native_handle();
	EXPECT_EQ(SSL_CTX_get_verify_mode(raw), SSL_VERIFY_PEER);
	EXPECT_EQ(SSL_CTX_get_min_proto_version(raw), TLS1_2_VERSION);
}

} // namespace rawswarm
