// SPDX-License-Identifier: BSD-3-Clause
#include "agent/progress/console.hpp"

#include "agent/log/log.hpp"
#include "agent/log/terminal.hpp"
#include "agent/progress/bar_cells.hpp"
#include "agent/progress/final_lines.hpp"
#include "agent/progress/shown_percent.hpp"
#include "base/clean_text.hpp"
#include "base/format_duration.hpp"
#include "base/format_size.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <utility>

namespace rawswarm
{

namespace
{

constexpr std::size_t usual_width = 80; // columns of a terminal that does not tell its width
constexpr std::size_t min_cells = 8; // a bar of fewer cells shows nothing
constexpr std::size_t max_cells = 40; // a longer one is no easier to read
constexpr std::size_t max_line = 240; // characters: three lines of a serial console
constexpr std::string_view erase_rest = "\x1b[K"; // of the line

std::size_t width_of(std::FILE* out) noexcept
{
	auto const size = size_of_terminal(::fileno(out));
	return size ? size->columns : usual_width;
}

// "0:07:50": of constant width from one second to the next.
std::string clock_duration(std::int64_t seconds)
{
	return fmt::format("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

std::string amounts(progress const& p, progress_totals const& t)
{
	if (t.total <= 0)
	{
		return t.done > 0 ? "  " + format_size(t.done) : std::string();
	}
	auto const part = p.state == job_state::flushing ? t.written : t.done;
	return fmt::format("  {} of {}", format_size(part), format_size(t.total));
}

std::string name_of(progress const& p)
{
	return p.action.empty() ? to_string(p.state) : p.action;
}

// "3 targets", or how many of them are through; nothing if there is only one.
std::string targets_of(progress const& p)
{
	if (p.targets.size() < 2)
	{
		return {};
	}
	auto const through = std::ranges::count_if(p.targets,
		[&](target_progress const& t) { return t.state == job_state::seeding || is_final(t.state); });
	return through == 0 || is_final(p.state) || p.state == job_state::seeding
		? fmt::format(" {} targets", p.targets.size())
		: fmt::format(
			" {} of {} targets", static_cast<std::ptrdiff_t>(p.targets.size()) - through, p.targets.size());
}

std::string peers_of(progress const& p, progress_totals const& t)
{
	bool const shown = p.state == job_state::downloading || p.state == job_state::seeding;
	return shown ? fmt::format("  {} peer{}", t.peers, t.peers == 1 ? "" : "s") : "";
}

// Without a unit, which stands behind the last: "112", "9.5".
std::string mib(std::int64_t const bytes_per_second)
{
	auto const value = static_cast<double>(std::max<std::int64_t>(0, bytes_per_second)) / (1024 * 1024);
	return fmt::format("{:.{}f}", value, value < 9.95 ? 1 : 0);
}

// On a bar, where there is little space.
std::string short_rates(progress const& p, progress_totals const& t)
{
	if (!p.action.empty())
	{
		return t.down > 0 ? fmt::format("  {}/s", format_size(t.down)) : std::string();
	}
	switch (p.state)
	{
	case job_state::downloading:
		return fmt::format("  {} in {} out {} disk MiB/s", mib(t.down), mib(t.up), mib(t.to_disk));
	case job_state::flushing: return fmt::format("  {} disk MiB/s", mib(t.to_disk));
	case job_state::seeding: return fmt::format("  {} out MiB/s", mib(t.up));
	default: return {};
	}
}

std::string shortest_rate(progress const& p, progress_totals const& t)
{
	return p.state == job_state::downloading ? fmt::format("  {} MiB/s", mib(t.down)) : short_rates(p, t);
}

std::string long_rates(progress const& p, progress_totals const& t)
{
	if (!p.action.empty())
	{
		return t.down > 0 ? fmt::format("  {}/s", format_size(t.down)) : std::string();
	}
	switch (p.state)
	{
	case job_state::downloading:
		return fmt::format("  {}/s in, {}/s out, {}/s to disk", format_size(t.down), format_size(t.up),
			format_size(t.to_disk));
	case job_state::flushing: return fmt::format("  {}/s to disk", format_size(t.to_disk));
	case job_state::seeding: return fmt::format("  {}/s out", format_size(t.up));
	default: return {};
	}
}

// Of a phase whose end is in sight.
std::optional<std::int64_t> time_left(progress const& p, progress_totals const& t)
{
	return is_final(p.state) || p.state == job_state::seeding ? std::nullopt : t.eta_s;
}

// What the first target that says so waits for.
std::string note_of(progress const& p)
{
	auto const found =
		std::ranges::find_if(p.targets, [](target_progress const& t) { return !t.note.empty(); });
	return found == p.targets.end() ? std::string() : "  " + clean_text(found->note);
}

// Shown only if it is long enough to explain a rate.
std::string disk_figures(progress const& p)
{
	auto const seconds = p.storage.stopped_ms / 1000;
	return seconds < 1 || p.state != job_state::downloading
		? std::string()
		: fmt::format("  peers waited {} for the disk", format_duration(std::chrono::seconds(seconds)));
}

std::string joined(std::initializer_list<std::string_view> const parts)
{
	std::string text;
	for (auto const part : parts)
	{
		text += part;
	}
	return text;
}

std::string failure_of(progress const& p)
{
	auto const known = p.error ? p.error->text : std::string();
	return known.empty() ? "failed" : "failed: " + clean_text(known);
}

void write(std::FILE* out, std::string const& text)
{
	// An error is ignored: the console is where it would be reported.
	std::fwrite(text.data(), 1, text.size(), out);
	std::fflush(out);
}

} // namespace

console::console(std::FILE* out, bool bar, std::chrono::seconds interval)
	: m_out(out)
	, m_bar(bar)
	, m_interval(interval)
{
	if (m_bar)
	{
		log::set_before_line([this] { clear_bar(); });
	}
}

console::~console()
{
	if (m_bar)
	{
		log::set_before_line({});
		end_bar();
	}
}

void console::update(progress const& p)
{
	bool const changed = m_first || p.state != m_last_state;
	if (!changed && is_final(p.state))
	{
		return;
	}
	auto const now = std::chrono::steady_clock::now();
	if (m_bar)
	{
		draw_bar(p);
	}
	else if (changed || now - m_last_line >= m_interval)
	{
		print_line(p);
		m_last_line = now;
	}
	m_last_state = p.state;
	m_first = false;
}

void console::end(progress const& p)
{
	update(p);
	if (p.state != job_state::done)
	{
		return;
	}
	auto const lock = log::lock_output();
	for (auto const& line : final_lines(p))
	{
		write(m_out, (m_bar ? "" : "rawswarm: ") + line + "\n");
	}
}

void console::draw_bar(progress const& p)
{
	auto const lock = log::lock_output();
	if (p.state == job_state::failed)
	{
		clear_bar();
		write(m_out, failure_of(p) + "\n");
		return;
	}
	// The last column stays free: some terminals wrap as soon as it is written. The width may have changed.
	auto text = format_bar(p, width_of(m_out) - 1);
	bool const is_last = is_final(p.state);
	if (m_drawn == text && !is_last)
	{
		return;
	}
	// written over the bar before, whose rest is erased then: a line that is erased first flickers
	write(m_out, fmt::format("\r{}{}{}", text, erase_rest, is_last ? "\n" : ""));
	m_drawn = is_last ? std::nullopt : std::optional(std::move(text));
}

void console::print_line(progress const& p)
{
	auto const lock = log::lock_output();
	write(m_out, "rawswarm: " + format_line(p) + "\n");
}

void console::end_bar()
{
	auto const lock = log::lock_output();
	if (m_drawn)
	{
		m_drawn.reset();
		write(m_out, "\n");
	}
}

void console::clear_bar()
{
	if (m_drawn)
	{
		m_drawn.reset();
		write(m_out, fmt::format("\r{}", erase_rest));
	}
}

bool wants_bar(std::FILE* out)
{
	return is_screen(::fileno(out));
}

std::string format_bar(progress const& p, std::size_t width)
{
	auto const t = total_of(p.targets);
	auto const percent = percent_of(p.state, t);
	auto const name = name_of(p);
	auto const left = time_left(p, t);
	auto const end = peers_of(p, t) + (left ? "  " + clock_duration(*left) : "");
	auto const all = short_rates(p, t) + end;
	if (!percent)
	{
		return (name + amounts(p, t) + all).substr(0, width);
	}
	auto const number = fmt::format("{:>6}", percent_text(*percent));
	auto const targets = targets_of(p);
	if (auto const note = note_of(p); !note.empty())
	{
		return cut_text(fmt::format("{}{} {}{}", name, targets, number, note), width);
	}
	// If 80 columns are too few the amounts are left out first, then the bar itself.
	for (auto const& after : {joined({number, amounts(p, t), all}), joined({number, all})})
	{
		auto const others = name.size() + targets.size() + after.size() + 4; // "[", "]" and two blanks
		if (others + min_cells <= width)
		{
			auto const cells = std::min(width - others, max_cells);
			return fmt::format("{}{} [{}] {}", name, targets, bar_cells(*percent, cells), after);
		}
	}
	auto const brief = left ? "  " + clock_duration(*left) : "";
	auto const rate = shortest_rate(p, t);
	for (auto const& text : {joined({targets, " ", number, all}), joined({targets, " ", number, rate, end}),
			 joined({" ", number, rate, end}), joined({" ", number, rate, brief}),
			 joined({" ", number, brief})})
	{
		if (name.size() + text.size() <= width)
		{
			return name + text;
		}
	}
	return fmt::format("{} {}", name, number).substr(0, width);
}

std::string format_line(progress const& p)
{
	if (p.state == job_state::failed)
	{
		return failure_of(p);
	}
	auto const t = total_of(p.targets);
	auto text = name_of(p) + targets_of(p);
	if (auto const percent = percent_of(p.state, t))
	{
		text += " " + percent_text(*percent);
	}
	text += amounts(p, t) + long_rates(p, t) + peers_of(p, t);
	if (auto const left = time_left(p, t))
	{
		text += fmt::format("  {} left", format_duration(std::chrono::seconds(*left)));
	}
	return cut_text(text + disk_figures(p) + note_of(p), max_line);
}

} // namespace rawswarm
