// SPDX-License-Identifier: BSD-3-Clause
#include "tests/bench/swarm/timeline.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>

namespace rawswarm::bench
{

namespace
{

constexpr int steps = 20;

// The interface counts a packet of 64 KiB with one header, the token bucket with one per segment: a full link
// shows 0.96 of its rate. The rest allows for one bucket more or less in an interval.
constexpr double full_link = 0.9;

constexpr double idle_link = 0.02;

// The share of headers and requests of a few peers; more than that is data of the content.
constexpr std::int64_t first_bytes = 64 * 1024;

// The last entry that is not later than the time, or the first one if all are.
template <class Entry>
Entry const& last_until(std::vector<Entry> const& entries, clock::time_point const t)
{
	auto const after = std::ranges::upper_bound(entries, t, {}, &Entry::at);
	return after == entries.begin() ? *after : *std::prev(after);
}

// Rates within an interval, as shares of the link's rate.
struct shares
{
	double down = 0;
	double up = 0;
	double seeder_up = 0;
	double room_up = 0; // all clients' links together
};

class rates
{
public:
	rates(measurement const& m, int const mbit)
		: m_samples(m.samples)
		, m_client(m.slowest())
		, m_bytes_a_second(mbit * 1e6 / 8)
	{}

	shares between(clock::time_point const from, clock::time_point const to) const
	{
		auto const& a = last_until(m_samples, from);
		auto const& b = last_until(m_samples, to);
		double const room_for = m_bytes_a_second * std::chrono::duration<double>(b.at - a.at).count();
		if (room_for <= 0)
		{
			return {};
		}
		shares s;
		s.down = double(b.links[m_client].down - a.links[m_client].down) / room_for;
		s.up = double(b.links[m_client].up - a.links[m_client].up) / room_for;
		s.seeder_up = double(b.links[0].up - a.links[0].up) / room_for;
		for (std::size_t i = 1; i < b.links.size(); ++i)
		{
			s.room_up += double(b.links[i].up - a.links[i].up) / room_for / double(b.links.size() - 1);
		}
		return s;
	}

	double seconds_to_first_bytes(clock::time_point const start) const
	{
		auto const before = m_samples.front().links[m_client].down;
		auto const found = std::ranges::find_if(
			m_samples, [&](link_sample const& s) { return s.links[m_client].down >= before + first_bytes; });
		return found == m_samples.end() ? 0 : std::chrono::duration<double>(found->at - start).count();
	}

private:
	std::vector<link_sample> const& m_samples;
	std::size_t m_client;
	double m_bytes_a_second;
};

std::string_view waited_for(host_beacon const& now, shares const& s)
{
	if (now.state != job_state::downloading)
	{
		return to_string(now.state);
	}
	if (s.down >= full_link)
	{
		return "own link";
	}
	if (now.peers == 0 && s.down < idle_link)
	{
		return "no peer";
	}
	if (s.room_up >= full_link)
	{
		return "links of all others";
	}
	return s.seeder_up >= full_link ? "peers; the seeder's link is full" : "peers";
}

} // namespace

std::string timeline_of(measurement const& m, room_content const& content, int const mbit)
{
	auto const slowest = m.slowest();
	auto const& beacons = m.beacons[slowest];
	if (beacons.empty() || m.samples.empty())
	{
		return {};
	}
	rates const links(m, mbit);
	auto const pieces = (content.bytes + content.piece_size - 1) / content.piece_size;
	auto text =
		fmt::format("\nThe slowest client, on host {}: the first bytes after {:.2f} s, all after {:.2f} s. "
					"Links in % of their rate.\n{:>8} {:>11} {:>6} {:>6} {:>6} {:>10} {:>9}  {}\n",
			slowest, links.seconds_to_first_bytes(m.started), m.last(), "s", "pieces", "peers", "down", "up",
			"seeder up", "room up", "waited for");
	for (int i = 1; i <= steps; ++i)
	{
		auto const at = [&](int const step) {
			return m.started
				+ std::chrono::duration_cast<clock::duration>(
					std::chrono::duration<double>(m.last() * step / steps));
		};
		auto const& beacon = last_until(beacons, at(i));
		auto const s = links.between(at(i - 1), at(i));
		text += fmt::format("{:>8.2f} {:>5}/{:<5} {:>6} {:>6.0f} {:>6.0f} {:>10.0f} {:>9.0f}  {}\n",
			m.last() * i / steps, beacon.done / content.piece_size, pieces, beacon.peers, 100 * s.down,
			100 * s.up, 100 * s.seeder_up, 100 * s.room_up, waited_for(beacon, s));
	}
	return text + "\n";
}

} // namespace rawswarm::bench
