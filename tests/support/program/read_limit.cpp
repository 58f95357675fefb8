// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/program/read_limit.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

namespace rawswarm::test
{

namespace
{

constexpr char const* first_version = "/sys/fs/cgroup/blkio";
constexpr char const* second_version = "/sys/fs/cgroup";

bool write(std::string const& file, std::string const& text)
{
	std::ofstream out(file);
	out << text << std::flush;
	return bool(out);
}

} // namespace

read_limit::read_limit(std::string const& device, std::uint64_t const bytes_per_second)
{
	struct stat s = {};
	if (::stat(device.c_str(), &s) != 0)
	{
		throw std::runtime_error("finding " + device);
	}
	bool const is_first = std::filesystem::exists(first_version);
	m_path = fmt::format("{}/rawswarm_test_{}", is_first ? first_version : second_version, ::getpid());
	std::filesystem::create_directory(m_path);
	auto const number = fmt::format("{}:{}", major(s.st_rdev), minor(s.st_rdev));
	bool const is_limited = is_first
		? write(m_path + "/blkio.throttle.read_bps_device", fmt::format("{} {}", number, bytes_per_second))
		: write(m_path + "/io.max", fmt::format("{} rbps={}", number, bytes_per_second));
	if (!is_limited)
	{
		::rmdir(m_path.c_str());
		throw std::runtime_error("limiting the reads of " + device + " by " + m_path);
	}
}

read_limit::~read_limit()
{
	::rmdir(m_path.c_str());
}

std::vector<std::string> read_limit::inside(std::vector<std::string> const& command) const
{
	std::vector<std::string> argv{"sh", "-c", "echo $$ > \"$0\" && exec \"$@\"", m_path + "/cgroup.procs"};
	argv.insert(argv.end(), command.begin(), command.end());
	return argv;
}

} // namespace rawswarm::test
