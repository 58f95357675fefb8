// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/plan_volumes.hpp"

#include "agent/job/image_partition.hpp"
#include "agent/job/pinned_fetch.hpp"
#include "agent/machine/whole_disk.hpp"
#include "storage/device/open_device.hpp"

#include <libtorrent/file_storage.hpp>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <utility>

namespace rawswarm
{

namespace
{

// For one volume. The bytes of 200 machines that ask one server at once for 64 MiB each need 110 seconds at
// 1 Gbit/s.
constexpr std::chrono::seconds volume_timeout{120};

result<std::string> fetch_volume(
	job_fetching const& how, manifest_volume const& spec, std::size_t const room, std::stop_token const& stop)
{
	fetch_limits limits;
	limits.max_bytes = room;
	limits.timeout = volume_timeout;
	auto bytes = fetch_pinned(how, spec.source, spec.sha256, limits, stop);
	if (!bytes)
	{
		auto& why = bytes.error();
		return error{why.kind, why.ec, fmt::format("getting the volume for {}: {}", spec.device, why.text)};
	}
	if (bytes.value().empty())
	{
		return fail(
			fault::refused, "getting the volume for {}: {} is empty", spec.device, describe(spec.source));
	}
	return bytes;
}

result<extent_map> one_extent(std::size_t const bytes)
{
	lt::file_storage files;
	files.set_piece_length(static_cast<int>(max_volume_bytes));
	files.add_file("volume/0", static_cast<std::int64_t>(bytes));
	return extent_map::build(files);
}

// The disks that get an image as a whole.
std::vector<std::string> imaged_disks(std::span<manifest_target const> const targets)
{
	std::vector<std::string> disks;
	for (auto const& target : targets)
	{
		if (target.role == target_role::image && is_whole_disk(target.device))
		{
			disks.push_back(target.device);
		}
	}
	return disks;
}

result<void> check_guards(planned_volume const& volume)
{
	if (volume.partition_to_make)
	{
		return check_new_partition(*volume.partition_to_make, volume.bytes.size(), volume.extents);
	}
	auto const& path = volume.spec.device;
	std::error_code ec;
	auto const type = std::filesystem::status(path, ec).type();
	if (type == std::filesystem::file_type::not_found)
	{
		return check_device(path);
	}
	if (type == std::filesystem::file_type::directory)
	{
		return fail(fault::target, "opening {}: a folder, and a volume goes on a device or in a file", path);
	}
	return check_target(path, volume.extents);
}

} // namespace

result<std::vector<planned_volume>> plan_volumes(std::span<manifest_volume const> const specs,
	std::span<manifest_target const> const targets, std::span<planned_table const> const tables,
	job_fetching const& how, std::stop_token const& stop)
{
	auto const list = [] { return list_disks(); };
	auto const imaged = imaged_disks(targets);
	std::vector<planned_volume> volumes;
	std::vector<std::string> paths;
	auto room = max_volume_bytes;
	for (auto spec : specs)
	{
		if (stop.stop_requested())
		{
			break;
		}
		BOOST_OUTCOME_TRY(bytes, fetch_volume(how, spec, room, stop));
		room -= bytes.size();
		BOOST_OUTCOME_TRY(extents, one_extent(bytes.size()));
		BOOST_OUTCOME_TRY(of_image,
			image_partition(spec.device, spec.selector, imaged, [&] { return with_tables(list(), tables); }));
		if (of_image)
		{
			spec.device = describe(*of_image);
			volumes.push_back(
				{std::move(spec), std::move(bytes), std::move(extents), {}, std::move(of_image)});
			continue;
		}
		if (spec.selector && spec.selector->choose != tie_break::refuse)
		{
			spec.selector->min_size =
				std::max(spec.selector->min_size.value_or(0), std::uint64_t(bytes.size()));
		}
		BOOST_OUTCOME_TRY(device, device_for(spec.device, spec.selector, tables, list, stop));
		spec.device = std::move(device.path);
		paths.push_back(spec.device);
		volumes.push_back(
			{std::move(spec), std::move(bytes), std::move(extents), std::move(device.partition_to_make), {}});
		BOOST_OUTCOME_TRYV(check_guards(volumes.back()));
	}
	BOOST_OUTCOME_TRYV(check_apart(targets, paths));
	return volumes;
}

} // namespace rawswarm
