// SPDX-License-Identifier: BSD-3-Clause
#include "agent/source_map/partclone_blocks.hpp"

#include "agent/source_map/clean_marks.hpp"
#include "agent/source_map/loop_window.hpp"
#include "agent/source_map/map_files.hpp"
#include "agent/source_map/range_list.hpp"
#include "base/bytes.hpp"
#include "base/read_file.hpp"
#include "base/run_program.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include <unistd.h>

namespace rawswarm
{

namespace
{

namespace fs = std::filesystem;

constexpr std::size_t largest_log = 256_MiB;

// What is known of a file system before its map is asked for.
struct marks
{
	std::string unknown; // as in used_blocks
	std::string unclean;
};

// A folder for the program's files, which goes with this object.
class work_folder
{
public:
	static result<work_folder> make()
	{
		std::error_code ec;
		auto name = (fs::temp_directory_path(ec) / "rawswarm-XXXXXX").string();
		if (ec || ::mkdtemp(name.data()) == nullptr)
		{
			return fail(fault::internal, ec ? ec : system_error(errno), "making a temporary folder");
		}
		return work_folder(std::move(name));
	}

	~work_folder()
	{
		if (!m_path.empty())
		{
			std::error_code ignored; // nobody could do more about it
			fs::remove_all(m_path, ignored);
		}
	}
	work_folder(work_folder&& other) noexcept
		: m_path(std::exchange(other.m_path, {}))
	{}
	work_folder& operator=(work_folder&&) = delete;

	std::string file(std::string_view const name) const { return fmt::format("{}/{}", m_path, name); }

private:
	explicit work_folder(std::string path)
		: m_path(std::move(path))
	{}

	std::string m_path;
};

// What they print is looked at.
program_options in_c_locale()
{
	program_options options;
	options.variables = {"LC_ALL=C"};
	return options;
}

result<std::vector<char>> read_start(source_window const& window)
{
	std::vector<char> start(std::min<std::uint64_t>(marks_reach, window.range.length));
	auto const n =
		::pread(window.fd, start.data(), start.size(), static_cast<::off_t>(window.range.offset.bytes));
	if (n < 0)
	{
		return fail(fault::device, system_error(errno), "reading {} at {:#x}", window.path,
			window.range.offset.bytes);
	}
	start.resize(static_cast<std::size_t>(n));
	return start;
}

// What a program says of the device, which `judge` understands.
marks marks_by(std::string const& name, std::string const& option, std::string const& device,
	marks (*const judge)(program_end const&))
{
	auto const program = program_in_path(name);
	if (program.empty())
	{
		return {name + ", which says whether it is clean, is not installed", {}};
	}
	auto const end = run_program({program, option, device}, in_c_locale());
	return end ? judge(end.value()) : marks{end.error().text, {}};
}

marks judge_xfs(program_end const& end)
{
	if (end.output.find("<DIRTY>") != std::string::npos)
	{
		return {{}, "its journal is still to be replayed"};
	}
	return {end.output.find("<CLEAN>") != std::string::npos ? "" : "xfs_logprint: " + last_line(end), {}};
}

// The exit codes of ntfs-3g.probe(8).
marks judge_ntfs(program_end const& end)
{
	switch (end.exit_code)
	{
	case 0: return {};
	case 14: return {{}, "it holds a Windows that is hibernated, or was shut down by its fast startup"};
	case 15: return {{}, "it was not unmounted cleanly"};
	default: return {"ntfs-3g.probe: " + last_line(end), {}};
	}
}

marks marks_of(std::string const& type, std::string const& device, std::span<char const> const start)
{
	if (type == "xfs")
	{
		return marks_by("xfs_logprint", "-t", device, judge_xfs);
	}
	if (type == "ntfs")
	{
		return marks_by("ntfs-3g.probe", "--readwrite", device, judge_ntfs);
	}
	if (type == "btrfs")
	{
		return {{}, reason_against_btrfs(start)};
	}
	return {{}, type == "exfat" ? reason_against_exfat(start) : reason_against_fat(start)};
}

result<std::string> device_of(source_window const& window, std::optional<loop_window>& loop)
{
	if (window.is_whole)
	{
		return window.path;
	}
	if (!window.node.empty())
	{
		return window.node;
	}
	BOOST_OUTCOME_TRY(attached, loop_window::attach(window.fd, window.range));
	loop.emplace(std::move(attached));
	return loop->path();
}

// Empty: its map is in `log`.
std::string run_partclone(std::string const& program, std::string const& device, work_folder const& folder)
{
	auto const end =
		run_program({program, "-D", "-q", "-s", device, "-O", folder.file("map"), "-L", folder.file("log")});
	if (!end)
	{
		return end.error().text;
	}
	return end.value().exit_code == 0 ? "" : last_line(end.value());
}

} // namespace

result<used_blocks> partclone_blocks(source_window const& window, std::string const& type)
{
	used_blocks ret;
	ret.means = "partclone." + type;
	auto const program = program_in_path(ret.means);
	if (program.empty())
	{
		ret.unknown = ret.means + " is not installed";
		return ret;
	}
	std::optional<loop_window> loop;
	auto const device = device_of(window, loop);
	if (!device)
	{
		ret.unknown = device.error().text;
		return ret;
	}
	BOOST_OUTCOME_TRY(start, read_start(window));
	auto [unknown, unclean] = marks_of(type, device.value(), start);
	ret.unclean = std::move(unclean);
	ret.unknown = std::move(unknown);
	if (!ret.unknown.empty() || !ret.unclean.empty())
	{
		return ret;
	}
	BOOST_OUTCOME_TRY(folder, work_folder::make());
	if (auto const why = run_partclone(program, device.value(), folder); !why.empty())
	{
		ret.unknown = fmt::format("{}: {}", ret.means, why);
		return ret;
	}
	BOOST_OUTCOME_TRY(text, read_file(folder.file("map"), largest_log));
	auto const map = parse_domain_log(text, ret.means + "'s map");
	if (!map)
	{
		ret.unknown = map.error().text;
		return ret;
	}
	range_list used;
	for (auto const& area : map.value().areas)
	{
		used.add({window.range.offset + area.range.offset.bytes, area.range.length});
	}
	if (type == "ntfs")
	{
		// the copy of the boot sector, behind the last cluster
		auto const length = std::min<std::uint64_t>(4_KiB, window.range.length);
		used.add({{window.range.end().bytes - length}, length});
	}
	ret.ranges = clipped(used.ranges(), window.range);
	return ret;
}

} // namespace rawswarm
