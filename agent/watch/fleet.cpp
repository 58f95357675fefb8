// SPDX-License-Identifier: BSD-3-Clause
#include "agent/watch/fleet.hpp"

#include "agent/watch/beacon_bytes.hpp"

#include <algorithm>
#include <functional>
#include <tuple>
#include <utility>

namespace rawswarm
{

namespace
{

constexpr std::size_t max_replaced = 16; // old runs kept per machine; a machine restarts less often in a day
constexpr int code_of_silence = static_cast<int>(fault::network);

std::string key_of(beacon_identity const& id)
{
	// The letter keeps a host name from passing for an agent id.
	if (!id.agent.empty())
	{
		return "a" + id.agent;
	}
	return id.host.empty() ? "r" + id.run : "h" + id.host;
}

int tenth_of(received_beacon const& b) noexcept
{
	return static_cast<int>(percent_of(b.p.state, total_of(b.p.targets)).value_or(0) / 10);
}

void note_told(fleet_agent& agent, fleet_clock::time_point now) noexcept
{
	agent.told = now;
	agent.told_done = total_of(agent.last.p.targets).done;
	agent.told_tenth = tenth_of(agent.last);
}

bool works_on_a_target(job_state s) noexcept
{
	return s == job_state::downloading || s == job_state::flushing || s == job_state::finishing
		|| is_final(s);
}

std::size_t digest_of(std::string const& run) noexcept
{
	return std::hash<std::string>()(run);
}

// A sum of what anyone can make up does not overflow: one machine's figures are below 2^58.
void add_figure(std::int64_t& sum, std::int64_t const figure) noexcept
{
	sum = std::min(sum + figure, std::int64_t(1) << 62);
}

constexpr unsigned window_bits = 64; // of fleet_agent::came
constexpr std::uint64_t max_lost = std::uint64_t(1) << 53; // what anyone can make up stays a number

// seq is higher than that of the last.
void note_newer(fleet_agent& agent, std::uint64_t seq) noexcept
{
	auto const step = seq - agent.last.seq;
	agent.lost = std::min(agent.lost + (step - 1), max_lost);
	agent.came = step < window_bits ? agent.came << step | 1U : 1U;
	++agent.received;
}

// seq is not higher than that of the last: it came late, or twice.
void note_late(fleet_agent& agent, std::uint64_t seq) noexcept
{
	auto const back = agent.last.seq - seq;
	if (back < window_bits && (agent.came >> back & 1U) == 0 && agent.lost > 0)
	{
		agent.came |= std::uint64_t(1) << back;
		--agent.lost;
		++agent.received;
	}
}

void note_first(fleet_agent& agent) noexcept
{
	agent.came = ~std::uint64_t(0);
	++agent.received;
}

int code_of(fleet_agent const& agent)
{
	auto const code = agent.last.p.error ? agent.last.p.error->code : 0;
	return code > 0 && code < 256 ? code : static_cast<int>(fault::internal);
}

} // namespace

std::string trouble_of(progress const& p)
{
	auto const found = std::find_if(p.targets.begin(), p.targets.end(),
		[](target_progress const& t) { return t.state == job_state::downloading && !t.note.empty(); });
	return found == p.targets.end() ? std::string() : found->note;
}

std::optional<progress_error> error_of(progress const& p)
{
	if (p.error)
	{
		return p.error;
	}
	auto const found = std::find_if(
		p.targets.begin(), p.targets.end(), [](target_progress const& t) { return !t.error.empty(); });
	if (found == p.targets.end())
	{
		return std::nullopt;
	}
	return progress_error{0, found->error};
}

fleet::fleet(fleet_settings settings)
	: m_settings(std::move(settings))
{}

fleet_answer fleet::apply(received_beacon beacon, fleet_clock::time_point now)
{
	auto key = key_of(beacon.id);
	auto const found = m_agents.find(key);
	if (found == m_agents.end())
	{
		return add(std::move(key), std::move(beacon), now);
	}
	auto& agent = found->second;
	if (agent.last.id.run != beacon.id.run)
	{
		switch (order_of(agent, beacon, now))
		{
		case run_order::newer: return replace(agent, std::move(beacon), now);
		case run_order::rival: return {.rival_of = std::exchange(agent.rival, now) ? nullptr : &agent};
		case run_order::older: break;
		}
		return {};
	}
	return update(agent, std::move(beacon), now);
}

fleet_answer fleet::add(std::string key, received_beacon&& beacon, fleet_clock::time_point now)
{
	bool const is_expected = m_settings.is_expected && m_settings.is_expected(beacon.id.agent);
	if (!is_expected && m_strangers >= m_settings.max_agents)
	{
		m_full = true;
		return {};
	}
	m_strangers += is_expected ? 0 : 1;
	auto& agent = m_agents[std::move(key)];
	agent.expected = is_expected;
	take(agent, std::move(beacon), now);
	note_first(agent);
	note_told(agent, now);
	return {true, fleet_news::appeared, &agent, nullptr};
}

fleet::run_order fleet::order_of(
	fleet_agent const& agent, received_beacon const& beacon, fleet_clock::time_point now) const
{
	auto const& known = agent.last;
	auto const& old = agent.replaced;
	if (std::find(old.begin(), old.end(), digest_of(beacon.id.run)) != old.end())
	{
		return run_order::older;
	}
	if (known.id.boot.empty())
	{
		return run_order::newer;
	}
	if (known.id.boot == beacon.id.boot)
	{
		return beacon.id.start_ms < known.id.start_ms ? run_order::older : run_order::newer;
	}
	bool const is_over = is_final(known.p.state) || now - agent.seen >= m_settings.takeover_after;
	return is_over ? run_order::newer : run_order::rival;
}

void fleet::take(fleet_agent& agent, received_beacon&& beacon, fleet_clock::time_point now)
{
	bool const was_failed = agent.last.p.state == job_state::failed;
	m_bytes -= agent.bytes;
	if (!agent.expected && m_bytes + bytes_of(beacon) > m_settings.max_bytes)
	{
		slim(beacon);
	}
	agent.proved = agent.proved || !beacon.answers.empty();
	beacon.answers = {};
	agent.last = std::move(beacon);
	agent.bytes = agent.expected ? 0 : bytes_of(agent.last);
	m_bytes += agent.bytes;
	agent.seen = now;
	agent.silent = false;
	agent.imaged = agent.imaged || works_on_a_target(agent.last.p.state);
	if (!was_failed && agent.last.p.state == job_state::failed)
	{
		agent.failed_at = now;
	}
}

fleet_answer fleet::replace(fleet_agent& agent, received_beacon&& beacon, fleet_clock::time_point now)
{
	auto& old = agent.replaced;
	if (old.size() == max_replaced)
	{
		old.erase(old.begin());
	}
	old.push_back(digest_of(agent.last.id.run));
	agent.last.p.state = job_state::starting;
	agent.imaged = false;
	agent.proved = false;
	agent.rival.reset();
	take(agent, std::move(beacon), now);
	note_first(agent);
	note_told(agent, now);
	return {true, fleet_news::restarted, &agent, nullptr};
}

fleet_answer fleet::update(fleet_agent& agent, received_beacon&& beacon, fleet_clock::time_point now)
{
	if (beacon.seq <= agent.last.seq)
	{
		note_late(agent, beacon.seq);
		return {};
	}
	note_newer(agent, beacon.seq);
	bool const was_silent = agent.silent;
	bool const other_state = beacon.p.state != agent.last.p.state;
	bool const new_error = error_of(beacon.p).has_value() && !error_of(agent.last.p).has_value();
	bool const other_trouble = trouble_of(beacon.p).empty() != trouble_of(agent.last.p).empty();
	take(agent, std::move(beacon), now);

	auto news = fleet_news::none;
	bool const moved = total_of(agent.last.p.targets).done != agent.told_done;
	bool const due = now - agent.told >= m_settings.progress_every;
	if (was_silent)
	{
		news = fleet_news::returned;
	}
	else if (other_state || new_error || other_trouble)
	{
		news = fleet_news::changed;
	}
	else if (moved && (due || tenth_of(agent.last) > agent.told_tenth))
	{
		news = fleet_news::progressed;
	}
	if (news != fleet_news::none)
	{
		note_told(agent, now);
	}
	return {true, news, &agent, nullptr};
}

std::vector<fleet_agent const*> fleet::find_silent(fleet_clock::time_point now)
{
	std::vector<fleet_agent const*> fell_silent;
	for (auto& [key, agent] : m_agents)
	{
		bool const over = is_final(agent.last.p.state);
		if (!over && !agent.silent && now - agent.seen >= m_settings.silence)
		{
			agent.silent = true;
			fell_silent.push_back(&agent);
		}
	}
	return fell_silent;
}

fleet_summary fleet::summary() const
{
	fleet_summary s;
	fleet_agent const* first = nullptr;
	for (auto const& [key, agent] : m_agents)
	{
		auto const state = agent.last.p.state;
		if (state == job_state::failed)
		{
			++s.failed;
			first = first == nullptr || agent.failed_at < first->failed_at ? &agent : first;
		}
		else
		{
			++(state == job_state::done           ? s.done
					: agent.silent                ? s.silent
					: state == job_state::seeding ? s.seeding
												  : s.working);
		}
	}
	if (first != nullptr)
	{
		s.first_failure = code_of(*first);
	}
	return s;
}

fleet_totals fleet::totals() const
{
	fleet_totals sum;
	for (auto const& [key, agent] : m_agents)
	{
		sum.lost = std::min(sum.lost + agent.lost, max_lost);
		auto const& p = agent.last.p;
		if (!agent.imaged && p.state == job_state::seeding)
		{
			continue;
		}
		auto const t = total_of(p.targets);
		add_figure(sum.total, t.total);
		add_figure(sum.done, std::min(p.state == job_state::flushing ? t.written : t.done, t.total));
		bool const at_work = !agent.silent && !is_final(p.state);
		add_figure(sum.down, at_work ? t.down : 0);
		if (at_work && p.state == job_state::downloading && t.eta_s)
		{
			sum.eta_s = std::max(sum.eta_s.value_or(0), *t.eta_s);
		}
	}
	return sum;
}

std::vector<fleet_agent const*> fleet::agents() const
{
	std::vector<fleet_agent const*> list;
	list.reserve(m_agents.size());
	for (auto const& [key, agent] : m_agents)
	{
		list.push_back(&agent);
	}
	return list;
}

fleet_agent const* fleet::find(std::string_view const agent) const
{
	beacon_identity id;
	id.agent = agent;
	auto const found = agent.empty() ? m_agents.end() : m_agents.find(key_of(id));
	return found == m_agents.end() ? nullptr : &found->second;
}

bool fleet::has_proved(beacon_identity const& id) const
{
	auto const found = m_agents.find(key_of(id));
	return found != m_agents.end() && found->second.proved && found->second.last.id.run == id.run;
}

std::vector<fleet_agent const*> fleet::in_trouble() const
{
	std::vector<fleet_agent const*> list;
	for (auto const& [key, agent] : m_agents)
	{
		if (agent.last.p.state == job_state::failed || agent.silent)
		{
			list.push_back(&agent);
		}
	}
	std::sort(list.begin(), list.end(), [](fleet_agent const* a, fleet_agent const* b) {
		return std::tie(a->silent, a->last.id.host, a->last.id.agent)
			< std::tie(b->silent, b->last.id.host, b->last.id.agent);
	});
	return list;
}

std::optional<int> wait_is_over(fleet_summary const& s, int expect, bool time_is_up) noexcept
{
	if (expect <= 0)
	{
		return std::nullopt;
	}
	if (s.done >= expect)
	{
		return 0;
	}
	// Seeding machines are not waited for: a server seeds until it is stopped, and a machine that was imaged
	// soon counts as done.
	bool const all_ended = s.done + s.failed + s.silent >= expect && s.working == 0;
	if (!all_ended && !time_is_up)
	{
		return std::nullopt;
	}
	return s.first_failure.value_or(code_of_silence);
}

} // namespace rawswarm
