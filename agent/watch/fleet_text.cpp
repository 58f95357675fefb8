// SPDX-License-Identifier: BSD-3-Clause
#include "agent/watch/fleet_text.hpp"

#include "agent/progress/shown_percent.hpp"
#include "base/clean_text.hpp"
#include "base/format_size.hpp"

#include <algorithm>

namespace rawswarm
{

namespace
{

constexpr std::size_t max_host_bytes = 40;
constexpr std::size_t max_devices_bytes = 60;

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

std::string fleet_line(std::string_view head, fleet_news news, fleet_agent const& agent)
{
	auto const& b = agent.last;
	auto const t = total_of(b.p.targets);
	auto const percent = percent_of(b.p.state, t);
	auto const rate = b.p.state == job_state::seeding ? t.up : t.down;
	return fmt::format("{}  {:<15}  {:<17}  {:<12}  {:>6}  {:>12}  {:>4} peers  {}{}", head,
		cut_text(clean_text(b.id.host), max_host_bytes), clean_text(b.id.agent),
		news == fleet_news::silent ? "silent" : to_string(b.p.state), percent ? percent_text(*percent) : "-",
		format_size(rate) + "/s", t.peers, devices_of(b), remark_on(news, b));
}

} // namespace rawswarm
