// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/finish_image.hpp"

#include "agent/job/gpt_copy.hpp"
#include "agent/job/shrunk_disk.hpp"
#include "agent/job/table_sector.hpp"
#include "agent/machine/whole_disk.hpp"
#include "storage/device/device_probe.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

namespace rawswarm
{

std::string note_on_odd_extents(planned_target const& plan)
{
	std::error_code ignored;
	auto const all = plan.extents.extents();
	auto const odd = std::ranges::find_if(all, [](extent const& e) { return e.offset.bytes % 512 != 0; });
	if (odd == all.end() || !std::filesystem::is_block_file(plan.spec.device, ignored))
	{
		return {};
	}
	return fmt::format(
		"the torrent's file at {:#x} begins inside a sector: is it an image?", odd->offset.bytes);
}

result<wiped_signatures> wipe_and_sync(storage_target& storage, planned_target const& plan)
{
	auto wiped = wipe_old_signatures(storage.device(), plan.extents);
	if (!wiped)
	{
		storage.fail(wiped.error());
		return wiped.error();
	}
	BOOST_OUTCOME_TRYV(storage.sync());
	return std::move(wiped).value();
}

result<std::vector<std::string>> look_at_tables(storage_target& storage, planned_target const& plan)
{
	BOOST_OUTCOME_TRYV(check_gpt_place(storage.device()));
	if (plan.shrinks_to)
	{
		BOOST_OUTCOME_TRY(shrunk, shrink_to_disk(storage, plan));
		BOOST_OUTCOME_TRY(partitions, show_partitions(plan.spec.device));
		return std::vector<std::string>{shrunk, partitions};
	}
	BOOST_OUTCOME_TRY(shown, show_partitions(plan.spec.device));
	if (plan.spec.gpt_copy != backup_gpt::keep || plan.spec.grow || plan.spec.ids != disk_ids::keep)
	{
		return std::vector<std::string>{shown};
	}
	BOOST_OUTCOME_TRY(copy, note_on_gpt_copy(plan.spec.device));
	return std::vector<std::string>{shown, copy};
}

} // namespace rawswarm
