// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/job_source.hpp"

#include "agent/job/job_fetch.hpp"
#include "agent/manifest/job_signature.hpp"
#include "agent/manifest/job_validity.hpp"
#include "agent/manifest/json_location.hpp"
#include "agent/manifest/manifest_substitute.hpp"
#include "agent/manifest/parse_manifest.hpp"
#include "agent/net/fetch.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>

namespace rawswarm
{

namespace
{

fetch_limits at_most(std::size_t const bytes, std::chrono::milliseconds const timeout)
{
	fetch_limits limits;
	limits.max_bytes = bytes;
	limits.timeout = timeout;
	return limits;
}

// The key that jobs must be signed with; empty: they need no signature.
result<std::optional<public_key>> trusted_key(job_source const& source)
{
	auto const& flag = source.key_file;
	std::string const path = flag.empty() ? trusted_key_path : flag;
	std::error_code ec;
	// the entry itself, not followed: a dangling link to a key still says that jobs must be signed
	auto const entry = std::filesystem::symlink_status(path, ec);
	if (flag.empty() && entry.type() == std::filesystem::file_type::not_found)
	{
		return std::optional<public_key>();
	}
	auto where = parse_path(path);
	if (!where)
	{
		return json_location::of_flag("--key").refuse(
			"{}: who sends a key says who is trusted", where.error().text);
	}
	BOOST_OUTCOME_TRY(text,
		fetch(location::of_path(std::move(where.value())), at_most(max_signature_bytes, source.timeout)));
	BOOST_OUTCOME_TRY(key, parse_public_key(text, path));
	return std::optional<public_key>(key);
}

// Checked before anything is read, as standard input may never end.
result<void> check_can_be_signed(location const& job, job_overrides const& flags)
{
	if (flags.torrent || flags.device || flags.role || flags.existing || flags.create_file)
	{
		return fail(fault::refused, "reading {}: the job is signed, its targets cannot be changed by flags",
			describe(job));
	}
	if (job.is_standard_input())
	{
		return fail(fault::refused,
			"reading standard input: a job must be signed here, and has no place for "
			"a signature");
	}
	return success();
}

result<job_fetching::seal> read_seal(public_key const& key, location const& job,
	std::chrono::milliseconds const timeout, std::string_view const text)
{
	BOOST_OUTCOME_TRY(comment,
		check_signature(key, job, text, fetch(signature_of(job), at_most(max_signature_bytes, timeout)),
			"the job must be signed"));
	return job_fetching::seal{key, std::move(comment)};
}

// The job's location, with the names of this machine substituted.
result<location> job_location(job_source const& source, machine_identity const& self)
{
	BOOST_OUTCOME_TRY(name, substitute(source.job, self, use_in_location(source.job)));
	auto where = parse_location(name);
	if (!where)
	{
		return fail(fault::refused, "reading the job: its location {}", where.error().text);
	}
	return where;
}

result<manifest> read_job(job_source const& source, location const& where,
	std::optional<public_key> const& key, machine_identity const& self)
{
	if (key)
	{
		BOOST_OUTCOME_TRYV(check_can_be_signed(where, source.flags));
	}
	BOOST_OUTCOME_TRY(text, fetch(where, at_most(max_manifest_bytes, source.timeout)));
	std::optional<job_fetching::seal> signed_by;
	if (key)
	{
		BOOST_OUTCOME_TRY(seal, read_seal(*key, where, source.timeout, text));
		signed_by = std::move(seal);
	}
	BOOST_OUTCOME_TRY(job, parse_manifest(text, where, self));
	BOOST_OUTCOME_TRYV(
		check_validity(job.validity, self, bounds_of_now(source.least_serial_number), describe(where)));
	job.fetching.signed_by = std::move(signed_by);
	return job;
}

} // namespace

result<void> check_job_source(job_source const& source, machine_identity const& self)
{
	BOOST_OUTCOME_TRYV(job_location(source, self));
	BOOST_OUTCOME_TRYV(trusted_key(source));
	return success();
}

result<manifest> load_job(job_source const& source, machine_identity const& self)
{
	BOOST_OUTCOME_TRY(key, trusted_key(source));
	manifest job;
	if (!source.job.empty())
	{
		BOOST_OUTCOME_TRY(where, job_location(source, self));
		BOOST_OUTCOME_TRY(found, read_job(source, where, key, self));
		job = std::move(found);
	}
	else if (key)
	{
		return fail(fault::refused, "running a job of flags alone: jobs must be signed here");
	}
	BOOST_OUTCOME_TRYV(apply(source.flags, job));
	return job;
}

} // namespace rawswarm
