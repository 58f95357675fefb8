// SPDX-License-Identifier: BSD-3-Clause
// The files of agent/watch/page, which the build packed and put into the program.
#pragma once

#include "base/packed_files.hpp"

namespace rawswarm
{

using page_file = unpacked_file;

// Unpacked when this is made. Immutable: any thread.
class page_files : public unpacked_files
{
public:
	page_files();
};

} // namespace rawswarm
