// SPDX-License-Identifier: BSD-3-Clause
// Plans a job, and checks everything that can be checked before the first byte is written.
//
// Blocking: fetches torrents, volumes and files, examines devices. Writes nothing.
#pragma once

#include "agent/job/image_check.hpp"
#include "agent/job/plan_disks.hpp"
#include "agent/job/plan_volumes.hpp"
#include "agent/job/planned_target.hpp"
#include "agent/manifest/manifest.hpp"
#include "base/result.hpp"
#include "storage/device/block_device.hpp"
#include "storage/device/content_check.hpp"

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace rawswarm
{

struct job_plan
{
	std::vector<planned_table> tables; // written before any target is opened
	std::vector<planned_target> targets; // the files that they put into images are in memory
	std::vector<planned_volume> volumes; // written once every image is on its device
	std::optional<manifest_capture> capture = {}; // instead of all this
};

// The purpose that a target is planned for.
enum class plan_purpose
{
	run, // an image is written
	verify // devices are only read, and may be in use
};

// Fetches and parses the torrent, compares its info-hash with the pin and checks the target, or opens the
// source of a seed. partition_to_make: set for a target on a partition that the job makes.
result<planned_target> plan_target(manifest_target const& spec,
	std::optional<new_partition> partition_to_make = {}, plan_purpose purpose = plan_purpose::run);

// The same for a target that is written or served as it is, whose torrent is in memory: where the spec says
// that it comes from is its name in messages.
result<planned_target> plan_target(manifest_target const& spec, std::string_view torrent);

// Plans a whole job, until the first fault or a request to stop. Two targets on one device are refused, and
// so are two of one torrent if one of them serves it; those that are written share what is fetched.
result<job_plan> make_plan(manifest const& job, std::stop_token const& stop = {});

// The same for `verify`: devices are only read, and the job's partition tables are ignored.
result<std::vector<planned_target>> plan_verification(manifest const& job, std::stop_token const& stop = {});

// Opens the device of a planned target: for writing if it is an image, for reading if it is a seed.
result<std::unique_ptr<block_device>> open_planned(
	planned_target const& target, direct_writes direct = direct_writes::automatic);

// Opens the device of a seed, or of a target to verify.
result<std::unique_ptr<block_device>> open_to_read(planned_target const& target);

// The byte ranges that no extent covers and that are zeros in the source. Empty for a seed or a folder, or if
// the torrent does not say that its gaps are zeros.
std::vector<byte_range> zero_gaps(planned_target const& target);

// The content of the device once the plan is carried out. Refers to the plan.
expected_image image_of(planned_target const& target);

} // namespace rawswarm
