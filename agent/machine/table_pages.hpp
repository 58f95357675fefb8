// SPDX-License-Identifier: BSD-3-Clause
// The pages of a disk that hold its partition table and cannot be read, as on a disk with pending sectors. A
// table that is going to be replaced need not be read; a page that is written whole can be read again, where
// a write of less would have to read the rest.
//
// Blocking. Pages have 4 KiB, or less at the end of a disk.
#pragma once

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "storage/device/content_check.hpp"

#include <string>
#include <vector>

namespace rawswarm
{

// Those where an MBR, a GPT and its copy lie. fd: open for reading.
std::vector<byte_range> unreadable_table_pages(int fd);

// A file in memory as long as the disk, with what can be read of the pages where tables lie, and zeros
// elsewhere.
result<unique_fd> copy_table_pages(int fd, std::string const& label);

// Overwrites them with zeros and syncs. label: for messages.
result<void> clear_pages(int fd, std::string const& label, std::vector<byte_range> const& pages);

} // namespace rawswarm
