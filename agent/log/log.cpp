// SPDX-License-Identifier: BSD-3-Clause
#include "agent/log/log.hpp"

#include "agent/log/repeated_lines.hpp"
#include "agent/log/terminal.hpp"
#include "base/clean_text.hpp"
#include "base/unique_fd.hpp"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/ansicolor_sink.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

namespace rawswarm::log
{

namespace
{

// The kernel refuses records of more than 1,024 bytes, its own prefix included.
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

	~output_sink() override { output_sink::tell_repeats(); }
	output_sink(output_sink const&) = delete;
	output_sink& operator=(output_sink const&) = delete;

	void log(spdlog::details::log_msg const& msg) override
	{
		// One message is one line: whoever may word a part of it cannot add a line of its own, which the
		// journal and the kernel would take with a priority of its own.
		auto const text = clean_text({msg.payload.data(), msg.payload.size()});
		auto clean = msg;
		clean.payload = text;
		auto const lock = lock_output();
		auto const now = repeated_lines::clock::now();
		if (m_repeats.is_repeat(clean, now))
		{
			tell(m_repeats.due(now));
			return;
		}
		tell(m_repeats.take());
		print(clean);
		m_repeats.printed(clean, now);
	}

	void tell_repeats()
	{
		auto const lock = lock_output();
		tell(m_repeats.take());
	}

	void tell_repeats_that_are_due()
	{
		auto const lock = lock_output();
		tell(m_repeats.due(repeated_lines::clock::now()));
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
	void tell(std::optional<line_repeats> const& repeats)
	{
		if (repeats)
		{
			auto const text = to_string(*repeats);
			print(spdlog::details::log_msg(repeats->logger, repeats->level, text));
		}
	}

	void print(spdlog::details::log_msg const& line)
	{
		if (m_before_line)
		{
			m_before_line();
		}
		m_inner.log(line);
		if (m_kmsg)
		{
			write_to_kmsg(line);
		}
	}

	// One write is one record. A record that the kernel refuses is not lost: standard error has it.
	void write_to_kmsg(spdlog::details::log_msg const& msg)
	{
		spdlog::memory_buf_t line;
		m_kmsg_formatter->format(msg, line);
		[[maybe_unused]] auto const written =
			::write(m_kmsg.get(), line.data(), std::min(line.size(), max_kmsg_bytes));
	}

	std::mutex m_mutex;
	repeated_lines m_repeats;
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

// Standard error's.
line_style style_of_errors()
{
	auto const style =
		choose_style(is_screen(STDERR_FILENO), is_kmsg(STDERR_FILENO), std::getenv("JOURNAL_STREAM"));
	return style == line_style::terminal && !wants_style() ? line_style::pipe : style;
}

// We keep our own loggers: spdlog's registry would make a default logger on standard output.
struct loggers
{
	std::shared_ptr<output_sink> sink = std::make_shared<output_sink>(style_of_errors());
	std::array<spdlog::logger, component_names.size()> all{make(component::agent), make(component::swarm),
		make(component::storage), make(component::beacon), make(component::fetch)};

	spdlog::logger make(component const c) const
	{
		return {std::string(component_names.at(static_cast<std::size_t>(c))), sink};
	}
};

loggers& instance()
{
	static loggers made;
	return made;
}

// The priorities of syslog.
char priority_of(spdlog::level::level_enum const l) noexcept
{
	switch (l)
	{
	case spdlog::level::critical: return '2';
	case spdlog::level::err: return '3';
	case spdlog::level::warn: return '4';
	case spdlog::level::info: return '6';
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

spdlog::level::level_enum to_spdlog(level const l) noexcept
{
	static_assert(static_cast<int>(level::off) == spdlog::level::off);
	return static_cast<spdlog::level::level_enum>(l);
}

// The first source of specifications that is set, the job's aside; its value is empty if there is none.
std::pair<std::string_view, std::string_view> first_source(std::string_view const flag)
{
	if (!flag.empty())
	{
		return {"--log", flag};
	}
	for (auto const* const variable : {"RAWSWARM_LOG", "SPDLOG_LEVEL"})
	{
		if (auto const* const value = std::getenv(variable); value != nullptr && *value != '\0')
		{
			return {variable, value};
		}
	}
	return {};
}

} // namespace

void setup()
{
	instance();
}

void set_levels(level_set const& levels)
{
	auto& all = instance().all;
	for (std::size_t i = 0; i < all.size(); ++i)
	{
		if (auto const wanted = levels.of(static_cast<component>(i)))
		{
			all.at(i).set_level(to_spdlog(*wanted));
		}
	}
}

result<void> set_levels_from(std::string_view const flag, level_set const& job)
{
	auto const [name, value] = first_source(flag);
	if (value.empty())
	{
		set_levels(job);
		return success();
	}
	auto parsed = parse_levels(value);
	if (!parsed)
	{
		parsed.error().text = fmt::format("{}: {}", name, parsed.error().text);
		return parsed.error();
	}
	set_levels(parsed.value());
	return success();
}

spdlog::logger& get(component c)
{
	return instance().all.at(static_cast<std::size_t>(c));
}

level_set levels()
{
	level_set found;
	auto const& all = instance().all;
	for (std::size_t i = 0; i < all.size(); ++i)
	{
		found.own.at(i) = static_cast<level>(all.at(i).level());
	}
	return found;
}

void tell_repeats()
{
	instance().sink->tell_repeats();
}

void tell_repeats_that_are_due()
{
	instance().sink->tell_repeats_that_are_due();
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
