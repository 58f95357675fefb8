// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/base/scratch_file.hpp"

#include "tests/support/base/throw_errno.hpp"

namespace rawswarm::test
{

scratch_file::scratch_file()
	: m_file(std::tmpfile(), &std::fclose)
{
	if (!m_file)
	{
		throw_errno("creating a temporary file");
	}
}

std::string scratch_file::text() const
{
	std::rewind(m_file.get());
	std::string all;
	for (int c = std::fgetc(m_file.get()); c != EOF; c = std::fgetc(m_file.get()))
	{
		all += static_cast<char>(c);
	}
	return all;
}

} // namespace rawswarm::test
