// SPDX-License-Identifier: BSD-3-Clause
// This machine's own names, from /sys and uname.
#pragma once

#include <filesystem>
#include <string>

namespace rawswarm
{

// The values of ${mac}, ${serial}, ${uuid} and ${hostname} in the strings of a job. Empty: not available.
struct machine_identity
{
	std::string mac;
	std::string serial;
	std::string uuid;
	std::string hostname;
};

// mac: of the interface that has the default route, else of the first that is up and is not loopback,
// else of the first with a hardware address; lower case, with colons. serial and uuid: of the DMI
// product (readable by root only). A value that is not available is empty.
// sys, proc: where those file systems are, for tests.
machine_identity read_identity(
	std::filesystem::path const& sys = "/sys", std::filesystem::path const& proc = "/proc");

} // namespace rawswarm
