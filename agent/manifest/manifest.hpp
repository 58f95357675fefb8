// SPDX-License-Identifier: BSD-3-Clause
// The job manifest: what one machine is to do. The structs alone; agent/manifest/parse_manifest.hpp reads
// them from JSON, agent/manifest/overrides.hpp from flags.
//
// Value types. Addresses, URLs and networks are parsed once, when the manifest is read, and stay what they
// are.
#pragma once

#include "agent/log/log_levels.hpp"
#include "agent/machine/device_selector.hpp"
#include "agent/manifest/job_signature.hpp"
#include "agent/net/endpoint.hpp"
#include "agent/net/host_port.hpp"
#include "agent/net/ip_network.hpp"
#include "agent/net/location.hpp"
#include "agent/net/tracker_url.hpp"
#include "agent/net/url.hpp"
#include "storage/device/device_profile.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
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
// Whether blocks go between rawswarms as frames of zstd.
enum class block_compression
{
	automatic, // as long as the processor is not the limit
	on,
	off, // blocks are neither sent nor taken compressed
};

// The machine does this when the job is over.
enum class end_action
{
	proceed, // "continue", which is a keyword in C++: the program exits
	shell, // the same; the script that started the program opens a shell
	reboot,
	poweroff,
	exec // another program replaces this one
};

// Where the backup GPT goes if the image of a smaller disk was written to a larger one.
enum class backup_gpt
{
	keep, // leave it where the image has it
	move // to the end of the disk, when serving is over
};

// Whether a device is read back, bypassing every cache, after it was written and synced.
enum class verification
{
	none,
	readback
};

struct manifest_partition_table
{
	device_selector disk;
	std::string script; // in sfdisk's format
	bool wipe = true; // signatures of earlier uses in partitions that are new
};

// A small file that is put into a file system of an image once it is on its device, or removed from it.
struct landed_file
{
	int partition = 0; // its number on the device; 0: the device is the file system
	std::string
		path; // from the file system's root, with a slash before it; to remove: the name may be a pattern
	std::optional<std::string> content; // empty, and no source: it is removed
	std::optional<location> source; // instead of content: where it is read from when the job starts
	std::string sha256; // of what the source has: 64 lower-case hex digits, or empty: not compared
	std::optional<int> mode; // permissions; empty: those of the file that it replaces, else 0644
};

// The identifiers of a disk and its partitions, which an image brings to every machine alike.
enum class disk_ids
{
	keep,
	renew, // unless what boots from the disk names them
	renew_anyway
};

// The partition that takes the free space behind it.
struct grow_request
{
	int partition = 0; // its number; 0: that which lies last on the disk

	friend bool operator==(grow_request, grow_request) = default;
};

// An entry of the machine's firmware that starts the system on the disk (UEFI specification, 3.1.3).
struct boot_entry_request
{
	std::string label = "rawswarm"; // an entry of this name for any disk is replaced
	std::string loader; // a path on the EFI system partition with '\\'; empty: the fallback of the machine
	bool first = false; // before the other entries; otherwise behind them, or where the replaced one was
	bool next = false; // the machine starts it the next time, whatever the order

	friend bool operator==(boot_entry_request const&, boot_entry_request const&) = default;
};

// What happens to a whole-disk image on a disk that is smaller than that which it was made of.
enum class smaller_disk
{
	refuse,
	shrink // the last partition ends with the disk, if everything that is used fits
};

struct manifest_target
{
	location torrent; // resolved against the manifest's own location
	std::string info_hash; // 40 lower-case hex digits, or empty: no pin
	std::string device; // a path; a relative one is left relative to the working directory. With a
	                    // selector: its description, until the plan puts the device's path here
	std::optional<device_selector> selector = {};
	target_role role = target_role::image;
	existing_data existing = existing_data::discard;
	backup_gpt gpt_copy = backup_gpt::keep;
	disk_ids ids = disk_ids::keep;
	std::vector<landed_file> files = {};
	std::optional<grow_request> grow = {}; // once the image is written; moves the copy of a GPT, too
	smaller_disk if_smaller = smaller_disk::refuse;
	std::optional<boot_entry_request> boot_entry = {}; // made once the image is written
	bool create_file = false; // an image file that does not exist is made
	bool wipe = true; // signatures of earlier uses that the image does not overwrite
};

// A small image that is read from its place when the job starts, and written to a device as it is.
struct manifest_volume
{
	location source;
	std::string sha256; // 64 lower-case hex digits
	std::string device; // as that of a target
	std::optional<device_selector> selector = {};
};

struct manifest_swarm
{
	std::vector<endpoint> listen{{{boost::asio::ip::address_v4::any(), {}}, 6881},
		{{boost::asio::ip::address_v6::any(), {}}, 6881}}; // at least one; port 0: the system picks one
	std::vector<host_port> peers;
	std::vector<tracker_url> trackers;
	bool torrents_trackers = false; // those that each torrent names as well
	std::vector<url>
		web_seeds; // of an image file, raw or compressed, or, if its path ends in '/', of a folder
	bool lsd = true;
	block_compression compress = block_compression::automatic; // of what goes between rawswarms
	std::vector<ip_network> allow; // empty: everyone
	std::int64_t upload_limit = 0; // bytes per second, 0: none; fits an int, as libtorrent's limits do
	std::int64_t download_limit = 0;
	std::string key_file; // of a private room; a path, as a beacon's; empty: the room is open to everyone
};

// A target goes on serving until the first of these that is set is reached; all zero: no serving.
struct manifest_seed_until
{
	std::chrono::seconds idle{15}; // no peer asked for this long
	bool leave_unneeded = true; // at once when no peer lacks anything; not if the job sets idle_seconds
	std::chrono::seconds total{0}; // since the target was done
	double ratio = 0; // copies of the image sent
	bool forever = false; // serves until stopped, and the others are 0. Not a key of the manifest: it
	                      // comes from --role seed without a job
};

struct manifest_storage
{
	std::optional<std::int64_t> memory; // bytes; empty: auto
	std::optional<int> threads; // for reads and writes; empty: auto
	direct_writes direct = direct_writes::automatic;
	coalesce_limits coalesce; // of all targets; an empty limit is left to each target's profile
	std::optional<device_kind> profile; // of all targets; empty: what each device is
	std::optional<int> writers; // per target; empty: auto
	std::optional<int> read_ahead_blocks; // per target; empty: auto
	std::chrono::seconds device_timeout{60}; // fail if a device takes longer for one request. 0: never
};

struct manifest_beacon
{
	std::vector<endpoint> to;
	std::chrono::milliseconds interval{1000};
	std::string key_file; // resolved like torrent, but never a URL; empty: not signed
};

// A disk that is read, and sent to where images are kept (agent/job/capture_job.hpp). Nothing is written to
// it.
struct manifest_capture
{
	std::string device; // as that of a target
	std::optional<device_selector> selector = {};
	url to; // gets the torrent, and tells what became of it
	std::string name; // of the image
	bool allow_unclean = false; // what is not zero of a file system whose map cannot be trusted
};

// A program that is run once every image is on its device.
struct after_step
{
	std::vector<std::string> exec; // the program and its arguments
	std::chrono::seconds timeout{600}; // it is ended, and the job has failed
};

// The machines that a job is for, by their own names. Empty: not said. What is said must fit, each by one of
// its values.
struct manifest_machines
{
	std::vector<std::string> macs; // lower case, with colons
	std::vector<std::string> serials;
	std::vector<std::string> uuids; // lower case
};

// For whom and for how long a job is good (agent/manifest/job_validity.hpp).
struct manifest_validity
{
	manifest_machines machines;
	std::optional<std::chrono::sys_seconds> not_before;
	std::optional<std::chrono::sys_seconds> not_after;
	std::optional<std::int64_t> serial_number; // of the job, counted by who makes them
};

// How what a job names is fetched. Not a key of the manifest: it follows from how the job came.
struct job_fetching
{
	struct seal
	{
		public_key key;
		std::string comment; // minisign's trusted comment; text from outside
	};

	std::optional<seal> signed_by; // then what the job names without a hash must be signed as well
	std::optional<std::chrono::seconds> patience; // how long a server that is away is asked again; 0: for as
	                                              // long as it takes; empty: it is asked once
};

struct manifest
{
	std::string name;
	manifest_validity validity;
	std::vector<manifest_partition_table> partition_tables; // written before any target
	std::vector<manifest_target> targets; // at least one, or there is a capture
	std::optional<manifest_capture> capture; // instead of targets
	std::vector<manifest_volume> volumes; // written once every image is on its device
	manifest_swarm swarm;
	manifest_seed_until seed_until;
	manifest_storage storage;
	manifest_beacon beacon;
	std::optional<url> report; // gets the report at the end
	std::chrono::seconds timeout{0}; // fail if there is no progress for this long. 0: never
	verification verify = verification::none;
	std::vector<after_step> after; // one behind the other
	end_action on_success = end_action::proceed;
	std::vector<std::string> exec; // of on_success: the program and its arguments
	end_action on_failure = end_action::shell;
	log::level_set log; // empty: not set by the job
	job_fetching fetching;
};

} // namespace rawswarm
