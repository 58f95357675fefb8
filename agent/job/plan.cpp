// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/plan.hpp"

#include "agent/job/after_steps.hpp"
#include "agent/job/boot_loader.hpp"
#include "agent/job/described_image.hpp"
#include "agent/job/pinned_fetch.hpp"
#include "agent/job/plan_capture.hpp"
#include "agent/job/shrunk_disk.hpp"
#include "agent/job/table_sector.hpp"
#include "agent/machine/whole_disk.hpp"
#include "storage/device/compressed_device.hpp"
#include "storage/device/device_checks.hpp"
#include "storage/device/doubtful_names.hpp"
#include "storage/device/open_device.hpp"

#include <libtorrent/torrent_info.hpp>

#include <algorithm>
#include <filesystem>
#include <span>
#include <utility>

#include <unistd.h>

namespace rawswarm
{

namespace
{

std::filesystem::file_type type_of(std::string const& path)
{
	std::error_code ignored; // a path that cannot be examined is refused elsewhere
	return std::filesystem::status(path, ignored).type();
}

// Whether it is a whole disk, or an image file.
bool may_have_gpt(std::string const& path)
{
	return is_whole_disk(path)
		|| (type_of(path) != std::filesystem::file_type::block
			&& type_of(path) != std::filesystem::file_type::directory);
}

constexpr std::uint64_t any_size = 0; // check_room() judges it

missing_file if_missing(planned_target const& target)
{
	return target.spec.create_file ? missing_file::create : missing_file::refuse;
}

result<void> check_names(planned_target const& target)
{
	bool const is_device =
		target.partition_to_make || type_of(target.spec.device) == std::filesystem::file_type::block;
	auto const doubtful = is_device ? find_doubtful_name(target.torrent->files()) : std::nullopt;
	if (doubtful)
	{
		return fail(fault::refused,
			"reading {}: file \"{}\" would begin inside a sector of {}, as no image does: a date or the "
			"like, "
			"and no offset. With 0x before it it would be taken",
			describe(target.spec.torrent), *doubtful, target.spec.device);
	}
	return success();
}

// What can be known before the image is there: whether its file systems could be mounted.
result<void> check_files(planned_target const& target)
{
	if (target.spec.files.empty())
	{
		return success();
	}
	if (!target.partition_to_make && type_of(target.spec.device) != std::filesystem::file_type::block)
	{
		return fail(fault::target, "opening {}: no block device, and files are put into file systems of one",
			target.spec.device);
	}
	bool const is_disk = !target.partition_to_make && is_whole_disk(target.spec.device);
	for (auto const& file : target.spec.files)
	{
		if (file.partition != 0 && !is_disk)
		{
			return fail(fault::target, "opening {}: it has no partitions, and {} is to go on partition {}",
				target.spec.device, file.path, file.partition);
		}
	}
	return ::geteuid() == 0
		? success()
		: result<void>(fail(fault::target, "opening {}: mounting needs root", target.spec.device));
}

result<void> check_image(planned_target& target)
{
	BOOST_OUTCOME_TRYV(check_names(target));
	bool const has_gpt = !target.partition_to_make && may_have_gpt(target.spec.device);
	if (target.spec.grow && !has_gpt)
	{
		return fail(
			fault::target, "opening {}: no whole disk whose partitions could grow", target.spec.device);
	}
	BOOST_OUTCOME_TRYV(check_files(target));
	if (target.spec.ids != disk_ids::keep && !has_gpt)
	{
		return fail(fault::target, "opening {}: no whole disk whose identifiers could be its own",
			target.spec.device);
	}
	if (target.spec.gpt_copy == backup_gpt::move && !has_gpt)
	{
		return fail(fault::target, "opening {}: no whole disk, and no GPT whose copy could be moved",
			target.spec.device);
	}
	if (target.spec.boot_entry)
	{
		BOOST_OUTCOME_TRYV(check_boot_entry(target.spec.device));
	}
	if (target.spec.if_smaller == smaller_disk::shrink && !has_gpt)
	{
		return fail(
			fault::target, "opening {}: no whole disk whose last partition could shrink", target.spec.device);
	}
	if (target.partition_to_make)
	{
		auto const needed = target.hints.source_size.value_or(target.extents.end().bytes);
		return check_new_partition(*target.partition_to_make, needed, target.extents);
	}
	auto const& path = target.spec.device;
	BOOST_OUTCOME_TRYV(check_target(path, target.extents, if_missing(target), any_size));
	auto const type = type_of(path);
	if (type == std::filesystem::file_type::directory)
	{
		target.hints.zero_ranges.clear(); // nothing lies between the files of a folder
	}
	if (type == std::filesystem::file_type::block)
	{
		BOOST_OUTCOME_TRY(device, open_source(path));
		BOOST_OUTCOME_TRYV(check_room(target, device->size()));
	}
	return check_table_sector(path, target.hints.sector_size);
}

// Makes the image file as long as its source: zeros at the end have no extent.
result<std::unique_ptr<block_device>> open_whole_image(
	planned_target const& target, direct_writes const direct)
{
	BOOST_OUTCOME_TRYV(check_target(target.spec.device, target.extents, if_missing(target)));
	return open_image_target(target.spec.device, *target.hints.source_size, direct);
}

// Whether there is nothing between the extents: in a folder of files, and in a compressed image.
result<bool> holds_extents_alone(std::string const& path)
{
	if (type_of(path) == std::filesystem::file_type::directory)
	{
		return true;
	}
	BOOST_OUTCOME_TRY(content, compressed_device::examine(path));
	return content == compressed_device::content::seekable;
}

result<planned_target> plan_image(manifest_target const& spec, described_image image,
	std::optional<new_partition> partition_to_make, plan_purpose const purpose)
{
	planned_target ret{spec, std::move(image.info_hash), std::move(image.torrent), std::move(image.extents),
		image.hints, std::move(partition_to_make)};

	if (spec.role == target_role::image && purpose == plan_purpose::run)
	{
		BOOST_OUTCOME_TRYV(check_image(ret));
		ret.frame_lengths = std::move(image.frame_lengths);
		return ret;
	}
	if (spec.boot_entry && purpose == plan_purpose::run)
	{
		return fail(fault::refused,
			"planning {}: it is only served, and a boot entry is made for a disk that was written",
			spec.device);
	}
	ret.seals = std::move(image.seals);
	if (ret.partition_to_make)
	{
		return fail(
			fault::target, "opening {}: there is no image on a partition that the job makes", spec.device);
	}
	BOOST_OUTCOME_TRY(has_extents_alone, holds_extents_alone(spec.device));
	if (has_extents_alone)
	{
		ret.hints.zero_ranges.clear();
	}
	BOOST_OUTCOME_TRYV(open_to_read(ret));
	return ret;
}

} // namespace

result<planned_target> plan_target(
	manifest_target const& spec, std::optional<new_partition> partition_to_make, plan_purpose const purpose)
{
	BOOST_OUTCOME_TRY(image, fetch_image({}, spec));
	return plan_image(spec, std::move(image), std::move(partition_to_make), purpose);
}

result<planned_target> plan_target(manifest_target const& spec, std::string_view const torrent)
{
	BOOST_OUTCOME_TRY(image, describe_image(spec, torrent));
	return plan_image(spec, std::move(image), {}, plan_purpose::run);
}

namespace
{

// If one of several disks is to be chosen, one without room for the image is none of them. The torrent must
// be known for that; else it is fetched once the devices are found.
result<std::optional<described_image>> limit_choice(
	job_fetching const& how, manifest_target& spec, std::stop_token const& stop)
{
	if (!spec.selector || spec.selector->choose == tie_break::refuse)
	{
		return std::optional<described_image>();
	}
	BOOST_OUTCOME_TRY(image, fetch_image(how, spec, stop));
	spec.selector->min_size = std::max(spec.selector->min_size.value_or(0), image.needed(spec.if_smaller));
	return std::optional(std::move(image));
}

// What is fetched once can be written to several devices, but one source is enough to serve an image.
result<void> check_sharing(std::span<planned_target const> const others, planned_target const& target)
{
	for (auto const& other : others)
	{
		bool const serves = other.spec.role == target_role::seed || target.spec.role == target_role::seed;
		if (serves && other.info_hash == target.info_hash)
		{
			return fail(fault::refused,
				"planning {}: {} has the same torrent ({}), and targets that share one must all have the "
				"role image",
				target.spec.device, other.spec.device, describe(target.spec.torrent));
		}
	}
	return success();
}

// Resolves every target's device, then plans each target.
result<std::vector<planned_target>> plan_targets(manifest const& job,
	std::span<planned_table const> const tables, plan_purpose const purpose, std::stop_token const& stop)
{
	auto const list = [] { return list_disks(); };
	auto specs = job.targets;
	std::vector<std::optional<new_partition>> to_make;
	std::vector<std::optional<described_image>> images;
	for (auto& spec : specs)
	{
		BOOST_OUTCOME_TRY(image, limit_choice(job.fetching, spec, stop));
		images.push_back(std::move(image));
		BOOST_OUTCOME_TRY(device, device_for(spec.device, spec.selector, tables, list, stop));
		spec.device = std::move(device.path);
		to_make.push_back(std::move(device.partition_to_make));
	}
	if (purpose == plan_purpose::run)
	{
		BOOST_OUTCOME_TRYV(check_apart(specs));
	}
	std::vector<planned_target> targets;
	for (std::size_t i = 0; i < specs.size(); ++i)
	{
		if (!images[i])
		{
			BOOST_OUTCOME_TRY(image, fetch_image(job.fetching, specs[i], stop));
			images[i] = std::move(image);
		}
		BOOST_OUTCOME_TRY(
			target, plan_image(specs[i], std::move(*images[i]), std::move(to_make[i]), purpose));
		BOOST_OUTCOME_TRYV(check_sharing(targets, target));
		targets.push_back(std::move(target));
	}
	return targets;
}

std::vector<manifest_target> specs_of(std::span<planned_target const> const targets)
{
	std::vector<manifest_target> specs;
	for (auto const& target : targets)
	{
		specs.push_back(target.spec);
	}
	return specs;
}

} // namespace

result<job_plan> make_plan(manifest const& job, std::stop_token const& stop)
{
	if (job.capture)
	{
		BOOST_OUTCOME_TRY(capture, plan_capture(*job.capture, stop));
		return job_plan{{}, {}, {}, std::move(capture)};
	}
	BOOST_OUTCOME_TRYV(check_steps(job.after));
	BOOST_OUTCOME_TRY(tables,
		plan_tables(
			job.partition_tables, [] { return list_disks(); }, stop));
	BOOST_OUTCOME_TRY(targets, plan_targets(job, tables, plan_purpose::run, stop));
	bool const only_serves = std::ranges::none_of(
		targets, [](planned_target const& t) { return t.spec.role == target_role::image; });
	if (!job.volumes.empty() && only_serves)
	{
		return fail(fault::refused, "planning the volumes: they follow an image, and this job only serves");
	}
	BOOST_OUTCOME_TRY(volumes, plan_volumes(job.volumes, specs_of(targets), tables, job.fetching, stop));
	for (auto& target : targets)
	{
		if (target.spec.role == target_role::image)
		{
			BOOST_OUTCOME_TRYV(fetch_files(job.fetching, target.spec.device, target.spec.files, stop));
		}
	}
	return job_plan{std::move(tables), std::move(targets), std::move(volumes)};
}

result<std::vector<planned_target>> plan_verification(manifest const& job, std::stop_token const& stop)
{
	if (job.capture)
	{
		return fail(fault::refused, "planning {}: the job captures it, and has no image to compare it with",
			job.capture->device);
	}
	return plan_targets(job, {}, plan_purpose::verify, stop);
}

result<std::unique_ptr<block_device>> open_to_read(planned_target const& target)
{
	auto const payload = static_cast<std::uint64_t>(target.torrent->total_size());
	BOOST_OUTCOME_TRY(source, open_source(target.spec.device, target.extents, payload));
	bool const with_zeros = target.spec.role == target_role::image && !target.hints.zero_ranges.empty();
	auto const needed = with_zeros ? *target.hints.source_size : target.extents.end().bytes;
	if (source->size() < needed)
	{
		BOOST_OUTCOME_TRY(image, unshrunk(target, source));
		if (image)
		{
			return std::move(image);
		}
		return fail(fault::target, "opening {}: it has {} bytes, the torrent needs {}", target.spec.device,
			source->size(), needed);
	}
	return std::move(source);
}

result<std::unique_ptr<block_device>> open_planned(planned_target const& target, direct_writes const direct)
{
	if (target.spec.role == target_role::seed)
	{
		return open_to_read(target);
	}
	auto const type = type_of(target.spec.device);
	if (target.hints.source_size && type != std::filesystem::file_type::block
		&& type != std::filesystem::file_type::directory)
	{
		return open_whole_image(target, direct);
	}
	std::vector<std::string> names;
	auto const& files = target.torrent->files();
	for (auto const i : files.file_range())
	{
		names.emplace_back(files.file_name(i));
	}
	return open_target(
		target.spec.device, target.extents, names, direct, if_missing(target), target.shrinks_to);
}

std::vector<byte_range> zero_gaps(planned_target const& target)
{
	return target.spec.role == target_role::seed ? std::vector<byte_range>()
												 : target.extents.without_extents(target.hints.zero_ranges);
}

expected_image image_of(planned_target const& target)
{
	return {target.spec.device, *target.torrent, target.extents, zero_gaps(target),
		target.spec.gpt_copy == backup_gpt::move};
}

} // namespace rawswarm
