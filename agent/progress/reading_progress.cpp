// SPDX-License-Identifier: BSD-3-Clause
#include "agent/progress/reading_progress.hpp"

namespace rawswarm
{

namespace
{

using namespace std::chrono_literals;

// As often as a person can read it.
constexpr auto shown_every = 200ms;

// The rate is that of so long: a disk is slower towards its end, and a stream where little is zeros.
constexpr auto rated_time = 20s;

// A rate of less time says nothing.
constexpr auto least_time = 1s;

} // namespace

reading_progress::reading_progress(clock::time_point const begin, clock::duration const quiet)
	: m_next(begin + quiet)
	, m_samples{{begin, 0}}
{}

std::int64_t reading_progress::rate(sample const& now)
{
	m_samples.push_back(now);
	while (m_samples.size() > 2 && now.time - m_samples[1].time >= rated_time)
	{
		m_samples.pop_front();
	}
	std::chrono::duration<double> const elapsed = now.time - m_samples.front().time;
	return elapsed < least_time
		? 0
		: static_cast<std::int64_t>(static_cast<double>(now.done - m_samples.front().done) / elapsed.count());
}

std::optional<progress> reading_progress::at(
	std::int64_t const done, std::int64_t const total, clock::time_point const now)
{
	auto const& last = m_samples.back();
	bool const is_end = m_samples.size() > 1 && total > 0 && done >= total && last.done < done;
	if (now < m_next && !is_end)
	{
		return std::nullopt;
	}
	m_next = now + shown_every;
	progress p;
	p.state = job_state::checking;
	p.action = "reading";
	target_progress t;
	t.state = p.state;
	t.done = done;
	t.total = total;
	t.down = rate({now, done});
	if (t.down > 0 && total > 0)
	{
		t.eta_s = (total - done) / t.down;
	}
	p.targets.push_back(t);
	return p;
}

} // namespace rawswarm
