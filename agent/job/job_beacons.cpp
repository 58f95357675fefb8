// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/job_beacons.hpp"

#include "agent/beacon/agent_number.hpp"
#include "agent/beacon/beacon_mac.hpp"
#include "agent/beacon/run_identity.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <utility>

namespace rawswarm
{

namespace
{

constexpr int final_beacons = 3;
constexpr std::chrono::milliseconds final_beacon_gap{20};
// How long a watcher that hears of a run first when it is over has to ask, in such gaps: 200 ms are more than
// a busy one takes for a second of beacons of 2,000 machines.
constexpr int gaps_for_questions = 10;

} // namespace

result<std::unique_ptr<beacon_sender>> make_beacon_sender(
	boost::asio::io_context& ios, manifest const& job, machine_identity const& self)
{
	std::optional<std::string> key;
	if (!job.beacon.key_file.empty())
	{
		BOOST_OUTCOME_TRY(bytes, read_beacon_key(job.beacon.key_file));
		key = std::move(bytes);
	}
	agent_number number(self.mac);
	beacon_identity id{job.name, agent_id(self.mac, number.value()), self.hostname, make_run_id(),
		this_boot(), since_boot_ms()};
	return std::make_unique<beacon_sender>(
		ios, std::move(id), job.beacon.to, std::move(key), std::move(number));
}

void send_last(beacon_sender& beacons, progress const& p)
{
	for (int i = 0; i < final_beacons; ++i)
	{
		beacons.send(p);
		std::this_thread::sleep_for(final_beacon_gap);
	}
	for (int i = 0; beacons.may_be_asked() && i < gaps_for_questions; ++i)
	{
		if (beacons.was_asked())
		{
			beacons.send(p);
		}
		std::this_thread::sleep_for(final_beacon_gap);
	}
}

} // namespace rawswarm
