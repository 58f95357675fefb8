// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/shrunk_disk.hpp"

#include "agent/job/table_sector.hpp"
#include "agent/machine/shrink_table.hpp"
#include "agent/machine/whole_disk.hpp"
#include "agent/source_map/range_list.hpp"
#include "base/format_size.hpp"
#include "storage/device/device_checks.hpp"
#include "storage/device/gpt_ends.hpp"
#include "storage/device/shortened_device.hpp"

#include <algorithm>
#include <utility>

namespace rawswarm
{

namespace
{

// Why a disk will not do, or that it would if the job asked for it.
std::string way_out(planned_target const& plan)
{
	auto const& smallest = plan.hints.smallest;
	bool const is_asked = plan.spec.if_smaller == smaller_disk::shrink;
	if (!is_whole_disk(plan.spec.device))
	{
		return {};
	}
	if (!smallest)
	{
		return is_asked ? ", and does not say how small a disk would do: create says that of a disk with "
						  "partitions"
						: "";
	}
	if (!is_asked && plan.hints.source_size && *smallest >= *plan.hints.source_size)
	{
		return {};
	}
	return is_asked ? fmt::format(", or {} once its last partition has shrunk", *smallest)
					: fmt::format("; with \"shrink\": true it needs {}", *smallest);
}

bool is_large_enough(planned_target const& plan, std::uint64_t const size)
{
	return plan.hints.smallest && *plan.hints.smallest <= size && is_whole_disk(plan.spec.device)
		&& bytes_behind(plan.extents, size) <= most_behind_end;
}

std::unique_ptr<shortened_device> make_shortened(
	planned_target const& plan, std::unique_ptr<block_device> device)
{
	return std::make_unique<shortened_device>(
		std::move(device), plan.extents, plan.hints.source_size.value());
}

// The table as the image has it, and zeros where the disk has its copy now.
result<void> lay_old_table_over(shortened_device& image, std::uint64_t const end_of_disk,
	gpt_ends const& ends, std::uint64_t const sector)
{
	BOOST_OUTCOME_TRY(table,
		read_gpt(
			[&image](device_offset const at, std::span<char> const bytes) {
				iovec const whole{bytes.data(), bytes.size()};
				return image.read(at, {&whole, 1});
			},
			sector));
	if (!table)
	{
		return success(); // the pieces differ, and that is said
	}
	set_ends(*table, ends);
	auto const reserved = std::min(table->copy_length(), end_of_disk);
	auto copy = copy_of(*table);
	image.lay_over({end_of_disk - reserved}, std::string(reserved, '\0'));
	image.lay_over(copy.at, std::move(copy.bytes));
	image.lay_over({}, std::move(table->start));
	image.lay_over(table->entries_at, std::move(table->entries));
	return success();
}

} // namespace

result<void> check_room(planned_target& plan, std::uint64_t const size)
{
	auto const needed = plan.hints.source_size.value_or(plan.extents.end().bytes);
	if (size >= needed)
	{
		return success();
	}
	if (plan.spec.if_smaller == smaller_disk::shrink && is_large_enough(plan, size))
	{
		plan.shrinks_to = size;
		plan.hints.zero_ranges = clipped(plan.hints.zero_ranges, {{0}, size});
		return success();
	}
	return fail(fault::target, "opening {}: the device has {} bytes, the torrent needs {}{}",
		device_label(plan.spec.device), size, needed, way_out(plan));
}

std::unique_ptr<block_device> shortened(planned_target const& plan, std::unique_ptr<block_device> device)
{
	return make_shortened(plan, std::move(device));
}

result<std::string> shrink_to_disk(storage_target& storage, planned_target const& plan)
{
	auto& image = dynamic_cast<shortened_device&>(storage.device()); // made by shortened()
	BOOST_OUTCOME_TRY(changed, ranges_of_table(plan.spec.device));
	for (auto const& range : changed)
	{
		BOOST_OUTCOME_TRYV(image.freeze(range));
	}
	BOOST_OUTCOME_TRY(shrunk, shrink_table(plan.spec.device, plan.hints.smallest.value()));
	return shrunk.number == 0
		? std::string("the table ends with the disk, which is smaller than that of the image; no partition "
					  "had to shrink")
		: fmt::format("partition {} has shrunk from {} to {}, the end of the disk", shrunk.number,
			format_size(static_cast<std::int64_t>(shrunk.before)),
			format_size(static_cast<std::int64_t>(shrunk.after)));
}

result<std::unique_ptr<block_device>> unshrunk(
	planned_target const& plan, std::unique_ptr<block_device>& device)
{
	auto const size = device->size();
	if (!is_large_enough(plan, size))
	{
		return std::unique_ptr<block_device>();
	}
	auto image = make_shortened(plan, std::move(device));
	auto const sector = sector_of_whole_disk(plan.spec.device);
	if (plan.hints.ends && sector)
	{
		BOOST_OUTCOME_TRYV(lay_old_table_over(*image, size, *plan.hints.ends, *sector));
	}
	return std::unique_ptr<block_device>(std::move(image));
}

} // namespace rawswarm
