// SPDX-License-Identifier: BSD-3-Clause
// Texts that the build packs: "licenses", of the program and of what is linked into it (toolchain/licenses),
// "manifest.schema.json" and "room.schema.json".
#pragma once

#include "base/packed_files.hpp"

namespace rawswarm
{

packed_files packed_texts();

} // namespace rawswarm
