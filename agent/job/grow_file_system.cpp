// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/grow_file_system.hpp"

#include "agent/job/own_mount.hpp"
#include "agent/source_map/disk_layout.hpp"
#include "base/run_program.hpp"
#include "base/unique_fd.hpp"

#include <algorithm>
#include <cerrno>
#include <optional>
#include <vector>

#include <fcntl.h>

namespace rawswarm
{

namespace
{

// A tool and its arguments, in which @ stands for what it works on.
struct step
{
	std::vector<std::string> words;
	int highest_success = 0; // of its exit codes
};

struct method
{
	char const* type; // as blkid names it
	bool is_mounted; // it works on a mount point
	std::vector<step> steps;
};

// e2fsck(8): 1 is "errors corrected", and without a check resize2fs refuses. ntfsresize asks unless it is
// forced twice.
std::vector<method> const& methods()
{
	static std::vector<method> const all{
		{"ext2", false, {{{"e2fsck", "-f", "-p", "@"}, 1}, {{"resize2fs", "@"}}}},
		{"ext3", false, {{{"e2fsck", "-f", "-p", "@"}, 1}, {{"resize2fs", "@"}}}},
		{"ext4", false, {{{"e2fsck", "-f", "-p", "@"}, 1}, {{"resize2fs", "@"}}}},
		{"xfs", true, {{{"xfs_growfs", "@"}}}},
		{"btrfs", true, {{{"btrfs", "filesystem", "resize", "max", "@"}}}},
		{"ntfs", false, {{{"ntfsresize", "-f", "-f", "@"}}}},
	};
	return all;
}

result<void> run_step(
	step const& s, std::string const& object, std::string const& what, std::stop_token const& stop)
{
	std::vector<std::string> words{program_in_path(s.words.front())};
	for (std::size_t i = 1; i < s.words.size(); ++i)
	{
		words.push_back(s.words[i] == "@" ? object : s.words[i]);
	}
	program_options options;
	options.variables = {"LC_ALL=C"};
	options.stop = stop;
	BOOST_OUTCOME_TRY(end, run_program(words, options));
	if (end.was_stopped)
	{
		return fail(fault::device, "growing {}: {} was stopped", what, s.words.front());
	}
	if (end.exit_code > s.highest_success)
	{
		return fail(fault::device, "growing {}: {} failed with {}: {}", what, s.words.front(), end.exit_code,
			last_line(end));
	}
	return success();
}

} // namespace

result<std::string> grow_file_system(std::string const& node, std::stop_token const& stop)
{
	BOOST_OUTCOME_TRY(type, content_of(node));
	auto const how = std::ranges::find(methods(), type, [](method const& m) { return std::string(m.type); });
	if (how == methods().end())
	{
		return fmt::format(
			"{} holds {}, which is left as it is", node, type.empty() ? "nothing that is known" : type);
	}
	for (auto const& s : how->steps)
	{
		if (program_in_path(s.words.front()).empty())
		{
			return fmt::format(
				"the {} of {} does not take its new space yet, as there is no {} here; it can grow "
				"when its system starts",
				type, node, s.words.front());
		}
	}
	auto const what = fmt::format("the {} of {}", type, node);
	std::optional<own_mount> mounted;
	if (how->is_mounted)
	{
		BOOST_OUTCOME_TRY(made, own_mount::make(node, type, mount_access::read_write));
		mounted.emplace(std::move(made));
	}
	for (auto const& s : how->steps)
	{
		BOOST_OUTCOME_TRYV(run_step(s, mounted ? mounted->folder() : node, what, stop));
	}
	if (mounted)
	{
		BOOST_OUTCOME_TRYV(mounted->end());
	}
	return fmt::format("{} takes all of it", what);
}

} // namespace rawswarm
