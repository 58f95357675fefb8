// SPDX-License-Identifier: BSD-3-Clause
// The one file that wraps nlohmann::json for recordings.
#include "agent/watch/recording.hpp"

#include "agent/beacon/beacon_format.hpp"
#include "agent/log/log.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace rawswarm
{

namespace
{

using nlohmann::ordered_json;
using namespace std::chrono;

constexpr std::size_t max_line_bytes = 16'384; // a datagram of max_beacon_bytes, each byte of it escaped
constexpr std::size_t read_size = 65'536;
constexpr std::int64_t max_elapsed_ms =
	31'536'000'000; // a year, which nanoseconds hold at the slowest speed as well
constexpr std::int64_t max_time_ms = std::int64_t(1) << 53;
constexpr ::mode_t file_mode = 0644;

std::error_code last_error()
{
	return system_error(errno);
}

std::optional<std::int64_t> number(ordered_json const& line, char const* const key, std::int64_t const max)
{
	auto const found = line.find(key);
	if (found == line.end() || !found->is_number_unsigned()
		|| found->get<std::uint64_t>() > std::uint64_t(max))
	{
		return std::nullopt;
	}
	return found->get<std::int64_t>();
}

std::optional<std::string> text(ordered_json const& line, char const* const key)
{
	auto const found = line.find(key);
	return found != line.end() && found->is_string() ? std::optional(found->get<std::string>())
													 : std::nullopt;
}

// In ASCII.
std::string quoted(std::string const& text)
{
	return ordered_json(text).dump(-1, ' ', true, ordered_json::error_handler_t::replace);
}

} // namespace

std::string recording_line(recorded_datagram const& d)
{
	return fmt::format(R"({{"version":1,"elapsed_ms":{},"time_ms":{},"from":{},"datagram":{}}})",
		d.elapsed.count(), d.time_ms, quoted(d.from), quoted(d.datagram));
}

std::optional<recorded_datagram> parse_recording_line(std::string_view const bytes)
{
	auto const line = ordered_json::parse(bytes, nullptr, false);
	if (!line.is_object() || number(line, "version", 1) != 1)
	{
		return std::nullopt;
	}
	auto const elapsed = number(line, "elapsed_ms", max_elapsed_ms);
	auto const time = number(line, "time_ms", max_time_ms);
	auto from = text(line, "from");
	auto datagram = text(line, "datagram");
	if (!elapsed || !time || !from || !datagram || datagram->size() > max_beacon_bytes)
	{
		return std::nullopt;
	}
	return recorded_datagram{milliseconds(*elapsed), *time, std::move(*from), std::move(*datagram)};
}

recorder::recorder(std::string path, unique_fd file, std::int64_t const max_bytes)
	: m_path(std::move(path))
	, m_file(std::move(file))
	, m_room(max_bytes)
{}

result<recorder> recorder::open(std::string const& path, std::int64_t const max_bytes)
{
	// Not a device or a pipe: a name that is one letter off must not write to a disk.
	unique_fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, file_mode));
	struct stat status
	{};
	if (!file || ::fstat(file.get(), &status) != 0)
	{
		return fail(fault::refused, last_error(), "recording to {}", path);
	}
	if (!S_ISREG(status.st_mode))
	{
		return fail(fault::refused, "recording to {}: not a regular file", path);
	}
	if (::ftruncate(file.get(), 0) != 0)
	{
		return fail(fault::refused, last_error(), "recording to {}", path);
	}
	return recorder(path, std::move(file), max_bytes);
}

void recorder::add(std::string_view const from, std::string_view const datagram)
{
	if (!m_file)
	{
		return;
	}
	auto const elapsed = duration_cast<milliseconds>(steady_clock::now() - m_began);
	auto const now = duration_cast<milliseconds>(system_clock::now().time_since_epoch());
	auto const line = recording_line({elapsed, std::max<std::int64_t>(now.count(), 0), std::string(from),
						  std::string(datagram)})
		+ "\n";
	m_room -= static_cast<std::int64_t>(line.size());
	if (m_room < 0)
	{
		give_up("it is as large as a recording may be");
		return;
	}
	auto const written = ::write(m_file.get(), line.data(), line.size());
	if (written < 0 || static_cast<std::size_t>(written) != line.size())
	{
		give_up(written < 0 ? last_error().message() : "no space left on its device");
	}
}

void recorder::give_up(std::string const& why)
{
	m_file = unique_fd();
	log::get(log::component::beacon).warn("recording to {} ends here: {}", m_path, why);
}

recording_reader::recording_reader(std::string path, unique_fd file)
	: m_path(std::move(path))
	, m_file(std::move(file))
{}

result<recording_reader> recording_reader::open(std::string const& path)
{
	unique_fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
	if (!file)
	{
		return fail(fault::refused, last_error(), "opening the recording {}", path);
	}
	return recording_reader(path, std::move(file));
}

result<std::optional<recorded_datagram>> recording_reader::next()
{
	BOOST_OUTCOME_TRY(line, next_line());
	if (!line)
	{
		return std::optional<recorded_datagram>();
	}
	auto read = parse_recording_line(*line);
	if (!read)
	{
		return fail(
			fault::refused, "reading the recording {}: line {} is no beacon of version 1", m_path, m_line);
	}
	read->elapsed = m_latest = std::max(m_latest, read->elapsed);
	return read;
}

result<std::optional<std::string_view>> recording_reader::next_line()
{
	for (;;)
	{
		if (auto const end = m_buffer.find('\n', m_at); end != std::string::npos)
		{
			++m_line;
			auto const line = std::string_view(m_buffer).substr(m_at, end - m_at);
			m_at = end + 1;
			return std::optional(line);
		}
		m_buffer.erase(0, m_at);
		m_at = 0;
		if (m_buffer.size() > max_line_bytes)
		{
			return fail(fault::refused, "reading the recording {}: line {} is too long", m_path, m_line + 1);
		}
		auto const had = m_buffer.size();
		m_buffer.resize(had + read_size);
		auto const n = ::read(m_file.get(), m_buffer.data() + had, read_size);
		m_buffer.resize(had + static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
		if (n < 0 && errno != EINTR)
		{
			return fail(fault::refused, last_error(), "reading the recording {}", m_path);
		}
		if (n == 0)
		{
			return std::optional<std::string_view>();
		}
	}
}

} // namespace rawswarm
