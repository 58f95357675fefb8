// SPDX-License-Identifier: BSD-3-Clause
// The files of agent/watch/page, which the build packed and put into the program
// (toolchain/cmake/page.cmake).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rawswarm
{

struct page_file
{
	std::string_view name; // "page.js"
	std::string_view content;
};

// Unpacked when this is made. Immutable: any thread.
class page_files
{
public:
	page_files();
	page_files(page_files const&) = delete;
	page_files& operator=(page_files const&) = delete;

	// Null: there is no such file.
	page_file const* find(std::string_view name) const;

private:
	std::string m_content; // of all
	std::vector<page_file> m_files;
};

} // namespace rawswarm
