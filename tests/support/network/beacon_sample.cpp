// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/network/beacon_sample.hpp"

#include <chrono>

namespace rawswarm::test
{

beacon_identity an_identity()
{
	return {"lab-3", "52:54:00:12:34:56", "pc-07", "6f1c0000000000000000000000000001", {}, 0};
}

target_progress a_target()
{
	target_progress t;
	t.device = "/dev/sda1";
	t.info_hash = "9f2c000000000000000000000000000000000000";
	t.state = job_state::downloading;
	t.total = 53687091200;
	t.done = 1073741824;
	t.written = 1073741823;
	t.synced = 1;
	t.down = 112000000;
	t.up = 98000000;
	t.wire_fetched = 500000000;
	t.wire_uploaded = 400000000;
	t.ratio = 2.125;
	t.peers = 12;
	t.eta_s = 470;
	return t;
}

progress some_progress()
{
	progress p;
	p.state = job_state::downloading;
	p.targets = {a_target()};
	p.storage = {0.41, 0.93, 58.2};
	p.storage.dirty = 0.25;
	p.storage.p50_ms = 1.5;
	p.storage.p99_ms = 40.0004;
	p.storage.stopped_ms = 1200;
	p.storage.read_back = 7;
	p.uptime = std::chrono::milliseconds(41200);
	return p;
}

} // namespace rawswarm::test
