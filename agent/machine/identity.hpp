// SPDX-License-Identifier: BSD-3-Clause
// This machine's own names, from /sys and uname.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace rawswarm
{

// The values of ${mac}, ${ip}, ${serial}, ${uuid} and ${hostname} in the strings of a job. Empty: not
// available.
struct machine_identity
{
	std::string mac; // lower case, with colons
	std::string serial;
	std::string uuid;
	std::string hostname;
	std::string ip; // IPv4
	std::vector<std::string> macs = {}; // of every interface, as mac; no value of a name
};

// Where those file systems are; for tests.
struct identity_files
{
	std::filesystem::path sys = "/sys";
	std::filesystem::path proc = "/proc";
};

// mac: boot_mac if it is given, else that of the interface that has the default route, else of the first that
// is up and is not loopback, else of the first with a hardware address. ip: of the interface with that
// address, or of the one with the default route if none has it, as where a boot loader goes by another
// address than the kernel. serial and uuid: of the DMI product (readable by root only). A value that is not
// available is empty.
machine_identity read_identity(std::string const& boot_mac = {}, identity_files const& files = {});

} // namespace rawswarm
