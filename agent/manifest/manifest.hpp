// SPDX-License-Identifier: BSD-3-Clause
// The job manifest: what one machine is to do, as JSON (version 1).
//
// The parser is strict: an unknown or duplicate key, a wrong type or a number out of range is an
// error that names its place as a JSON pointer (RFC 6901), and so is a key that this version of the
// program knows but cannot carry out yet. Nothing is ignored. Pure: no file, no network, no device
// is touched here. agent/manifest.schema.json says the same in JSON Schema's words; both are tested
// on the same fixtures.
#pragma once

#include "agent/machine/device_selector.hpp"
#include "base/result.hpp"
#include "storage/device/device_profile.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rawswarm
{

enum class target_role
{
	image,
	seed
};
enum class existing_data
{
	discard,
	verify
};
// What becomes of the machine once the job is over.
enum class ending
{
	proceed, // "continue", which is a keyword in C++: the program exits
	shell, // the same; whoever started it opens a shell
	reboot,
	poweroff,
	exec // another program takes the place of this one
};

// What becomes of the copy of a GPT when the image of a smaller disk was written to a larger one.
enum class backup_gpt
{
	keep, // it stays where the image has it
	move // to the end of the disk, once nobody is served any more
};

// Whether a device is read again, past every cache, after it was written and synced.
enum class verification
{
	none,
	readback
};

struct manifest_partition_table
{
	device_selector disk;
	std::string script; // in sfdisk's format
};

struct manifest_target
{
	std::string torrent; // a path or an http(s) URL, resolved against the manifest's own place
	std::string info_hash; // 40 lower-case hex digits, or empty: no pin
	std::string device; // a path; a relative one is left relative to the working directory. With a
	                    // selector: its description, until the plan puts the device's path here
	std::optional<device_selector> selector = {};
	target_role role = target_role::image;
	existing_data existing = existing_data::discard;
	backup_gpt gpt_copy = backup_gpt::keep;
};

struct manifest_swarm
{
	std::string listen = "0.0.0.0:6881"; // ADDRESS:PORT, [ADDRESS]:PORT; port 0: the system picks one
	std::vector<std::string> peers; // HOST:PORT
	std::vector<std::string> trackers; // http, https and udp URLs, the scheme in lower case
	std::vector<std::string>
		web_seeds; // http and https URLs: of an image file or, ending in '/', of a folder
	bool lsd = true;
	std::vector<std::string> allow; // CIDR networks; empty: everyone
	std::int64_t upload_limit = 0; // bytes a second, 0: none; fits an int, as libtorrent's limits do
	std::int64_t download_limit = 0;
};

// A target goes on serving until the first of these that is set is reached; all zero: no serving.
struct manifest_seed_until
{
	std::chrono::seconds idle{15}; // nobody asked for so long
	std::chrono::seconds total{0}; // so long after the target was done
	double ratio = 0; // so many images sent
	bool forever = false; // serves until stopped, and the others are 0. No key of the manifest says
	                      // so: it comes from --role seed without a job
};

struct manifest_storage
{
	std::optional<std::int64_t> memory; // bytes; empty: auto
	std::optional<int> threads; // that read and write; empty: auto
	direct_writes direct = direct_writes::automatic;
	coalesce_limits coalesce; // of all targets; what is empty is up to each target's profile
	std::optional<device_kind> profile; // of all targets; empty: what each device is
	std::optional<int> writers; // for each target; empty: auto
	std::optional<int> read_ahead_blocks; // for each target; empty: auto
};

struct manifest_beacon
{
	std::vector<std::string> to; // ADDRESS:PORT
	std::chrono::milliseconds interval{1000};
	std::string key_file; // resolved like torrent, but never a URL; empty: not signed
};

struct manifest
{
	std::string name;
	std::vector<manifest_partition_table> partition_tables; // written before any target
	std::vector<manifest_target> targets; // at least one
	manifest_swarm swarm;
	manifest_seed_until seed_until;
	manifest_storage storage;
	manifest_beacon beacon;
	std::chrono::seconds timeout{0}; // no progress for so long: give up. 0: never
	verification verify = verification::none;
	ending on_success = ending::proceed;
	std::vector<std::string> exec; // of on_success: the program and its arguments
	ending on_failure = ending::shell;
	std::string log; // a level as --log takes it; empty: not set by the job
};

// This machine's own names, which replace ${mac}, ${serial}, ${uuid} and ${hostname} in strings.
struct machine_identity
{
	std::string mac;
	std::string serial;
	std::string uuid;
	std::string hostname;
};

// Replaces ${mac}, ${serial}, ${uuid}, ${hostname}. An unknown or unclosed ${…}, or a name that this
// machine has no value for, is an error that names it (fault::refused). What is put in is not looked
// at again.
result<std::string> substitute(std::string_view text, machine_identity const& self);

// A longer text is refused before it is parsed. A manifest is some KiB; this leaves room for a
// thousand peers and more.
inline constexpr std::size_t max_manifest_bytes = std::size_t(1024) * 1024;

// Objects and arrays inside each other; the manifest itself needs four.
inline constexpr std::size_t max_manifest_depth = 32;

inline constexpr std::size_t max_targets = 128;

// Resolves a path or URL found in a manifest against the manifest's own path or URL (RFC 3986
// section 5 for URLs). An absolute path or a URL with a scheme stays as it is. With base "-"
// (standard input) a relative path is left relative to the working directory.
std::string resolve(std::string_view base, std::string_view reference);

// base: where the text came from (path, URL or "-"), for messages and for relative references.
// All errors are fault::refused, one line, and read "reading BASE: /targets/0/role: …", or
// "reading BASE: line 3, column 7: …" for what is no JSON. An unknown or duplicate key is pointed at
// itself, a missing one by the object that lacks it. BASE is "standard input" for "-".
result<manifest> parse_manifest(std::string_view json, std::string_view base, machine_identity const& self);

} // namespace rawswarm
