// SPDX-License-Identifier: BSD-3-Clause
// The flags of `rawswarm run` that stand for keys of the manifest: they override a job's values, or make a
// job of their own.
//
// Pure. Flags are parsed by the manifest's own checks, into the manifest's types; errors are fault::usage and
// begin with the flag ("--listen: must be ..."). Nothing is substituted here (a shell does that), and paths
// are relative to the working directory.
#pragma once

#include "agent/manifest/manifest.hpp"
#include "agent/manifest/parse_device.hpp"
#include "base/result.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rawswarm
{

// As they were written; empty: not given. A flag that may be repeated replaces the job's whole list.
struct job_flags
{
	std::optional<std::string> name; // --name
	std::optional<std::string> torrent; // --torrent, a path or an http(s) URL
	std::optional<std::string> device; // --device, a path, or a selector in JSON
	std::optional<std::string> role; // --role, of every target
	std::optional<std::string> existing; // --existing, of every target
	bool create_file = false; // --create-file, of every target
	std::vector<std::string> peers; // --peer HOST:PORT, repeated
	std::vector<std::string> trackers; // --tracker URL or the word torrent, repeated
	std::vector<std::string> web_seeds; // --web-seed URL, repeated
	std::vector<std::string> listen; // --listen ADDRESS:PORT, repeated or separated by commas
	bool no_lsd = false; // --no-lsd
	std::vector<std::string> beacons; // --beacon ADDRESS:PORT, repeated
	std::optional<std::string> memory; // --memory "auto" or a size, such as 64M
	std::optional<std::int64_t> seed_seconds; // --seed-seconds
	std::optional<std::string> verify; // --verify
	std::optional<std::string> on_success; // --on-success
	std::optional<std::string> on_failure; // --on-failure
};

// The same, parsed.
struct job_overrides
{
	std::optional<std::string> name;
	std::optional<location> torrent;
	std::optional<named_device> device;
	std::optional<target_role> role;
	std::optional<existing_data> existing;
	bool create_file = false;
	std::vector<host_port> peers;
	std::vector<tracker_url> trackers;
	bool torrents_trackers = false;
	std::vector<url> web_seeds;
	std::vector<endpoint> listen;
	bool no_lsd = false;
	std::vector<endpoint> beacons;
	std::optional<std::optional<std::int64_t>> memory; // bytes; the inner one empty: auto
	std::optional<std::chrono::seconds> seed_seconds;
	std::optional<verification> verify;
	std::optional<end_action> on_success;
	std::optional<end_action> on_failure;
};

result<job_overrides> parse_overrides(job_flags const& flags);

// out: a manifest that was parsed, or one without targets: then there is no job but the flags, and --torrent
// and
// --device are needed. In a job they override those of its one target (its info_hash stays and still pins the
// torrent), and are refused if it has several.
//
// --seed-seconds N: serve for N seconds, idle or not. --role seed without a job and without --seed-seconds
// serves until stopped (manifest_seed_until::forever).
//
// On an error out is as it was.
result<void> apply(job_overrides const& flags, manifest& out);

} // namespace rawswarm
