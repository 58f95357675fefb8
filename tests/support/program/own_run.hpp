// SPDX-License-Identifier: BSD-3-Clause
// A mount namespace with an empty /run, for programs that a test starts. Needs root. Errors are thrown.
#pragma once

#include "tests/support/base/child_process.hpp"

#include <string>

namespace rawswarm::test
{

class own_run
{
public:
	// options: of the tmpfs at /run (tmpfs(5)).
	explicit own_run(std::string const& options = "mode=0755");

	// The same command, inside. The same process will be the command itself.
	child_options inside(child_options command) const;

	bool has(std::string const& path) const;

private:
	child_process m_holder;
};

} // namespace rawswarm::test
