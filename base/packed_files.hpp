// SPDX-License-Identifier: BSD-3-Clause
// Files that the build packed and put into the program (toolchain/cmake/packed_files.cmake).
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rawswarm
{

struct packed_file
{
	std::string_view name;
	std::size_t size; // bytes, unpacked
};

// Constants. In the frame, which is one of zstd, the files stand one behind the other.
struct packed_files
{
	std::span<packed_file const> files;
	std::string_view frame;
};

struct unpacked_file
{
	std::string_view name; // "page.js"
	std::shared_ptr<std::string const> content; // for as long as anyone needs it
};

// Unpacked when this is made. Immutable: any thread.
class unpacked_files
{
public:
	explicit unpacked_files(packed_files packed);
	unpacked_files(unpacked_files const&) = delete;
	unpacked_files& operator=(unpacked_files const&) = delete;

	// Null: there is no such file.
	unpacked_file const* find(std::string_view name) const;

private:
	std::vector<unpacked_file> m_files;
};

} // namespace rawswarm
