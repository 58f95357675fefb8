// SPDX-License-Identifier: BSD-3-Clause
// What a job has a place for, and may have a hash of: small files for an image, small images.
//
// Blocking; for the start of a job, before the first byte is written.
#pragma once

#include "agent/manifest/manifest.hpp"
#include "agent/net/fetch.hpp"
#include "agent/net/location.hpp"
#include "base/result.hpp"

#include <span>
#include <stop_token>
#include <string>

namespace rawswarm
{

// What is at the place. sha256: 64 lower-case hex digits, or empty: not compared. A signed job then needs a
// signature beside it, unless the place is an https URL, whose server is known by its certificate. Errors are
// those of fetch_again() and check_signed(), and fault::refused for another hash, with both.
result<std::string> fetch_pinned(job_fetching const& how, location const& source, std::string const& sha256,
	fetch_limits const& limits, std::stop_token const& stop = {});

// Puts the content into each of the files that have a source. device: that they are for, for messages:
// "getting /etc/hostname for /dev/sda: fetching http://10.0.0.1/name: Connection refused". Ends early when
// asked to stop.
result<void> fetch_files(job_fetching const& how, std::string const& device, std::span<landed_file> files,
	std::stop_token const& stop = {});

} // namespace rawswarm
