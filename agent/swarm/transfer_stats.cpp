// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/transfer_stats.hpp"

#include <libtorrent/torrent_status.hpp>

namespace rawswarm
{

void take_counts(transfer_stats& stats, frame_counts const& counts)
{
	stats.uploaded = counts.sent.load(std::memory_order_relaxed);
	stats.wire_uploaded = counts.wire_sent.load(std::memory_order_relaxed);
	stats.downloaded = counts.received.load(std::memory_order_relaxed);
	stats.wire_downloaded = counts.wire_received.load(std::memory_order_relaxed);
}

// libtorrent's rate of what goes out is that of the wire; what comes in it counts by blocks (take_frame()).
void take_status(transfer_stats& stats, frame_counts const& counts, lt::torrent_status const& status)
{
	auto const before = stats;
	take_counts(stats, counts);
	stats.useful = status.all_time_download - status.total_failed_bytes - status.total_redundant_bytes;
	stats.down = status.download_payload_rate;
	// Without peers libtorrent no longer updates it.
	stats.up = status.num_peers > 0 ? status.upload_payload_rate : 0;
	if (auto const wire = stats.wire_uploaded - before.wire_uploaded; wire > 0)
	{
		auto const of_image = double(stats.uploaded - before.uploaded);
		stats.up = static_cast<std::int64_t>(double(stats.up) * of_image / double(wire));
	}
	stats.peers = status.num_peers;
}

} // namespace rawswarm
