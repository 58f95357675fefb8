// SPDX-License-Identifier: BSD-3-Clause
// Notices that a source was written to while it was read: its torrent would be that of no disk that ever was.
//
// Of a block device the kernel counts what is written to it and to its partitions (Linux,
// Documentation/block/stat.rst); a file has its times of change. Blocking; one thread.
#pragma once

#include "base/result.hpp"
#include "storage/device/kernel_files.hpp"

#include <cstdint>
#include <string>

#include <sys/types.h>

namespace rawswarm
{

class source_watch
{
public:
	// Before the first byte is read. A folder is not watched: its files are opened one by one.
	static result<source_watch> begin(std::string const& path, kernel_files const& files = {});

	// After the last one. Empty: nothing was written; else "64 KiB were written to it", "it was changed".
	result<std::string> changes() const;

private:
	struct state
	{
		bool is_device = false;
		std::uint64_t sectors_written = 0; // of a device
		std::int64_t modified_ns = 0; // of a file
		std::int64_t changed_ns = 0;
		std::int64_t size = 0;

		friend bool operator==(state const&, state const&) = default;
	};

	static result<state> look_at(std::string const& path, kernel_files const& files);

	source_watch(std::string path, kernel_files files, state const& before);

	std::string m_path;
	kernel_files m_files;
	state m_before;
};

} // namespace rawswarm
