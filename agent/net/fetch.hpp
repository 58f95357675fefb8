// SPDX-License-Identifier: BSD-3-Clause
// Brings a manifest, a torrent or a signature into memory: from a path, from standard input, or by http or
// https (Boost.Beast, OpenSSL). Blocking; made for the start of a job.
#pragma once

#include "agent/net/location.hpp"
#include "base/result.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace rawswarm
{

struct fetch_limits
{
	std::size_t max_bytes = std::size_t(64) * 1024 * 1024; // larger is refused before it is read whole
	std::chrono::milliseconds timeout{30'000}; // for the whole of one request, redirects included
	int max_redirects = 5; // never from https to http
};

// Errors name the action and the source. A path that cannot be read and a text that is too large:
// fault::refused. A URL that cannot be reached within the time limit, whose answer breaks off, has another
// status than 200 or a certificate that is not trusted: fault::network. The time limit is for URLs only: a
// pipe is read for as long as it lasts. The system's code is set if another try may succeed: no connection,
// an answer that broke off, a status that may pass (agent/net/http_status.hpp); it is not where a server has
// said no. An answer that breaks off is an error; where a server says neither the length nor uses chunks,
// over plain http, the end of the connection is the end of the text.
//
// https verifies certificate and host name against one CA bundle: $SSL_CERT_FILE if it is set, otherwise the
// first that exists of /etc/ssl/certs/ca-certificates.crt, /etc/pki/tls/certs/ca-bundle.crt and
// /etc/ssl/cert.pem; without any of them it is refused, and the text says so. Proxies are not used.
result<std::string> fetch(location const& source, fetch_limits const& limits = {});

} // namespace rawswarm
