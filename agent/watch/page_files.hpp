// SPDX-License-Identifier: BSD-3-Clause
// The files of agent/watch/page, which the build packed and put into the program
// (toolchain/cmake/page.cmake).
#pragma once

#include "agent/http_server/http_reply.hpp"

#include <string_view>
#include <vector>

namespace rawswarm
{

struct page_file
{
	std::string_view name; // "page.js"
	shared_text content; // for all answers
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
	std::vector<page_file> m_files;
};

} // namespace rawswarm
