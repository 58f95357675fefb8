// SPDX-License-Identifier: BSD-3-Clause
#include "tests/bench/transfer/process_watch.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string_view>
#include <system_error>
#include <vector>

#include <unistd.h>

namespace rawswarm::bench
{

namespace
{

namespace fs = std::filesystem;

std::string text_of(std::string const& path)
{
	std::ifstream in(path);
	return {std::istreambuf_iterator<char>(in), {}};
}

// Of "PID (NAME) STATE …": the 14th and 15th word are the ticks in user space and in the kernel. A name may
// have blanks and brackets.
std::optional<cpu_time> parse_stat(std::string_view const stat)
{
	constexpr std::size_t user = 11; // words behind the name
	auto const end_of_name = stat.rfind(')');
	if (end_of_name == std::string_view::npos)
	{
		return std::nullopt;
	}
	auto const words = split_words(stat.substr(end_of_name + 1));
	if (words.size() <= user + 1)
	{
		return std::nullopt;
	}
	auto const ticks = double(::sysconf(_SC_CLK_TCK));
	auto const seconds = [&](std::size_t const word) { return std::stod(std::string(words[word])) / ticks; };
	return cpu_time{seconds(user), seconds(user + 1)};
}

std::int64_t peak_of(pid_t const process)
{
	constexpr std::string_view key = "VmHWM:"; // KiB
	auto const status = text_of(fmt::format("/proc/{}/status", process));
	auto const at = status.find(key);
	return at == std::string::npos ? 0 : std::stoll(status.substr(at + key.size())) * 1024;
}

std::vector<pid_t> with_children(pid_t const process)
{
	std::vector<pid_t> found{process};
	std::istringstream children(text_of(fmt::format("/proc/{0}/task/{0}/children", process)));
	for (pid_t child = 0; children >> child;)
	{
		found.push_back(child);
	}
	return found;
}

} // namespace

cpu_time& cpu_time::operator+=(cpu_time const& other)
{
	user += other.user;
	system += other.system;
	return *this;
}

cpu_time cpu_time::operator-(cpu_time const& other) const
{
	return {user - other.user, system - other.system};
}

cpu_time sum_of(thread_times const& threads)
{
	cpu_time sum;
	for (auto const& [name, used] : threads)
	{
		sum += used;
	}
	return sum;
}

void process_watch::look_at(pid_t const process)
{
	m_peak = std::max(m_peak, peak_of(process));
	std::error_code gone;
	auto const folder = fmt::format("/proc/{}/task", process);
	for (fs::directory_iterator entry(folder, gone); !gone && entry != fs::directory_iterator();
		 entry.increment(gone))
	{
		auto const path = entry->path();
		auto const used = parse_stat(text_of(path / "stat"));
		std::string const name(trim(text_of(path / "comm")));
		if (used && !name.empty())
		{
			m_last[std::stoi(path.filename())] = {name, *used};
		}
	}
}

void process_watch::look()
{
	for (auto const process : with_children(m_process))
	{
		look_at(process);
	}
}

thread_times process_watch::threads() const
{
	thread_times times;
	for (auto const& [id, now] : m_last)
	{
		auto const before = m_before.find(id);
		times[now.name] += before == m_before.end() ? now.used : now.used - before->second.used;
	}
	return times;
}

} // namespace rawswarm::bench
