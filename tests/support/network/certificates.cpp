// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/network/certificates.hpp"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>
#include <stdexcept>

namespace rawswarm::test
{

namespace
{

struct deleter
{
	void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
	void operator()(X509* p) const { X509_free(p); }
	void operator()(X509_EXTENSION* p) const { X509_EXTENSION_free(p); }
	void operator()(BIO* p) const { BIO_free(p); }
};

using key_ptr = std::unique_ptr<EVP_PKEY, deleter>;
using certificate_ptr = std::unique_ptr<X509, deleter>;
using bio_ptr = std::unique_ptr<BIO, deleter>;

constexpr long x509_version_3 = 2;
constexpr long an_hour_in_seconds = 3600;

void check(bool good, char const* what)
{
	if (!good)
	{
		throw std::runtime_error(std::string("making a certificate: ") + what);
	}
}

std::string text_of(BIO* bio)
{
	char* data = nullptr;
	auto const size = BIO_get_mem_data(bio, &data);
	return {data, static_cast<std::size_t>(size)};
}

tls_identity to_pem(X509* certificate, EVP_PKEY* key)
{
	bio_ptr const first(BIO_new(BIO_s_mem()));
	bio_ptr const second(BIO_new(BIO_s_mem()));
	check(PEM_write_bio_X509(first.get(), certificate) == 1, "writing it");
	check(PEM_write_bio_PrivateKey(second.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1,
		"writing its key");
	return {text_of(first.get()), text_of(second.get())};
}

void add_extension(X509* certificate, int id, std::string const& value)
{
	std::unique_ptr<X509_EXTENSION, deleter> const extension(
		X509V3_EXT_conf_nid(nullptr, nullptr, id, value.c_str()));
	check(extension && X509_add_ext(certificate, extension.get(), -1) == 1, value.c_str());
}

certificate_ptr new_certificate(EVP_PKEY* key, std::string const& common_name, long serial)
{
	certificate_ptr certificate(X509_new());
	auto* const raw = certificate.get();
	check(X509_set_version(raw, x509_version_3) == 1, "its version");
	ASN1_INTEGER_set(X509_get_serialNumber(raw), serial);
	// Valid since an hour ago, in case the clock is set back meanwhile.
	X509_gmtime_adj(X509_getm_notBefore(raw), -an_hour_in_seconds);
	X509_gmtime_adj(X509_getm_notAfter(raw), an_hour_in_seconds);
	X509_set_pubkey(raw, key);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(raw), "CN", MBSTRING_ASC,
		reinterpret_cast<unsigned char const*>(common_name.c_str()), -1, -1, 0);
	return certificate;
}

} // namespace

tls_identity make_authority()
{
	key_ptr const key(EVP_EC_gen("P-256"));
	check(key != nullptr, "its key");
	auto const certificate = new_certificate(key.get(), "test authority", 1);
	X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate.get()));
	add_extension(certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
	add_extension(certificate.get(), NID_key_usage, "critical,keyCertSign");
	check(X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0, "signing it");
	return to_pem(certificate.get(), key.get());
}

tls_identity make_server_identity(tls_identity const& authority, std::string const& names)
{
	bio_ptr const issuer_text(BIO_new_mem_buf(authority.certificate.data(), -1));
	bio_ptr const issuer_key_text(BIO_new_mem_buf(authority.key.data(), -1));
	certificate_ptr const issuer(PEM_read_bio_X509(issuer_text.get(), nullptr, nullptr, nullptr));
	key_ptr const issuer_key(PEM_read_bio_PrivateKey(issuer_key_text.get(), nullptr, nullptr, nullptr));
	check(issuer && issuer_key, "reading the authority");

	key_ptr const key(EVP_EC_gen("P-256"));
	check(key != nullptr, "its key");
	auto const certificate = new_certificate(key.get(), "test server", 2);
	X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer.get()));
	add_extension(certificate.get(), NID_subject_alt_name, names);
	check(X509_sign(certificate.get(), issuer_key.get(), EVP_sha256()) > 0, "signing it");
	return to_pem(certificate.get(), key.get());
}

} // namespace rawswarm::test
