// SPDX-License-Identifier: BSD-3-Clause
// The files of agent/watch/page, as the build packs them.
#pragma once

#include "base/packed_files.hpp"

namespace rawswarm
{

packed_files packed_page();

} // namespace rawswarm
