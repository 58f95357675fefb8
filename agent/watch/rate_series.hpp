// SPDX-License-Identifier: BSD-3-Clause
// Rates over time, in bounded memory however long it takes: when the series is full, each two samples become
// one of twice the time, so that it always reaches back to its beginning.
//
// Pure. Rates are bytes per second.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace rawswarm
{

struct rate_sample
{
	float down = 0; // seven digits are more than a chart shows
	float up = 0;
};

class rate_series
{
public:
	// interval: of the first samples. max_samples: even, and 2 at least.
	rate_series(std::chrono::milliseconds interval, std::size_t max_samples);

	// The rates of one more `interval` of the first samples; a sample is the mean of those that it stands
	// for.
	void add(double down, double up);

	// The oldest first. The last one may still be gathering.
	std::vector<rate_sample> samples() const;

	// The time that each sample stands for; the last one that is gathering, less.
	std::chrono::milliseconds interval() const { return m_interval * m_per_sample; }

	// From the first sample until now.
	std::chrono::milliseconds length() const { return m_interval * m_added; }

private:
	std::chrono::milliseconds m_interval;
	std::size_t m_max;
	std::vector<rate_sample> m_samples;
	int m_per_sample = 1; // how many rates make one sample
	std::int64_t m_added = 0;
	int m_gathered = 0; // rates in the sums
	double m_down = 0;
	double m_up = 0;
};

} // namespace rawswarm
