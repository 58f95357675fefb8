// SPDX-License-Identifier: BSD-3-Clause
// Whether what boots from a disk names the disk or its partitions by identifiers of their own.
//
// Blocking; reads only. Needs root to look into partitions.
#pragma once

#include "base/result.hpp"

#include <optional>
#include <string>
#include <vector>

namespace rawswarm
{

struct boot_name
{
	int partition = 0;
	std::string file; // "/etc/fstab"
	std::string id;
};

struct boot_names
{
	std::optional<boot_name> found; // the first one
	std::vector<std::string> unseen; // partitions that could not be looked into: "partition 1 (vfat)"
};

// Looks for the identifiers, of which letters are lower case, in the configuration of boot loaders and in
// fstab, on every partition of the disk that the kernel can mount.
result<boot_names> find_boot_names(std::string const& disk, std::vector<std::string> const& ids);

} // namespace rawswarm
