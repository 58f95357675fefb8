// SPDX-License-Identifier: BSD-3-Clause
// Real file systems of every kind that an image is made of, on a device that a test has made.
//
// Needs root, and the tools that why_no_file_system() names. Errors are thrown with the tool's own words.
#pragma once

#include <string>

namespace rawswarm::test
{

enum class file_system_kind
{
	ext4,
	xfs,
	btrfs,
	fat32,
	exfat,
	ntfs
};

// "ext4", as blkid names it.
std::string name_of(file_system_kind kind);

// Empty: it can be made, filled, checked and read on this machine.
std::string why_no_file_system(file_system_kind kind);

// Made and filled with the files of `tree`; most of what was written before them is deleted again, and one
// file is in many fragments. Unmounted when it returns.
void make_file_system(file_system_kind kind, std::string const& device, std::string const& tree);

// Checks it with its own tool, which must find nothing, and compares every file.
void expect_file_system(file_system_kind kind, std::string const& device, std::string const& tree);

// A folder with small and large files, one with holes, names of other alphabets and folders in folders.
void make_tree(std::string const& folder);

} // namespace rawswarm::test
