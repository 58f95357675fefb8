// SPDX-License-Identifier: BSD-3-Clause
// Web servers other than nginx, on 127.0.0.1: each serves a folder as it does with the fewest lines of
// configuration.
//
// One process, with its own port and files, which ends with the object. If it does not start that is thrown.
#pragma once

#include "tests/support/base/child_process.hpp"
#include "tests/support/base/temp_dir.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace rawswarm::test
{

enum class web_server_kind
{
	apache,
	lighttpd
};

// "apache", as tests are named by it.
std::string name_of(web_server_kind kind);

bool has_web_server(web_server_kind kind);

class web_server
{
public:
	// Listens when this returns. Apache does not serve as root: everyone may read the folder from now on.
	web_server(web_server_kind kind, std::filesystem::path const& root);

	// "http://127.0.0.1:PORT/PATH"
	std::string url(std::string const& path) const;

private:
	temp_dir m_dir;
	std::uint16_t m_port;
	std::unique_ptr<child_process> m_process;
};

} // namespace rawswarm::test
