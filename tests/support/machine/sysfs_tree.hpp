// SPDX-License-Identifier: BSD-3-Clause
// The disks of another machine, recorded by record_sysfs.sh: a folder that stands in for its /proc and /sys,
// and the entries of its partition tables.
//
// The file tests/fixtures/sysfs/NAME.tree has one line per file or link, with paths relative to the root of
// that machine: "PATH = CONTENT", "PATH -> TARGET", or a comment after a #. In CONTENT, \n is the end of a
// line and \xNN any other byte. dev/sda1/partuuid and dev/sda1/partlabel are the entries of the partition
// table.
//
// Errors are thrown (std::system_error, std::runtime_error).
#pragma once

#include "agent/machine/disk_inventory.hpp"
#include "storage/device/device_checks.hpp"
#include "tests/support/base/temp_dir.hpp"

#include <string>
#include <vector>

namespace rawswarm::test
{

class sysfs_tree
{
public:
	explicit sysfs_tree(std::string const& name);

	kernel_files files() const { return {m_dir / "proc", m_dir / "sys"}; }

	// Sorted by the kernel's names, with the labels and UUIDs of their tables. Opens no device of this
	// machine.
	std::vector<disk_info> disks() const;

private:
	temp_dir m_dir;
};

// The disks of a tree, if its files are not needed. One thread at a time.
std::vector<disk_info> recorded_disks(std::string const& tree);

// The disk of that name. Throws if there is none.
disk_info const& disk_named(std::vector<disk_info> const& disks, std::string const& name);

} // namespace rawswarm::test
