// SPDX-License-Identifier: BSD-3-Clause
#include "agent/watch/table_order.hpp"

#include "agent/progress/shown_percent.hpp"
#include "agent/watch/fleet_text.hpp"

#include <algorithm>
#include <cstring>
#include <string>

namespace rawswarm
{

namespace
{

bool passes(table_filter const filter, host_kind const kind) noexcept
{
	switch (filter)
	{
	case table_filter::all: return true;
	case table_filter::trouble: return kind <= host_kind::troubled;
	case table_filter::working: return kind == host_kind::troubled || kind == host_kind::working;
	case table_filter::done: return kind >= host_kind::seeding;
	}
	return true;
}

bool has_text(fleet_agent const& agent, std::string const& text)
{
	auto const& id = agent.last.id;
	return text.empty() || id.host.find(text) != std::string::npos || id.agent.find(text) != std::string::npos
		|| id.job.find(text) != std::string::npos;
}

// Low values stand first.
double sort_value(fleet_agent const& agent, host_kind const kind, table_sort const sort)
{
	auto const& p = agent.last.p;
	switch (sort)
	{
	case table_sort::state: return static_cast<double>(kind);
	case table_sort::host: return 0;
	case table_sort::age: return static_cast<double>(agent.seen.time_since_epoch().count());
	case table_sort::lost: return -static_cast<double>(agent.lost);
	default: break;
	}
	auto const t = total_of(p.targets);
	switch (sort)
	{
	case table_sort::progress: return percent_of(p.state, t).value_or(-1);
	case table_sort::rate: return -static_cast<double>(rate_of(p.state, t));
	case table_sort::eta: return t.eta_s ? -static_cast<double>(*t.eta_s) : 1;
	default: return 0;
	}
}

struct sorted_host
{
	fleet_agent const* agent = nullptr;
	bool in_trouble = false; // failed or silent
	double value = 0;
};

// pc-2 before pc-10.
int compare_names(fleet_agent const& a, fleet_agent const& b)
{
	auto const by_host = ::strverscmp(a.last.id.host.c_str(), b.last.id.host.c_str());
	return by_host != 0 ? by_host : a.last.id.agent.compare(b.last.id.agent);
}

} // namespace

host_kind kind_of(fleet_agent const& agent)
{
	switch (agent.last.p.state)
	{
	case job_state::failed: return host_kind::failed;
	case job_state::done: return host_kind::done;
	default: break;
	}
	if (agent.silent)
	{
		return host_kind::silent;
	}
	if (error_of(agent.last.p) || !trouble_of(agent.last.p).empty())
	{
		return host_kind::troubled;
	}
	return agent.last.p.state == job_state::seeding ? host_kind::seeding : host_kind::working;
}

std::int64_t rate_of(job_state const state, progress_totals const& t) noexcept
{
	return state == job_state::seeding ? t.up : t.down;
}

std::vector<fleet_agent const*> arranged(fleet const& hosts, table_view const& view)
{
	std::vector<sorted_host> sorted;
	for (auto const* agent : hosts.agents())
	{
		auto const kind = kind_of(*agent);
		if (passes(view.filter, kind) && has_text(*agent, view.find))
		{
			sorted.push_back({agent, kind <= host_kind::silent, sort_value(*agent, kind, view.sort)});
		}
	}
	std::ranges::sort(sorted, [&](sorted_host const& a, sorted_host const& b) {
		if (a.in_trouble != b.in_trouble)
		{
			return a.in_trouble;
		}
		if (a.value != b.value)
		{
			return (a.value < b.value) != view.reversed;
		}
		auto const names = compare_names(*a.agent, *b.agent);
		return view.reversed && view.sort == table_sort::host ? names > 0 : names < 0;
	});
	std::vector<fleet_agent const*> list;
	list.reserve(sorted.size());
	for (auto const& s : sorted)
	{
		list.push_back(s.agent);
	}
	return list;
}

} // namespace rawswarm
