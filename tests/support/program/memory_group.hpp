// SPDX-License-Identifier: BSD-3-Clause
// A control group that limits memory, of either version, from construction to destruction. Needs root.
// Errors are thrown.
#pragma once

#include "tests/support/base/child_process.hpp"

#include <cstdint>
#include <string>

namespace rawswarm::test
{

class memory_group
{
public:
	explicit memory_group(std::uint64_t limit); // bytes
	~memory_group(); // its processes must have ended
	memory_group(memory_group const&) = delete;
	memory_group& operator=(memory_group const&) = delete;

	// The same command, run inside of the group.
	child_options inside(child_options command) const;

private:
	std::string m_path;
};

// Whether such groups can be made here.
bool memory_groups_available();

} // namespace rawswarm::test
