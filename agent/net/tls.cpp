// SPDX-License-Identifier: BSD-3-Clause
#include "agent/net/tls.hpp"

#include <boost/asio/ip/address.hpp>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <cstdlib>

#include <unistd.h>

namespace rawswarm
{

namespace
{

namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;

bool is_address(std::string const& host)
{
	boost::system::error_code ec;
	asio::ip::make_address(host, ec);
	return !ec;
}

} // namespace

result<std::string> find_ca_bundle()
{
	static constexpr std::array<char const*, 3> places{
		"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"};
	return find_ca_bundle(std::getenv("SSL_CERT_FILE"), places);
}

result<std::string> find_ca_bundle(char const* from_environment, std::span<char const* const> places)
{
	if (from_environment && *from_environment != '\0')
	{
		if (::access(from_environment, R_OK) != 0)
		{
			return fail(fault::refused, system_error(errno),
				"opening {}, the CA bundle that SSL_CERT_FILE names", from_environment);
		}
		return std::string(from_environment);
	}
	for (auto const* const place : places)
	{
		if (::access(place, R_OK) == 0)
		{
			return std::string(place);
		}
	}
	return fail(fault::refused,
		"looking for a CA bundle, without which https is refused: SSL_CERT_FILE"
		" is not set, and there is none of {}",
		fmt::join(places, ", "));
}

result<ssl::context> make_tls_context(std::string const& ca_bundle)
{
	// The configuration file may name modules to load, which a static program must not.
	OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
	try
	{
		ssl::context context(ssl::context::tls_client);
		SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
		context.set_verify_mode(ssl::verify_peer);
		context.load_verify_file(ca_bundle);
		return context;
	}
	catch (boost::system::system_error const& e)
	{
		ERR_clear_error();
		return fail(fault::refused, e.code(), "reading the CA bundle {}", ca_bundle);
	}
}

result<void> expect_host(SSL* connection, std::string const& host)
{
	auto* const rules = SSL_get0_param(connection);
	X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	bool good = false;
	if (is_address(host))
	{
		// No server name indication: it is for names only (RFC 6066, section 3).
		good = X509_VERIFY_PARAM_set1_ip_asc(rules, host.c_str()) == 1;
	}
	else
	{
		good = SSL_set1_host(connection, host.c_str()) == 1
			&& SSL_set_tlsext_host_name(connection, host.c_str()) == 1;
	}
	if (!good)
	{
		ERR_clear_error();
		return fail(fault::internal, "setting {} as the name that the certificate must have", host);
	}
	return success();
}

std::string handshake_failure(SSL* connection, std::error_code ec)
{
	ERR_clear_error();
	auto const verdict = SSL_get_verify_result(connection);
	if (verdict != X509_V_OK)
	{
		return fmt::format("the certificate is refused: {}", X509_verify_cert_error_string(verdict));
	}
	return ec.message();
}

} // namespace rawswarm
