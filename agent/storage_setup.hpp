// The backend's settings on this machine.
#pragma once

#include "agent/manifest.hpp"
#include "storage/storage_context.hpp"

#include <cstdint>

namespace rawswarm
{

// "auto": a quarter of the memory, at least 32 MiB and at most 1 GiB. Bytes.
std::int64_t automatic_memory(std::int64_t machine_memory) noexcept;

storage_settings make_storage_settings(manifest_storage const& wanted);

} // namespace rawswarm
