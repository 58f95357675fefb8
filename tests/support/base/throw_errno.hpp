// SPDX-License-Identifier: BSD-3-Clause
// Throws errno after a system call without which a test cannot go on.
#pragma once

#include <cerrno>
#include <string>
#include <system_error>

namespace rawswarm::test
{

// EIO when errno is 0: an unexpected end of file.
[[noreturn]] inline void throw_errno(std::string const& what)
{
	throw std::system_error(errno != 0 ? errno : EIO, std::generic_category(), what);
}

} // namespace rawswarm::test
