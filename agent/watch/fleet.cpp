// SPDX-License-Identifier: BSD-3-Clause
#include "agent/watch/fleet.hpp"

#include "base/clean_text.hpp"
#include "base/format_size.hpp"

#include <algorithm>
#include <tuple>

namespace rawswarm
{

namespace
{

constexpr std::size_t max_replaced = 16; // old runs kept per machine; a machine restarts less often in a day
constexpr std::size_t max_host_bytes = 40;
constexpr std::size_t max_devices_bytes = 60;
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

void take(fleet_agent& agent, received_beacon&& beacon, fleet_clock::time_point now)
{
	bool const was_failed = agent.last.p.state == job_state::failed;
	agent.last = std::move(beacon);
	agent.seen = now;
	agent.silent = false;
	if (!was_failed && agent.last.p.state == job_state::failed)
	{
		agent.failed_at = now;
	}
}

int code_of(fleet_agent const& agent)
{
	auto const code = agent.last.p.error ? agent.last.p.error->code : 0;
	return code > 0 && code < 256 ? code : static_cast<int>(fault::internal);
}

std::string devices_of(received_beacon const& b)
{
	std::string list;
	for (auto const& t : b.p.targets)
	{
		list += list.empty() ? "" : ",";
		list += t.device;
	}
	list = cut_text(clean_text(list), max_devices_bytes);
	if (b.targets_total > b.p.targets.size())
	{
		list += fmt::format(" and {} more", b.targets_total - b.p.targets.size());
	}
	return list;
}

// What holds up a target that has something to fetch; empty: nothing.
std::string trouble_of(progress const& p)
{
	auto const found = std::find_if(p.targets.begin(), p.targets.end(),
		[](target_progress const& t) { return t.state == job_state::downloading && !t.note.empty(); });
	return found == p.targets.end() ? std::string() : found->note;
}

std::string remark_on(fleet_news news, received_beacon const& b)
{
	std::string remark;
	if (news == fleet_news::restarted)
	{
		remark = " (started again)";
	}
	else if (news == fleet_news::returned)
	{
		remark = " (heard again)";
	}
	else if (news == fleet_news::silent)
	{
		remark = fmt::format(" (last heard {})", to_string(b.p.state));
	}
	if (auto const trouble = trouble_of(b.p); !trouble.empty())
	{
		remark += ": " + clean_text(trouble);
	}
	if (auto const e = error_of(b.p))
	{
		remark += e->code > 0 ? fmt::format(": error {}: ", e->code) : ": error: ";
		remark += clean_text(e->text);
	}
	return remark;
}

} // namespace

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

fleet::fleet(fleet_settings const& settings)
	: m_settings(settings)
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
		return replace(agent, std::move(beacon), now);
	}
	return update(agent, std::move(beacon), now);
}

fleet_answer fleet::add(std::string key, received_beacon&& beacon, fleet_clock::time_point now)
{
	if (m_agents.size() >= m_settings.max_agents)
	{
		m_full = true;
		return {};
	}
	auto& agent = m_agents[std::move(key)];
	take(agent, std::move(beacon), now);
	note_told(agent, now);
	return {true, fleet_news::appeared, &agent};
}

fleet_answer fleet::replace(fleet_agent& agent, received_beacon&& beacon, fleet_clock::time_point now)
{
	auto& old = agent.replaced;
	if (std::find(old.begin(), old.end(), beacon.id.run) != old.end())
	{
		return {};
	}
	old.push_back(agent.last.id.run);
	if (old.size() > max_replaced)
	{
		old.pop_front();
	}
	agent.last = {};
	take(agent, std::move(beacon), now);
	note_told(agent, now);
	return {true, fleet_news::restarted, &agent};
}

fleet_answer fleet::update(fleet_agent& agent, received_beacon&& beacon, fleet_clock::time_point now) const
{
	if (beacon.seq <= agent.last.seq)
	{
		return {};
	}
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
	return {true, news, &agent};
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

std::string fleet_line(std::string_view head, fleet_news news, fleet_agent const& agent)
{
	auto const& b = agent.last;
	auto const t = total_of(b.p.targets);
	auto const percent = percent_of(b.p.state, t);
	auto const rate = b.p.state == job_state::seeding ? t.up : t.down;
	return fmt::format("{}  {:<15}  {:<17}  {:<12}  {:>6}  {:>12}  {:>4} peers  {}{}", head,
		cut_text(clean_text(b.id.host), max_host_bytes), clean_text(b.id.agent),
		news == fleet_news::silent ? "silent" : to_string(b.p.state),
		percent ? fmt::format("{:.1f}%", *percent) : "-", format_size(rate) + "/s", t.peers, devices_of(b),
		remark_on(news, b));
}

} // namespace rawswarm
