// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/program/growth_watch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string_view>

namespace rawswarm::test
{

namespace
{

namespace fs = std::filesystem;

// A connection that is still ending, a page of the allocator here and there.
constexpr std::size_t descriptors_of_noise = 8;
constexpr std::size_t kib_of_noise = std::size_t(8) * 1024;
constexpr std::size_t fewest_samples = 6;

} // namespace

void growth_watch::look(pid_t const process)
{
	auto const folder = "/proc/" + std::to_string(process);
	sample s;
	s.descriptors = static_cast<std::size_t>(
		std::distance(fs::directory_iterator(folder + "/fd"), fs::directory_iterator()));
	std::ifstream lines(folder + "/status");
	for (std::string line; std::getline(lines, line);)
	{
		if (line.starts_with("RssAnon:"))
		{
			s.kib = std::stoul(line.substr(line.find_first_of("0123456789")));
		}
	}
	if (s.descriptors == 0 || s.kib == 0)
	{
		throw std::runtime_error(folder + " shows nothing of the process that is watched");
	}
	m_samples.push_back(s);
}

std::string growth_watch::verdict() const
{
	std::string text;
	if (m_samples.size() < fewest_samples)
	{
		return text;
	}
	auto const third = static_cast<std::ptrdiff_t>(m_samples.size() / 3);
	auto const compare = [&](auto const member, std::size_t const noise, std::string_view const what) {
		auto const least = [member](auto const first, auto const last) {
			auto const is_less = [member](sample const& a, sample const& b) { return a.*member < b.*member; };
			return (*std::min_element(first, last, is_less)).*member;
		};
		auto const before = least(m_samples.begin(), m_samples.begin() + third);
		auto const after = least(m_samples.end() - third, m_samples.end());
		if (after > before + noise)
		{
			text += fmt::format("it has {} {}, and had {}\n", after, what, before);
		}
	};
	compare(&sample::descriptors, descriptors_of_noise, "descriptors");
	compare(&sample::kib, kib_of_noise, "KiB of memory");
	return text;
}

} // namespace rawswarm::test
