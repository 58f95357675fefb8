// SPDX-License-Identifier: BSD-3-Clause
// The client side of https with OpenSSL: which authorities are trusted, and whose certificate is expected.
// TLS 1.2 or later. OpenSSL's configuration file is not read.
#pragma once

#include "base/result.hpp"

#include <boost/asio/ssl/context.hpp>

#include <span>
#include <string>
#include <system_error>

namespace rawswarm
{

// The file with the certificates of the trusted authorities. $SSL_CERT_FILE alone if it is set, so that a
// mistake in it never widens the trust; otherwise the first that exists of
// /etc/ssl/certs/ca-certificates.crt, /etc/pki/tls/certs/ca-bundle.crt and /etc/ssl/cert.pem. fault::refused
// if there is no such file.
result<std::string> find_ca_bundle();

// The same with other paths. from_environment may be null or empty: not set.
result<std::string> find_ca_bundle(char const* from_environment, std::span<char const* const> places);

// Trusts the bundle alone. fault::refused if it holds no certificate.
result<boost::asio::ssl::context> make_tls_context(std::string const& ca_bundle);

// Before the handshake: the host (a name, or an address without brackets) that the certificate must name.
result<void> expect_host(SSL* connection, std::string const& host);

// After a failed handshake: the reason, in words.
std::string handshake_failure(SSL* connection, std::error_code ec);

} // namespace rawswarm
