// SPDX-License-Identifier: BSD-3-Clause
// Brings what a job names into memory: torrents, files, volumes. Servers that are away are asked again for as
// long as the job's own was, and what a signed job gives no hash for must be signed itself.
//
// Blocking; for the start of a job, before the first byte is written.
#pragma once

#include "agent/manifest/job_signature.hpp"
#include "agent/manifest/manifest.hpp"
#include "agent/net/fetch.hpp"
#include "agent/net/location.hpp"
#include "base/result.hpp"

#include <stop_token>
#include <string>
#include <string_view>

namespace rawswarm
{

inline constexpr std::size_t max_signature_bytes =
	std::size_t(16) * 1024; // a key or a signature of minisign's is under 1 KiB

// JOB.minisig; in a URL the suffix goes before the query.
location signature_of(location const& signed_text);

// limits.timeout is that of each attempt. Errors are those of fetch(). A request to stop ends the wait
// between two attempts.
result<std::string> fetch_again(job_fetching const& how, location const& source, fetch_limits const& limits,
	std::stop_token const& stop = {});

// Verifies the bytes of the source by the signature that was fetched for them, and returns its trusted
// comment. Whatever kept it from being read, they count as not signed: fault::refused, with `demand` ("the
// job must be signed") before the reason. But a server that could not be asked has not said that there is
// none: fault::network.
result<std::string> check_signature(public_key const& key, location const& source, std::string_view bytes,
	result<std::string> const& signature, std::string_view demand);

// For what the job has no hash of. Nothing is asked if the job is not signed; else the bytes at the source
// need a signature beside it, by the job's own key. missing: the key of the job that would pin them, for
// messages. fault::refused; fault::network if a server could not be asked.
result<void> check_signed(job_fetching const& how, location const& source, std::string_view bytes,
	std::string_view missing, std::stop_token const& stop = {});

} // namespace rawswarm
