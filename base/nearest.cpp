// SPDX-License-Identifier: BSD-3-Clause
#include "base/nearest.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace rawswarm
{

namespace
{

constexpr std::size_t longest_word = 64; // of those that are compared; the time grows with the square

// Rows of the usual table, of which three are kept.
std::size_t distance(std::string_view const a, std::string_view const b)
{
	std::vector<std::size_t> before(b.size() + 1);
	std::vector<std::size_t> last(b.size() + 1);
	std::vector<std::size_t> row(b.size() + 1);
	for (std::size_t j = 0; j <= b.size(); ++j)
	{
		last[j] = j;
	}
	for (std::size_t i = 1; i <= a.size(); ++i)
	{
		row[0] = i;
		for (std::size_t j = 1; j <= b.size(); ++j)
		{
			bool const same = a[i - 1] == b[j - 1];
			row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
			{
				row[j] = std::min(row[j], before[j - 2] + 1);
			}
		}
		before.swap(last);
		last.swap(row);
	}
	return last[b.size()];
}

} // namespace

std::optional<std::string> nearest(std::string_view const unknown, std::span<std::string const> const known)
{
	if (unknown.size() > longest_word)
	{
		return {};
	}
	std::optional<std::string> best;
	std::size_t allowed = std::max<std::size_t>(unknown.size() / 3, 1);
	for (auto const& word : known)
	{
		auto const changes = distance(unknown, word);
		if (changes < allowed || (changes == allowed && !best))
		{
			best = word;
			allowed = changes;
		}
	}
	return best;
}

} // namespace rawswarm
