// SPDX-License-Identifier: BSD-3-Clause
// Gathers the figures by which job_limit.hpp judges a download, from samples of counters that others keep.
//
// Pure: the caller brings the time. One thread. Its memory does not grow with the download.
#pragma once

#include "agent/progress/job_limit.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace rawswarm
{

// How things stand. Counters only ever grow.
struct download_sample
{
	std::int64_t wire_bytes = 0; // counter: came over the network for the image
	std::chrono::milliseconds stopped{0}; // counter: peers waited for the device; grows when a wait ends
	std::chrono::nanoseconds program{0}; // counter: processor time, by the number of processors
	std::chrono::nanoseconds network_thread{0}; // counter
	bool is_pool_full = false; // of what the device has not taken yet: web seeds wait
	int peers = 0;
	int asked_peers = 0; // that owe us blocks
	int useful_peers = 0; // that have something that is lacking
	bool is_web_seeded = false; // the job has web seeds, which are always asked
};

class limit_watch
{
public:
	using clock = std::chrono::steady_clock;

	// To be called several times a second while something is downloaded.
	void update(download_sample const& s, clock::time_point now);

	// Nothing is downloaded for now: what passes until the next update does not count.
	void pause() { m_last.reset(); }

	// All but what is not of the download itself: flushed, job_limit and card.
	download_figures figures() const;

private:
	using seconds = std::chrono::duration<double>;

	void add_to_window(double bytes, seconds passed);

	std::optional<download_sample> m_last;
	clock::time_point m_last_time;
	seconds m_elapsed{0};
	seconds m_stopped{0};
	seconds m_full{0};
	seconds m_alone{0};
	seconds m_idle{0};
	std::chrono::nanoseconds m_program{0};
	std::chrono::nanoseconds m_network_thread{0};
	double m_bytes = 0;
	double m_peer_seconds = 0;
	double m_useful_seconds = 0;

	// Rates over windows of a second, or of twice as long each time that there are too many.
	std::vector<double> m_rates;
	seconds m_window{1};
	seconds m_in_window{0};
	double m_bytes_in_window = 0;
};

} // namespace rawswarm
