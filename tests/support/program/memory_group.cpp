// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/program/memory_group.hpp"

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include <unistd.h>

namespace rawswarm::test
{

namespace
{

constexpr char const* first_version = "/sys/fs/cgroup/memory";
constexpr char const* second_version = "/sys/fs/cgroup";

bool is_first_version()
{
	return std::filesystem::exists(std::string(first_version) + "/memory.limit_in_bytes");
}

bool write(std::string const& file, std::string const& text)
{
	std::ofstream out(file);
	out << text << std::flush;
	return bool(out);
}

} // namespace

memory_group::memory_group(std::uint64_t const limit)
	: m_path(std::string(is_first_version() ? first_version : second_version) + "/rawswarm_test_"
		+ std::to_string(::getpid()))
{
	std::filesystem::create_directory(m_path);
	if (!write(
			m_path + (is_first_version() ? "/memory.limit_in_bytes" : "/memory.max"), std::to_string(limit)))
	{
		::rmdir(m_path.c_str());
		throw std::runtime_error("limiting the memory of " + m_path);
	}
}

memory_group::~memory_group()
{
	::rmdir(m_path.c_str());
}

child_options memory_group::inside(child_options command) const
{
	std::vector<std::string> argv{"sh", "-c", "echo $$ > \"$0\" && exec \"$@\"", m_path + "/cgroup.procs"};
	argv.insert(argv.end(), command.argv.begin(), command.argv.end());
	command.argv = std::move(argv);
	return command;
}

bool memory_groups_available()
{
	try
	{
		memory_group const g(std::uint64_t(1) << 30);
		return ::geteuid() == 0;
	}
	catch (std::exception const&)
	{
		return false;
	}
}

} // namespace rawswarm::test
