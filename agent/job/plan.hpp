// SPDX-License-Identifier: BSD-3-Clause
// What a job will do, with everything checked that can be checked before the first byte.
//
// Blocking: fetches torrents, looks at devices. Writes nothing.
#pragma once

#include "agent/bittorrent/torrent_hints.hpp"
#include "agent/job/image_check.hpp"
#include "agent/job/plan_disks.hpp"
#include "agent/manifest/manifest.hpp"
#include "base/result.hpp"
#include "storage/device/block_device.hpp"
#include "storage/device/content_check.hpp"
#include "storage/device/extent_map.hpp"

#include <libtorrent/fwd.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace rawswarm
{

struct planned_target
{
	manifest_target spec; // what the job says; its device is a path by now
	std::string info_hash; // v1, 40 lower-case hex digits
	std::shared_ptr<lt::torrent_info const> torrent;
	extent_map extents;
	torrent_hints hints; // no zero_gaps for a folder, which has no place for them
	std::optional<new_partition> partition_to_make; // set: the device exists once the tables are written
};

struct job_plan
{
	std::vector<planned_table> tables; // written before any target is opened
	std::vector<planned_target> targets;
};

// For what a target is looked at.
enum class plan_purpose
{
	run, // to be written to, if it is an image
	verify // to be read only, whatever uses it
};

// Fetches and reads the torrent, compares the pin and checks the target, or opens the source of a seed.
// partition_to_make: set for a target on a partition that the job makes.
result<planned_target> plan_target(manifest_target const& spec,
	std::optional<new_partition> partition_to_make = {}, plan_purpose purpose = plan_purpose::run);

// A whole job; the first fault ends it. Two targets of one torrent are refused, as they could not be told
// apart in the swarm, and so are two on one device. Ends early when asked to stop.
result<job_plan> make_plan(manifest const& job, std::stop_token const& stop = {});

// The same for devices that are read only: the job's partition tables are not looked at.
result<std::vector<planned_target>> plan_verification(manifest const& job, std::stop_token const& stop = {});

// Opens what was planned: the device of an image for writing, of a seed for reading.
result<std::unique_ptr<block_device>> open_planned(
	planned_target const& target, direct_writes direct = direct_writes::automatic);

// Of a seed and of what is to be verified.
result<std::unique_ptr<block_device>> open_to_read(planned_target const& target);

// The runs of bytes that no extent covers and that hold zeros in the source. Empty for a seed and a folder,
// and unless the torrent says that its gaps are zeros.
std::vector<byte_range> zero_gaps(planned_target const& target);

// Of an image that was written as planned. The plan outlives it.
expected_image image_of(planned_target const& target);

} // namespace rawswarm
