// SPDX-License-Identifier: BSD-3-Clause
// What a client writes to: a file on a tmpfs, or a loop device over one. The pages of the file are in place
// before it is written to: a disk does not first have to be made either.
//
// One thread. Errors are thrown. A loop device needs root, and is removed with the object.
#pragma once

#include "tests/support/device/loop_device.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace rawswarm::bench
{

class transfer_target
{
public:
	// folder: on a tmpfs. size: bytes, a multiple of a mebibyte.
	transfer_target(std::string const& folder, std::uint64_t size, bool is_loop);

	std::string const& path() const { return m_loop ? m_loop->path() : m_file; }
	bool is_loop() const { return m_loop != nullptr; }

	// The file that has its content.
	std::string const& content() const { return m_file; }

	// Fills it with zeros.
	void clear() const;

private:
	std::string m_file;
	std::uint64_t m_size;
	std::unique_ptr<test::loop_device> m_loop;
};

} // namespace rawswarm::bench
