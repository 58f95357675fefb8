// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/guard_report.hpp"

#include "base/parse_number.hpp"

#include <cstddef>
#include <utility>

namespace rawswarm
{

namespace
{

// Each part is followed by a zero byte. 's', the number of words, the words; 'e', the exit code, the action.
constexpr char takes_signals_mark = 's';
constexpr char has_ended_mark = 'e';

void append(std::string& bytes, std::string_view const part)
{
	bytes += part;
	bytes += '\0';
}

// The next part, which is removed; empty as long as it is not complete.
std::optional<std::string_view> next_part(std::string_view& bytes)
{
	auto const end = bytes.find('\0');
	if (end == std::string_view::npos)
	{
		return {};
	}
	auto const part = bytes.substr(0, end);
	bytes.remove_prefix(end + 1);
	return part;
}

// The same of a number. One that is none is 0.
std::optional<int> next_number(std::string_view& bytes)
{
	auto const part = next_part(bytes);
	return part ? std::optional(parse_number<int>(*part).value_or(0)) : std::nullopt;
}

// Empty as long as they are not complete.
std::optional<std::vector<std::string>> next_words(std::string_view& bytes, int const count)
{
	std::vector<std::string> words;
	while (std::ssize(words) < count)
	{
		auto const word = next_part(bytes);
		if (!word)
		{
			return {};
		}
		words.emplace_back(*word);
	}
	return words;
}

} // namespace

std::string signals_report(std::span<std::string const> const words)
{
	std::string bytes(1, takes_signals_mark);
	append(bytes, fmt::format("{}", words.size()));
	for (auto const& word : words)
	{
		append(bytes, word);
	}
	return bytes;
}

std::string end_report(guarded_end const& end)
{
	std::string bytes(1, has_ended_mark);
	append(bytes, fmt::format("{}", end.exit_code));
	append(bytes, fmt::format("{}", static_cast<int>(end.action)));
	return bytes;
}

void guard_report::give_up()
{
	m_is_none = true;
	m_bytes = {};
}

void guard_report::add(std::string_view const bytes)
{
	if (is_over())
	{
		return;
	}
	if (bytes.size() > max_bytes - m_bytes.size())
	{
		give_up();
		return;
	}
	m_bytes += bytes;
	m_takes_signals = m_takes_signals || m_bytes.starts_with(takes_signals_mark);
	if (m_takes_signals && !m_has_words)
	{
		auto rest = std::string_view(m_bytes).substr(1);
		auto const count = next_number(rest);
		if (count && (*count < 0 || *count > max_words))
		{
			give_up(); // its words would never be complete
			return;
		}
		auto words = count ? next_words(rest, *count) : std::nullopt;
		if (!words)
		{
			return;
		}
		m_words = std::move(*words);
		m_has_words = true;
		m_bytes.erase(0, m_bytes.size() - rest.size());
	}
	if (m_bytes.starts_with(has_ended_mark))
	{
		auto rest = std::string_view(m_bytes).substr(1);
		auto const code = next_number(rest);
		auto const action = next_number(rest);
		if (code && action)
		{
			m_end = guarded_end{*code, static_cast<end_action>(*action)};
		}
	}
}

} // namespace rawswarm
