// SPDX-License-Identifier: BSD-3-Clause
// The storage settings of a job that runs: what the backend works with, and what a person changes meanwhile.
//
// Used by the thread of the io_context. What it is made of must outlive it.
#pragma once

#include "agent/control/control_answers.hpp"
#include "agent/job/job_targets.hpp"
#include "agent/manifest/manifest.hpp"
#include "agent/swarm/swarm.hpp"
#include "base/result.hpp"
#include "storage/backend/storage_context.hpp"

#include <span>
#include <string>

namespace rawswarm
{

class running_settings
{
public:
	running_settings(storage_context& storage, job_targets const& targets, manifest_storage const& asked)
		: m_storage(storage)
		, m_targets(targets)
		, m_asked(asked)
	{}

	// Called once the devices are known, and before the session makes the backend.
	void set_io_threads();

	agent_settings current() const;

	// Words as `rawswarm set` has them. begun: the swarm once it has begun, else null: before, further
	// devices may still be opened, which would not have what the others get. Errors are those of
	// change_settings().
	result<void> change(std::span<std::string const> words, swarm* begun);

private:
	storage_context& m_storage;
	job_targets const& m_targets;
	manifest_storage const& m_asked;
};

} // namespace rawswarm
