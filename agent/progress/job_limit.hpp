// SPDX-License-Identifier: BSD-3-Clause
// Decides what a download waited for: a limit of the job, the disk, the processor, the network or peers.
//
// The thresholds, in the order in which they are looked at:
//
// - job: four fifths of its download_limit were used, or by the best seconds if half of it was on average, so
//   that a slow start hides nothing. Headers and requests count against the limit as well.
// - disk: for a third of the time from the first byte to the last sync peers or web seeds had to wait, since
//   too much waited for the device, or nothing was left but to write.
// - peers: for a third of the time there was none.
// - network: the card took four fifths of what it can; of 1500 bytes on Ethernet 94 % are payload.
// - processor: the program had four fifths of all processors, as in processor_limit.hpp, or libtorrent's
//   thread had four fifths of one.
// - peers: for a third of the time nothing was asked of any of them, as none had anything that was lacking;
//   or, among three and more, less than half of them had: then the room waited for its source.
// - peers: they sent, steadily, less than half of what the card takes.
// - network: what came was steady, two thirds of its best seconds on average. A link that is full looks so,
//   ours or that of whoever sends, and nothing at this end tells them apart.
//
// All else is unclear, and so is what took less than two seconds. Shares measured in rooms of network
// namespaces and with slow devices (tests/swarm/test_job_limit.cpp) lie far from these on either side.
//
// Pure.
#pragma once

#include "agent/progress/progress.hpp"

#include <chrono>
#include <cstdint>
#include <optional>

namespace rawswarm
{

// Rates in bytes per second, on the wire. Shares of the time of the download, from 0 to 1.
struct download_figures
{
	std::chrono::milliseconds elapsed{0}; // until every piece had arrived
	std::chrono::milliseconds flushed{0}; // from then to the last sync
	double rate = 0; // mean
	double best_rate = 0; // that of the best tenth of its seconds. 0: too few to say
	std::int64_t job_limit = 0; // 0: none
	std::optional<std::int64_t> card; // what it takes; empty: not known
	double waiting_for_disk = 0;
	double alone = 0; // no peer, and nothing from web seeds
	double idle = 0; // nothing asked of anyone, though not for the disk
	double program = 0; // of all processors
	double network_thread = 0; // of one processor
	double peers = 0; // mean number
	double useful_peers = 0; // of them: that had something that was lacking
};

limit_verdict limit_of(download_figures const& f);

} // namespace rawswarm
