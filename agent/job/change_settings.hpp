// SPDX-License-Identifier: BSD-3-Clause
// Settings of a job that runs: what they are, and changing them (agent/manifest/settings_change.hpp).
#pragma once

#include "agent/control/control_answers.hpp"
#include "agent/manifest/manifest.hpp"
#include "agent/manifest/settings_change.hpp"
#include "base/result.hpp"
#include "storage/backend/storage_context.hpp"

#include <memory>
#include <span>

namespace rawswarm
{

// Those that the backend works with.
agent_settings settings_of(
	storage_context const& context, std::span<std::shared_ptr<storage_target> const> targets);

// All of the change, or nothing of it and an error: it is about devices, and no target is in use or none has
// that device (fault::target), the least number of blocks would be above the most (fault::usage). The backend
// takes it over with swarm::apply_storage_settings(). asked: what the job sets; a number of threads stays.
result<void> change_settings(settings_change const& change, storage_context& context,
	std::span<std::shared_ptr<storage_target> const> targets, manifest_storage const& asked);

} // namespace rawswarm
