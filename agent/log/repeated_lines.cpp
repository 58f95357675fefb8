// SPDX-License-Identifier: BSD-3-Clause
#include "agent/log/repeated_lines.hpp"

#include "base/result.hpp"

#include <string_view>
#include <utility>

namespace rawswarm::log
{

std::string to_string(line_repeats const& repeats)
{
	return fmt::format("... and {} more like it", repeats.count);
}

bool repeated_lines::is_repeat(spdlog::details::log_msg const& line, clock::time_point const now)
{
	bool const is_same = line.level == m_repeats.level
		&& std::string_view(line.logger_name.data(), line.logger_name.size()) == m_repeats.logger
		&& std::string_view(line.payload.data(), line.payload.size()) == m_text && now - m_last <= interval;
	if (is_same)
	{
		m_last = now;
		m_first_repeat = m_repeats.count == 0 ? now : m_first_repeat;
		++m_repeats.count;
	}
	return is_same;
}

std::optional<line_repeats> repeated_lines::take()
{
	if (m_repeats.count == 0)
	{
		return {};
	}
	auto const waiting = m_repeats;
	m_repeats.count = 0;
	return waiting;
}

std::optional<line_repeats> repeated_lines::due(clock::time_point const now)
{
	return now - m_first_repeat >= interval ? take() : std::nullopt;
}

void repeated_lines::printed(spdlog::details::log_msg const& line, clock::time_point const now)
{
	m_repeats.logger.assign(line.logger_name.data(), line.logger_name.size());
	m_repeats.level = line.level;
	m_text.assign(line.payload.data(), line.payload.size());
	m_last = now;
}

} // namespace rawswarm::log
