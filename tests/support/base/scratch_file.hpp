// SPDX-License-Identifier: BSD-3-Clause
// A stream for code that prints: an unnamed file, whose content a test compares as one text.
#pragma once

#include <cstdio>
#include <memory>
#include <string>

namespace rawswarm::test
{

class scratch_file
{
public:
	scratch_file(); // throws (std::system_error)

	// Open for writing as long as this object lives.
	std::FILE* get() const { return m_file.get(); }

	// Everything written so far. The next write appends.
	std::string text() const;

private:
	std::unique_ptr<std::FILE, int (*)(std::FILE*)> m_file;
};

} // namespace rawswarm::test
