// SPDX-License-Identifier: BSD-3-Clause
// Has the partition table of an image looked at as soon as it is on the disk, before anything else of the
// image: one that counts in other sectors than the disk's makes all of the image useless, so that the rest
// need not be written.
//
// Used by one thread.
#pragma once

#include "agent/job/plan.hpp"
#include "storage/backend/storage_target.hpp"

#include <libtorrent/units.hpp>

#include <optional>

namespace rawswarm
{

class early_table
{
public:
	// Decides whether the table is to be looked at. Then the storage writes nothing else before.
	void begin(planned_target const& plan, storage_target& storage);

	// That has the table: to be fetched first. Empty: nothing is to be looked at.
	std::optional<lt::piece_index_t> piece(planned_target const& plan) const;

	// True once, as soon as the table is on the device: check_gpt_place() is to be called, and then
	// release_writes() of the storage if that passes.
	bool is_due(storage_target const& storage);

private:
	bool m_is_wanted = false;
};

} // namespace rawswarm
