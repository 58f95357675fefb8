// SPDX-License-Identifier: BSD-3-Clause
#include "agent/watch/page_files.hpp"

#include "agent/watch/packed_page.hpp"

namespace rawswarm
{

page_files::page_files()
	: unpacked_files(packed_page())
{}

} // namespace rawswarm
