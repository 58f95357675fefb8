// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/transfer_progress.hpp"

namespace rawswarm
{

namespace
{

// Without a byte for so long there is no rate, and the time that is left is not known.
constexpr std::chrono::seconds longest_quiet{10};

bool is_written(job_state const s)
{
	return s == job_state::downloading || s == job_state::flushing;
}

// Whether what is done of it tells when it ends.
bool has_end(job_state const s)
{
	return s == job_state::downloading || s == job_state::checking || s == job_state::verifying;
}

} // namespace

void add_transfer(target_progress& p, transfer_stats const& stats,
	std::chrono::steady_clock::duration const stalled, target_rates const& rates)
{
	p.uploaded = stats.is_shown ? stats.uploaded : 0;
	p.wire_fetched = stats.is_shown ? stats.wire_downloaded : 0;
	p.wire_uploaded = stats.is_shown ? stats.wire_uploaded : 0;
	p.ratio = stats.ratio();
	if (!is_final(p.state))
	{
		p.down = stats.is_shown ? stats.down : 0;
		p.up = stats.is_shown ? stats.up : 0;
		p.peers = stats.peers;
		p.to_disk = is_written(p.state) ? rates.to_disk() : 0;
	}
	bool const is_quiet = stalled >= longest_quiet;
	if (is_quiet)
	{
		p.down = 0; // libtorrent does not always bring it down to 0
	}
	if (has_end(p.state) && !is_quiet)
	{
		p.eta_s = rates.eta_s();
	}
}

} // namespace rawswarm
