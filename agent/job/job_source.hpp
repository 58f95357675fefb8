// SPDX-License-Identifier: BSD-3-Clause
// Loads a job from a file, standard input or a URL, checks its signature and applies the flags that override
// it; or makes one from the flags alone.
#pragma once

#include "agent/machine/identity.hpp"
#include "agent/manifest/manifest.hpp"
#include "agent/manifest/overrides.hpp"
#include "agent/net/fetch.hpp"
#include "base/result.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace rawswarm
{

struct job_source
{
	std::string job; // path, "-" or URL; empty: the job consists of the flags alone
	std::string key_file; // --key; empty: the one of the initramfs, if it exists
	job_overrides flags;
	std::int64_t least_serial_number = 0; // --serial-number: that a job must have at least; 0: it needs none
	std::chrono::milliseconds timeout = fetch_limits().timeout; // of each request
};

// What load_job() would refuse of the source alone: its location, the names in it, the key. Fetches no job.
result<void> check_job_source(job_source const& source, machine_identity const& self);

// Blocking. With a trusted key the job must be signed (JOB.minisig), and flags may not change its
// targets. A job that is not good for this machine or for now is refused (agent/manifest/job_validity.hpp).
// Errors are fault::refused or fault::usage; fault::network if a server could not be asked for the job or its
// signature.
result<manifest> load_job(job_source const& source, machine_identity const& self);

} // namespace rawswarm
