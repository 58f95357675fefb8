// SPDX-License-Identifier: BSD-3-Clause
#include "agent/watch/table.hpp"

#include "agent/progress/bar_cells.hpp"
#include "agent/progress/shown_percent.hpp"
#include "agent/watch/fleet_text.hpp"
#include "agent/watch/table_order.hpp"
#include "agent/watch/text_columns.hpp"
#include "base/format_duration.hpp"
#include "base/format_size.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>

namespace rawswarm
{

namespace
{

using namespace std::chrono;

enum class colour
{
	none,
	red,
	yellow,
	green,
	dim,
	reverse,
};

std::string_view code_of(colour c) noexcept
{
	switch (c)
	{
	case colour::red: return "\x1b[31m";
	case colour::yellow: return "\x1b[33m";
	case colour::green: return "\x1b[32m";
	case colour::dim: return "\x1b[2m";
	case colour::reverse: return "\x1b[7m";
	case colour::none: break;
	}
	return {};
}

// text is clean.
std::string coloured(std::string const& text, colour c, bool colours)
{
	return !colours || c == colour::none ? text : std::string(code_of(c)) + text + "\x1b[0m";
}

// How many columns each part of a line has.
struct layout
{
	std::size_t host = 14;
	std::size_t agent = 0; // 0: left out
	std::size_t state = 12;
	std::size_t progress = 14; // the bar and the percentage
	std::size_t age = 4;
	std::size_t lost = 4;
	std::size_t rate = 12;
	std::size_t peers = 5;
	std::size_t eta = 6;
	std::size_t remark = 0; // what is left
};

constexpr std::size_t wide =
	150; // columns from which on names and bars are longer, and remarks have their own
constexpr std::size_t least_remark =
	28; // in fewer columns a remark takes those of rate, peers and ETA as well

constexpr std::size_t least_columns = 78; // that all columns but remarks need

std::size_t before_rate(layout const& l)
{
	return l.host + 1 + (l.agent > 0 ? l.agent + 1 : 0) + l.state + 1 + l.progress + 1 + l.age + 1 + l.lost
		+ 1;
}

layout layout_for(std::size_t const columns)
{
	layout l;
	if (columns >= wide)
	{
		l.host = 24;
		l.agent = 20;
		l.progress = 26;
		l.eta = 8;
	}
	auto const used = before_rate(l) + l.rate + 1 + l.peers + 1 + l.eta + 1;
	l.remark = columns > used ? columns - used : 0;
	return l;
}

std::string progress_cell(std::optional<double> const percent, std::size_t const columns)
{
	constexpr std::size_t others = 7; // brackets and "  43%"
	if (!percent || columns <= others)
	{
		return in_columns(percent ? "" : "-", columns);
	}
	// 100 is all of it, and not nearly.
	auto const whole = static_cast<int>(*percent);
	return fmt::format("[{}]{:>4}%", bar_cells(*percent, columns - others), whole);
}

std::string short_number(std::uint64_t const n)
{
	constexpr std::uint64_t thousand = 1000;
	return n < 10 * thousand             ? std::to_string(n)
		: n < thousand * thousand        ? fmt::format("{}k", n / thousand)
		: n < thousand * thousand * 1000 ? fmt::format("{}M", n / thousand / thousand)
										 : "many";
}

std::string short_duration(seconds const age)
{
	auto const s = std::max<std::int64_t>(age.count(), 0);
	constexpr std::int64_t minute = 60;
	constexpr std::int64_t hour = 60 * minute;
	constexpr std::int64_t day = 24 * hour;
	return s < minute ? fmt::format("{}s", s)
		: s < hour    ? fmt::format("{}m", s / minute)
		: s < day     ? fmt::format("{}h", s / hour)
					  : fmt::format("{}d", std::min<std::int64_t>(s / day, 999));
}

std::string remark_on(fleet_agent const& agent, host_kind const kind)
{
	auto const& p = agent.last.p;
	std::string remark;
	if (agent.rival)
	{
		remark = "two runs are heard; ";
	}
	if (auto const e = error_of(p))
	{
		return remark + (e->code > 0 ? fmt::format("error {}: ", e->code) : "error: ") + e->text;
	}
	if (kind == host_kind::silent)
	{
		return remark + "last heard " + to_string(p.state);
	}
	return remark + trouble_of(p);
}

colour colour_of(host_kind const kind) noexcept
{
	switch (kind)
	{
	case host_kind::failed: return colour::red;
	case host_kind::silent:
	case host_kind::troubled: return colour::yellow;
	case host_kind::seeding:
	case host_kind::done: return colour::green;
	case host_kind::working: break;
	}
	return colour::none;
}

std::string figures_of(fleet_agent const& agent, layout const& l)
{
	auto const& p = agent.last.p;
	auto const t = total_of(p.targets);
	bool const moves = !is_final(p.state) && !agent.silent;
	bool const timed = moves && t.eta_s && p.state == job_state::downloading;
	return at_right(moves ? format_size(rate_of(p.state, t)) + "/s" : "-", l.rate) + " "
		+ at_right(moves ? std::to_string(t.peers) : "-", l.peers) + " "
		+ at_right(timed ? format_duration(seconds(*t.eta_s)) : "-", l.eta);
}

std::string host_line(
	fleet_agent const& agent, fleet_clock::time_point const now, layout const& l, table_view const& view)
{
	auto const& id = agent.last.id;
	auto const& p = agent.last.p;
	auto const kind = kind_of(agent);
	auto const paint = [&](std::string const& text) { return coloured(text, colour_of(kind), view.colours); };

	auto line = in_columns(id.host.empty() ? id.agent : id.host, l.host) + " ";
	if (l.agent > 0)
	{
		line += in_columns(id.agent, l.agent) + " ";
	}
	line += paint(in_columns(agent.silent ? "silent" : to_string(p.state), l.state)) + " ";
	line += progress_cell(percent_of(p.state, total_of(p.targets)), l.progress) + " ";
	line += at_right(short_duration(duration_cast<seconds>(now - agent.seen)), l.age) + " ";
	line += at_right(agent.lost > 0 ? short_number(agent.lost) : "-", l.lost) + " ";

	auto const remark = remark_on(agent, kind);
	if (!remark.empty() && l.remark < least_remark)
	{
		auto const before = before_rate(l) + 1;
		return line + paint(cut_to_columns(remark, view.columns > before ? view.columns - before : 0));
	}
	line += figures_of(agent, l);
	if (l.remark == 0)
	{
		return line;
	}
	line += " ";
	return remark.empty()
		? line + coloured(cut_to_columns(devices_of(agent.last), l.remark), colour::dim, view.colours)
		: line + paint(cut_to_columns(remark, l.remark));
}

std::string head_line(layout const& l, table_view const& view)
{
	auto line = in_columns("HOST", l.host) + " ";
	if (l.agent > 0)
	{
		line += in_columns("AGENT", l.agent) + " ";
	}
	line += in_columns("STATE", l.state) + " " + in_columns("PROGRESS", l.progress) + " "
		+ at_right("AGE", l.age) + " " + at_right("LOST", l.lost) + " " + at_right("RATE", l.rate) + " "
		+ at_right("PEERS", l.peers) + " " + at_right("ETA", l.eta);
	if (l.remark >= least_remark)
	{
		line += " ERROR";
	}
	return coloured(in_columns(line, view.columns - 1), colour::reverse, view.colours);
}

std::string counts_line(watched_room const& room, std::size_t const columns)
{
	auto const s = room.hosts.summary();
	auto const expected = room.expected > 0 ? fmt::format(" of {} expected", room.expected) : std::string();
	auto const left = fmt::format(
		"rawswarm  {} host{}{}: {} done, {} failed, {} silent, {} seeding, {} working", room.hosts.size(),
		room.hosts.size() == 1 ? "" : "s", expected, s.done, s.failed, s.silent, s.seeding, s.working);
	auto const clock = room.clock.text();
	return columns < left.size() + clock.size() + 2 ? cut_to_columns(left, columns)
													: in_columns(left, columns - clock.size()) + clock;
}

std::string room_line(watched_room const& room, std::size_t const columns)
{
	std::size_t const cells = columns < wide ? 14 : 40;
	auto const t = room.hosts.totals();
	std::string line = "room ";
	if (t.total > 0)
	{
		auto const percent = 100.0 * static_cast<double>(t.done) / static_cast<double>(t.total);
		line += fmt::format("[{}] {}  {} of {}", bar_cells(percent, cells), percent_text(percent),
			format_size(t.done), format_size(t.total));
	}
	else
	{
		line += "-";
	}
	line += fmt::format("  {}/s", format_size(t.down));
	if (t.eta_s)
	{
		line += "  ETA " + format_duration(seconds(*t.eta_s));
	}
	if (t.lost > 0)
	{
		line += "  lost " + short_number(t.lost);
	}
	return cut_to_columns(line, columns);
}

std::string keys_line(watched_room const& room, table_view const& view, std::size_t const first,
	std::size_t const last, std::size_t const matching)
{
	if (view.typing)
	{
		return cut_to_columns("find: " + view.find + "_  (Enter keeps it, Esc drops it)", view.columns - 1);
	}
	auto line = fmt::format("q quit  s sort:{}{}  r reverse  f show:{}  / find{}  {}-{} of {}",
		to_string(view.sort), view.reversed ? "^" : "", to_string(view.filter),
		view.find.empty() ? "" : ":" + view.find, matching == 0 ? 0 : first + 1, last, matching);
	auto const& n = room.ignored;
	if (n.unsigned_ones > 0)
	{
		line += fmt::format("  not signed: {}", short_number(n.unsigned_ones));
	}
	if (n.malformed > 0)
	{
		line += fmt::format("  no beacon: {}", short_number(n.malformed));
	}
	return coloured(cut_to_columns(line, view.columns - 1), colour::dim, view.colours);
}

} // namespace

drawn_table draw_table(watched_room const& room, table_view const& shown)
{
	auto view = shown;
	view.columns = std::max<std::size_t>(view.columns, 2);
	auto const columns = view.columns - 1;
	// Where not even the figures have room lines are cut, which colours would be in the way of.
	bool const is_narrow = columns < least_columns;
	view.colours = view.colours && !is_narrow;
	auto const l = layout_for(columns);
	auto const list = arranged(room.hosts, view);
	auto const page = page_of(view);
	auto const now = room.clock.now();

	drawn_table drawn;
	drawn.top = std::min(view.top, list.size() > page ? list.size() - page : 0);
	auto const last = std::min(drawn.top + page, list.size());
	drawn.below = list.size() - last;
	drawn.lines = {counts_line(room, columns), room_line(room, columns), head_line(l, view)};
	for (auto i = drawn.top; i < last; ++i)
	{
		drawn.lines.push_back(host_line(*list[i], now, l, view));
	}
	drawn.body = std::min(drawn.lines.size(), view.rows);
	drawn.lines.resize(std::max(drawn.lines.size(), view.rows > 0 ? view.rows - 1 : 0));
	drawn.lines.push_back(keys_line(room, view, drawn.top, last, list.size()));
	drawn.lines.resize(std::min(drawn.lines.size(), view.rows));
	for (auto& line : drawn.lines)
	{
		line = is_narrow ? cut_to_columns(line, columns) : std::move(line);
	}
	return drawn;
}

} // namespace rawswarm
