// SPDX-License-Identifier: BSD-3-Clause
// A part of a file or of a device as a device of its own, which can only be read: a loop device, which goes
// with this object.
//
// Needs root and the kernel's loop driver.
#pragma once

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "storage/device/units.hpp"

#include <string>

namespace rawswarm
{

class loop_window
{
public:
	// file: open for reading. Errors are fault::internal: "setting up a loop device: Permission denied".
	static result<loop_window> attach(int file, byte_range range);

	std::string const& path() const { return m_path; }

private:
	loop_window(unique_fd device, std::string path);

	unique_fd m_device; // its last close detaches the loop device
	std::string m_path;
};

} // namespace rawswarm
