// SPDX-License-Identifier: BSD-3-Clause
// The variables of UEFI firmware that say what it boots, as the kernel's efivarfs shows them.
//
// Blocking: firmware may take a second for a change. Needs root. One thread at a time. Format:
// Documentation/filesystems/efivarfs.rst of Linux; a file is NAME-GUID, and holds four bytes of attributes
// before the value.
#pragma once

#include "base/result.hpp"
#include "storage/device/kernel_files.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rawswarm
{

class efi_variables
{
public:
	// Mounts efivarfs at its usual place if it is not mounted there, and leaves it. fault::target: UEFI has
	// not started the machine, or its variables cannot be written.
	static result<efi_variables> open(kernel_files const& files = {});

	// Those of the specification's own GUID: "Boot0001", "BootOrder".
	std::vector<std::string> names() const;

	// The value. Empty: there is no such variable. fault::device: "reading Boot0001: Input/output error".
	result<std::optional<std::string>> read(std::string const& name) const;

	// Kept by the firmware whatever the machine does next. A variable that has this value already is not
	// written, as its memory wears out. fault::device: "writing Boot0001: No space left on device".
	result<void> write(std::string const& name, std::string_view value) const;

	// One that is not there is no error.
	result<void> remove(std::string const& name) const;

private:
	explicit efi_variables(std::string folder);

	std::string path_of(std::string const& name) const;

	std::string m_folder;
};

} // namespace rawswarm
