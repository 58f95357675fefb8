// SPDX-License-Identifier: BSD-3-Clause
// A control group whose processes read a block device at a limited rate, of either version, from construction
// to destruction: a disk that is slow and leaves the processors alone. Needs root. Errors are thrown.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace rawswarm::test
{

class read_limit
{
public:
	read_limit(std::string const& device, std::uint64_t bytes_per_second);
	~read_limit(); // its processes must have ended
	read_limit(read_limit const&) = delete;
	read_limit& operator=(read_limit const&) = delete;

	// The same command, run inside of the group.
	std::vector<std::string> inside(std::vector<std::string> const& command) const;

private:
	std::string m_path;
};

} // namespace rawswarm::test
