// SPDX-License-Identifier: BSD-3-Clause
#include "agent/progress/console.hpp"

#include "agent/log/log.hpp"
#include "agent/log/terminal.hpp"
#include "base/clean_text.hpp"
#include "base/format_duration.hpp"
#include "base/format_size.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include <sys/ioctl.h>
#include <unistd.h>

namespace rawswarm
{

namespace
{

constexpr std::size_t usual_width = 80; // columns of a terminal that does not tell its width
constexpr std::size_t min_cells = 10; // a bar of fewer cells shows nothing
constexpr std::size_t max_cells = 40; // a longer one is no easier to read
constexpr std::string_view erase_line = "\r\x1b[K";

std::size_t width_of(std::FILE* out) noexcept
{
	winsize size{};
	bool const told = ::ioctl(::fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
	return told ? size.ws_col : usual_width;
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

std::string rate_figures(progress const& p, progress_totals const& t)
{
	if (!p.action.empty())
	{
		return t.down > 0 ? fmt::format("  {}/s", format_size(t.down)) : std::string();
	}
	bool const seeding = p.state == job_state::seeding;
	if (!seeding && p.state != job_state::downloading)
	{
		return {};
	}
	return fmt::format("  {}/s{}  {} peer{}", format_size(seeding ? t.up : t.down), seeding ? " up" : "",
		t.peers, t.peers == 1 ? "" : "s");
}

// Seconds that are left; empty: not known, or not shown.
std::optional<std::int64_t> time_left(progress const& p, progress_totals const& t)
{
	bool const moves = p.state == job_state::downloading || !p.action.empty();
	return moves ? t.eta_s : std::nullopt;
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

std::string cells_of(double percent, std::size_t cells)
{
	auto const full = static_cast<std::size_t>(static_cast<double>(cells) * percent / 100);
	std::string bar(full, '#');
	if (full < cells)
	{
		bar += '>';
		bar.append(cells - full - 1, '.');
	}
	return bar;
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

void console::draw_bar(progress const& p)
{
	auto const lock = log::lock_output();
	if (p.state == job_state::failed)
	{
		clear_bar();
		write(m_out, failure_of(p) + "\n");
		return;
	}
	// The last column stays free: some terminals wrap as soon as it is written.
	auto text = std::string(erase_line) + format_bar(p, width_of(m_out) - 1);
	m_drawn = !is_final(p.state);
	write(m_out, m_drawn ? text : text + "\n");
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
		m_drawn = false;
		write(m_out, "\n");
	}
}

void console::clear_bar()
{
	if (m_drawn)
	{
		m_drawn = false;
		write(m_out, std::string(erase_line));
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
	auto const end = rate_figures(p, t) + (left ? "  " + clock_duration(*left) : "");
	if (!percent)
	{
		return (name + amounts(p, t) + end).substr(0, width);
	}
	auto const number = fmt::format("{:5.1f}%", *percent);
	if (auto const note = note_of(p); !note.empty())
	{
		return cut_text(fmt::format("{} {}{}", name, number, note), width);
	}
	// If 80 columns are too few the amounts are left out first.
	for (auto const& after : {fmt::format("{}{}{}", number, amounts(p, t), end), number + end})
	{
		auto const others = name.size() + after.size() + 4; // "[", "]" and two blanks
		if (others + min_cells <= width)
		{
			auto const cells = std::min(width - others, max_cells);
			return fmt::format("{} [{}] {}", name, cells_of(*percent, cells), after);
		}
	}
	return fmt::format("{} {}{}", name, number, end).substr(0, width);
}

std::string format_line(progress const& p)
{
	if (p.state == job_state::failed)
	{
		return failure_of(p);
	}
	auto const t = total_of(p.targets);
	auto text = name_of(p);
	if (auto const percent = percent_of(p.state, t))
	{
		text += fmt::format(" {:.1f}%", *percent);
	}
	text += amounts(p, t) + rate_figures(p, t);
	if (auto const left = time_left(p, t))
	{
		text += fmt::format("  {} left", format_duration(std::chrono::seconds(*left)));
	}
	return text + disk_figures(p) + note_of(p);
}

} // namespace rawswarm
