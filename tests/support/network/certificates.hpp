// SPDX-License-Identifier: BSD-3-Clause
// Certificates for the servers of a test, and the authority that signs them. New for each call, valid for an
// hour, with keys on the P-256 curve (quick to make). Errors are thrown (std::runtime_error).
#pragma once

#include <string>

namespace rawswarm::test
{

// Both as PEM.
struct tls_identity
{
	std::string certificate;
	std::string key;
};

// Self-signed.
tls_identity make_authority();

// names: the subject alternative names in OpenSSL's form: "DNS:localhost,IP:127.0.0.1".
tls_identity make_server_identity(tls_identity const& authority, std::string const& names);

} // namespace rawswarm::test
