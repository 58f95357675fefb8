// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/early_table.hpp"

#include "agent/job/table_sector.hpp"
#include "storage/device/gpt_place.hpp"

#include <libtorrent/torrent_info.hpp>

#include <cstdint>

namespace rawswarm
{

void early_table::begin(planned_target const& plan, storage_target& storage)
{
	// the torrent may say what the table counts in; plan.hpp has compared it then
	m_is_wanted = plan.spec.role != target_role::seed && !plan.hints.sector_size
		&& sector_of_whole_disk(plan.spec.device) && !plan.extents.extents().empty();
	if (m_is_wanted)
	{
		storage.hold_writes_behind({gpt_reach});
	}
}

std::optional<lt::piece_index_t> early_table::piece(planned_target const& plan) const
{
	if (!m_is_wanted)
	{
		return std::nullopt;
	}
	auto const first = plan.extents.extents().front().torrent_offset
		/ static_cast<std::uint64_t>(plan.torrent->piece_length());
	return lt::piece_index_t(static_cast<int>(first));
}

bool early_table::is_due(storage_target const& storage)
{
	bool const is_due = m_is_wanted && storage.has_below({gpt_reach});
	m_is_wanted = m_is_wanted && !is_due;
	return is_due;
}

} // namespace rawswarm
