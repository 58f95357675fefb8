// SPDX-License-Identifier: BSD-3-Clause
#include "agent/log/log.hpp"

#include "agent/log/terminal.hpp"
#include "base/clean_text.hpp"
#include "base/unique_fd.hpp"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/ansicolor_sink.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

namespace rawswarm::log
{

namespace
{

using level = spdlog::level::level_enum;

constexpr std::array<char const*, 5> component_names{"agent", "swarm", "storage", "beacon", "fetch"};

struct level_name
{
	std::string_view name;
	level value;
};

// The first name of a level is the one that levels() gives.
constexpr std::array<level_name, 9> level_names{{
	{"trace", level::trace},
	{"debug", level::debug},
	{"info", level::info},
	{"warn", level::warn},
	{"warning", level::warn},
	{"error", level::err},
	{"err", level::err},
	{"critical", level::critical},
	{"off", level::off},
}};

// The kernel refuses records of more than 1,024 bytes with what it puts before them.
constexpr std::size_t max_kmsg_bytes = 976;

// Standard error, and the kernel's log, with one lock for the hook and the line.
class output_sink final : public spdlog::sinks::sink
{
public:
	explicit output_sink(line_style style)
		: m_inner(style == line_style::terminal ? spdlog::color_mode::automatic : spdlog::color_mode::never)
	{
		m_inner.set_formatter(make_formatter(style));
	}

	void log(spdlog::details::log_msg const& msg) override
	{
		auto const text = clean_text({msg.payload.data(), msg.payload.size()}, line_breaks::keep);
		auto clean = msg;
		clean.payload = text;
		auto const lock = lock_output();
		if (m_before_line)
		{
			m_before_line();
		}
		m_inner.log(clean);
		if (m_kmsg)
		{
			write_to_kmsg(clean);
		}
	}

	void flush() override
	{
		auto const lock = lock_output();
		m_inner.flush();
	}

	void set_pattern(std::string const& pattern) override
	{
		auto const lock = lock_output();
		m_inner.set_pattern(pattern);
	}

	void set_formatter(std::unique_ptr<spdlog::formatter> formatter) override
	{
		auto const lock = lock_output();
		m_inner.set_formatter(std::move(formatter));
	}

	void set_before_line(std::function<void()> hook)
	{
		auto const lock = lock_output();
		m_before_line.swap(hook);
	}

	void set_kmsg(unique_fd kmsg)
	{
		auto const lock = lock_output();
		m_kmsg = std::move(kmsg);
	}

	std::unique_lock<std::mutex> lock_output() { return std::unique_lock(m_mutex); }

private:
	// One write is one record. What the kernel refuses is lost here alone: standard error has it.
	void write_to_kmsg(spdlog::details::log_msg const& msg)
	{
		spdlog::memory_buf_t line;
		m_kmsg_formatter->format(msg, line);
		[[maybe_unused]] auto const written =
			::write(m_kmsg.get(), line.data(), std::min(line.size(), max_kmsg_bytes));
	}

	std::mutex m_mutex;
	spdlog::sinks::ansicolor_stderr_sink<spdlog::details::console_nullmutex> m_inner;
	std::function<void()> m_before_line;
	unique_fd m_kmsg;
	std::unique_ptr<spdlog::formatter> m_kmsg_formatter = make_formatter(line_style::priority);
};

bool is_kmsg(int fd) noexcept
{
	struct stat st
	{};
	return ::fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 11);
}

// Own loggers, not spdlog's registry: that would make a default logger on standard output.
struct loggers
{
	std::shared_ptr<output_sink> sink = std::make_shared<output_sink>(
		choose_style(is_screen(STDERR_FILENO), is_kmsg(STDERR_FILENO), std::getenv("JOURNAL_STREAM")));
	std::array<spdlog::logger, 5> all{spdlog::logger(component_names[0], sink),
		spdlog::logger(component_names[1], sink), spdlog::logger(component_names[2], sink),
		spdlog::logger(component_names[3], sink), spdlog::logger(component_names[4], sink)};
};

loggers& instance()
{
	static loggers made;
	return made;
}

// syslog's numbers.
char priority_of(level l) noexcept
{
	switch (l)
	{
	case level::critical: return '2';
	case level::err: return '3';
	case level::warn: return '4';
	case level::info: return '6';
	default: return '7';
	}
}

class priority_flag final : public spdlog::custom_flag_formatter
{
public:
	void format(spdlog::details::log_msg const& msg, std::tm const&, spdlog::memory_buf_t& dest) override
	{
		dest.push_back(priority_of(msg.level));
	}

	std::unique_ptr<custom_flag_formatter> clone() const override
	{
		return std::make_unique<priority_flag>();
	}
};

std::string_view trim(std::string_view text) noexcept
{
	constexpr std::string_view blanks = " \t\r\n";
	auto const first = text.find_first_not_of(blanks);
	if (first == std::string_view::npos)
	{
		return {};
	}
	return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

bool same_name(std::string_view a, std::string_view b) noexcept
{
	auto const lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
	return std::equal(
		a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

std::optional<level> find_level(std::string_view name) noexcept
{
	auto const found = std::find_if(
		level_names.begin(), level_names.end(), [&](level_name const& l) { return same_name(l.name, name); });
	return found == level_names.end() ? std::nullopt : std::optional(found->value);
}

std::optional<std::size_t> find_component(std::string_view name) noexcept
{
	auto const found = std::find_if(
		component_names.begin(), component_names.end(), [&](char const* c) { return same_name(c, name); });
	return found == component_names.end()
		? std::nullopt
		: std::optional(static_cast<std::size_t>(found - component_names.begin()));
}

std::string_view name_of(level l) noexcept
{
	auto const found = std::find_if(
		level_names.begin(), level_names.end(), [&](level_name const& n) { return n.value == l; });
	return found == level_names.end() ? "off" : found->name;
}

struct level_change
{
	std::optional<level> all;
	std::array<std::optional<level>, component_names.size()> own;
};

result<void> parse_item(std::string_view item, std::string_view specification, level_change& change)
{
	auto const equals = item.find('=');
	auto const name = trim(equals == std::string_view::npos ? item : item.substr(equals + 1));
	auto const value = find_level(name);
	if (!value)
	{
		return fail(fault::usage,
			"reading the log levels \"{}\": \"{}\" is none of trace, debug, info"
			", warn, error, critical, off",
			specification, name);
	}
	if (equals == std::string_view::npos)
	{
		change.all = value;
		return boost::outcome_v2::success();
	}
	auto const which = find_component(trim(item.substr(0, equals)));
	if (!which)
	{
		return fail(fault::usage, "reading the log levels \"{}\": \"{}\" is none of {}", specification,
			trim(item.substr(0, equals)), fmt::join(component_names, ", "));
	}
	change.own.at(*which) = value;
	return boost::outcome_v2::success();
}

} // namespace

void setup()
{
	instance();
}

result<void> set_levels(std::string_view specification)
{
	level_change change;
	for (auto rest = specification;;)
	{
		auto const comma = rest.find(',');
		BOOST_OUTCOME_TRYV(parse_item(trim(rest.substr(0, comma)), specification, change));
		if (comma == std::string_view::npos)
		{
			break;
		}
		rest.remove_prefix(comma + 1);
	}
	auto& all = instance().all;
	for (std::size_t i = 0; i < all.size(); ++i)
	{
		auto const wanted = change.own.at(i) ? change.own.at(i) : change.all;
		all.at(i).set_level(wanted.value_or(all.at(i).level()));
	}
	return boost::outcome_v2::success();
}

result<void> set_levels_from(std::string_view flag, std::string_view job)
{
	auto const variable = [](char const* name) -> std::string_view {
		auto const* value = std::getenv(name);
		return value == nullptr ? std::string_view() : value;
	};
	struct source
	{
		std::string_view name;
		std::string_view value;
	};
	std::array<source, 4> const sources{{{"--log", flag}, {"RAWSWARM_LOG", variable("RAWSWARM_LOG")},
		{"SPDLOG_LEVEL", variable("SPDLOG_LEVEL")}, {"the job's \"log\"", job}}};
	auto const first =
		std::find_if(sources.begin(), sources.end(), [](source const& s) { return !s.value.empty(); });
	if (first == sources.end())
	{
		return boost::outcome_v2::success();
	}
	auto set = set_levels(first->value);
	if (!set)
	{
		set.error().text = fmt::format("{}: {}", first->name, set.error().text);
	}
	return set;
}

spdlog::logger& get(component c)
{
	return instance().all.at(static_cast<std::size_t>(c));
}

std::string levels()
{
	std::string text;
	for (auto const& logger : instance().all)
	{
		text += fmt::format("{}{}={}", text.empty() ? "" : ",", logger.name(), name_of(logger.level()));
	}
	return text;
}

std::unique_lock<std::mutex> lock_output()
{
	return instance().sink->lock_output();
}

void add_kmsg(std::string const& path)
{
	if (is_kmsg(STDERR_FILENO))
	{
		return;
	}
	instance().sink->set_kmsg(unique_fd(::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY)));
}

void set_before_line(std::function<void()> hook)
{
	instance().sink->set_before_line(std::move(hook));
}

line_style choose_style(bool terminal, bool kmsg, char const* journal_stream) noexcept
{
	if (terminal)
	{
		return line_style::terminal;
	}
	bool const journal = journal_stream != nullptr && *journal_stream != '\0';
	return kmsg || journal ? line_style::priority : line_style::pipe;
}

std::unique_ptr<spdlog::formatter> make_formatter(line_style style)
{
	auto formatter = std::make_unique<spdlog::pattern_formatter>();
	formatter->add_flag<priority_flag>('N');
	formatter->set_pattern(style == line_style::priority ? "<%N>%n: %v" : "[%H:%M:%S.%e] [%n] %^%l%$: %v");
	return formatter;
}

} // namespace rawswarm::log
