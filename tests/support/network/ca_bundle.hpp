// SPDX-License-Identifier: BSD-3-Clause
// The authorities that this process trusts, while an object of this lives: SSL_CERT_FILE.
//
// No other thread may read or change the environment when one is made or ends.
#pragma once

#include "tests/support/base/temp_dir.hpp"

#include <cstdlib>
#include <optional>
#include <string>

namespace rawswarm::test
{

class ca_bundle
{
public:
	// content: certificates as PEM.
	explicit ca_bundle(std::string const& content)
		: m_path(m_dir / "ca.pem")
	{
		if (auto const* const before = std::getenv("SSL_CERT_FILE"))
		{
			m_before = before;
		}
		write_file(m_path, content);
		::setenv("SSL_CERT_FILE", m_path.c_str(), 1);
	}
	~ca_bundle() { m_before ? ::setenv("SSL_CERT_FILE", m_before->c_str(), 1) : ::unsetenv("SSL_CERT_FILE"); }
	ca_bundle(ca_bundle const&) = delete;
	ca_bundle& operator=(ca_bundle const&) = delete;

	std::string const& path() const { return m_path; }

private:
	temp_dir m_dir;
	std::string m_path;
	std::optional<std::string> m_before;
};

} // namespace rawswarm::test
