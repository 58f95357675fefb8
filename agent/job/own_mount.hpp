// SPDX-License-Identifier: BSD-3-Clause
// A file system that is mounted on a new folder for as long as this object lives.
//
// Nothing on it is executed or taken for a device. Blocking; needs root.
#pragma once

#include "base/result.hpp"

#include <string>

namespace rawswarm
{

enum class mount_access
{
	read_only, // a journal is not replayed either: nothing is written
	read_write
};

class own_mount
{
public:
	// type: as blkid names it. fault::device: "mounting /dev/sda2: Invalid argument".
	static result<own_mount> make(std::string const& node, std::string const& type, mount_access access);

	~own_mount();
	own_mount(own_mount&& other) noexcept;
	own_mount& operator=(own_mount&&) = delete;

	std::string const& folder() const { return m_folder; }

	// Unmounts it. What the file system still had to write and could not is an error. Called last.
	result<void> end();

private:
	explicit own_mount(std::string folder);

	std::string m_folder;
};

} // namespace rawswarm
