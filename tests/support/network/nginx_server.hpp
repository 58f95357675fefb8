// SPDX-License-Identifier: BSD-3-Clause
// nginx as a web seed, on 127.0.0.1 or in the network namespace that the caller is in: serves a folder,
// answers range requests, and counts the bytes that it sent.
//
// One process without a master, with its own port and files, which ends with the object. If it does not start
// that is thrown.
#pragma once

#include "tests/support/base/child_process.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/network/certificates.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace rawswarm::test
{

bool has_nginx();

#define SKIP_WITHOUT_NGINX() \
	if (!has_nginx()) \
	GTEST_SKIP() << "no nginx"

struct nginx_options
{
	std::string rate = {}; // per connection, as limit_rate takes it ("1m": 1 MiB per second); empty: no limit
	std::optional<tls_identity> tls = {}; // https
	std::string address = "127.0.0.1";
};

class nginx_server
{
public:
	// Listens when this returns.
	explicit nginx_server(std::filesystem::path root, nginx_options options = {});

	// "http://ADDRESS:PORT/PATH" (or https).
	std::string url(std::string const& path) const;

	// Kills it, even while it sends.
	void kill();

	// Starts it again on the same port, without a limit or with this one.
	void start(std::string const& rate = {});

	// Bytes of bodies, and the number of answers, counting those that have ended.
	std::uint64_t bytes_sent() const;
	std::size_t answers() const;

private:
	temp_dir m_dir;
	std::filesystem::path m_root;
	nginx_options m_options;
	std::uint16_t m_port;
	std::unique_ptr<child_process> m_process;
};

} // namespace rawswarm::test
