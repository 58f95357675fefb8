// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/moved_gpt.hpp"

#include "storage/device/gpt_layout.hpp"
#include "storage/device/gpt_place.hpp"

namespace rawswarm
{

using namespace gpt_layout;

std::vector<std::string> starts_before_move(
	std::span<char const> const start, std::span<char const> const old_copy, std::uint64_t const sector)
{
	if (start.size() < 2 * sector || old_copy.size() < sector || gpt_sector(start, sector) != sector
		|| !is_gpt_header(old_copy))
	{
		return {};
	}
	std::string before(start.data(), 2 * sector);
	before.replace(sector + copy_sector_at, sector_bytes, &old_copy[own_sector_at], sector_bytes);
	before.replace(sector + last_usable_at, sector_bytes, &old_copy[last_usable_at], sector_bytes);
	sign_gpt_header(std::span(before).subspan(sector));

	// The copy is in the last sector of the image's disk, so its number is the length behind the first.
	std::vector<std::string> answers{before};
	before.replace(guard_length_at, guard_length_bytes, &old_copy[own_sector_at], guard_length_bytes);
	answers.push_back(before);
	before.replace(guard_length_at, guard_length_bytes, guard_length_bytes, '\xff');
	answers.push_back(before);
	return answers;
}

} // namespace rawswarm
