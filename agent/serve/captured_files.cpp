// SPDX-License-Identifier: BSD-3-Clause
#include "agent/serve/captured_files.hpp"

#include "agent/bittorrent/torrent_hints.hpp"
#include "agent/bittorrent/torrent_load.hpp"
#include "base/atomic_file.hpp"
#include "base/bytes.hpp"
#include "base/clean_text.hpp"
#include "base/format_size.hpp"
#include "base/read_file.hpp"
#include "storage/device/extent_map.hpp"

#include <libtorrent/torrent_info.hpp>

#include <cerrno>
#include <filesystem>
#include <vector>

#include <sys/statvfs.h>
#include <unistd.h>

namespace rawswarm
{

namespace
{

namespace fs = std::filesystem;

// For the file system's own records, and for what else is written meanwhile. Initial value, not measured.
constexpr std::uint64_t spare_bytes = 64_MiB;

// What is being fetched has one more end (image_fetch::temporary()).
constexpr std::string_view fetch_end = ".part";
constexpr std::string_view ends[] = {".img.part.part", ".img.part", ".torrent.part"};

bool is_there(std::string const& path)
{
	std::error_code ec; // what cannot be looked at is in the way
	return fs::symlink_status(path, ec).type() != fs::file_type::not_found;
}

result<void> give_name(captured_files const& files, std::string const& from, std::string const& to)
{
	auto named = rename_new_for_good(from, to);
	if (!named)
	{
		named.error().text.insert(0, fmt::format("capturing {}: ", files.name));
	}
	return named;
}

result<std::uint64_t> bytes_of(captured_files const& files, std::string_view const torrent)
{
	auto const what = fmt::format("the torrent of {}", files.name);
	BOOST_OUTCOME_TRY(loaded, load_torrent(torrent, what));
	if (loaded->name() != files.name)
	{
		return fail(fault::refused, "capturing {}: its torrent is that of \"{}\"", files.name,
			printable(loaded->name()));
	}
	auto const extents = extent_map::build(loaded->files());
	if (!extents)
	{
		return fail(fault::refused, "capturing {}: {}", files.name, extents.error().text);
	}
	BOOST_OUTCOME_TRYV(read_hints(*loaded, extents.value())); // no extent behind the end of the disk
	return extents.value().total();
}

// The image that has this torrent is there: a machine asks again whose answer was lost.
bool is_same(captured_files const& files, std::string_view const torrent)
{
	auto const known = read_file(files.torrent(), std::size_t(max_torrent_bytes));
	return known && known.value() == torrent && is_there(files.image());
}

result<void> check_space(captured_files const& files, std::uint64_t const needed)
{
	struct statvfs space = {};
	if (::statvfs(files.folder.c_str(), &space) != 0)
	{
		return fail(fault::target, system_error(errno), "capturing {}: looking for space in {}", files.name,
			files.folder);
	}
	std::uint64_t const free = std::uint64_t(space.f_bavail) * space.f_frsize;
	if (free < needed)
	{
		return fail(fault::target, "capturing {}: it takes {}, and {} has {} left", files.name,
			format_size(static_cast<std::int64_t>(needed)), files.folder,
			format_size(static_cast<std::int64_t>(free)));
	}
	return success();
}

// The name of the image if the entry's name is that of a part with this end; else empty.
std::string image_name(std::string_view const entry, std::string_view const end)
{
	return entry.size() > end.size() + 1 && entry.starts_with('.') && entry.ends_with(end)
		? std::string(entry.substr(1, entry.size() - 1 - end.size()))
		: std::string();
}

} // namespace

result<checked_capture> check_capture(
	captured_files const& files, std::string_view const torrent, std::uint64_t const reserved)
{
	BOOST_OUTCOME_TRY(bytes, bytes_of(files, torrent));
	if (is_same(files, torrent))
	{
		return checked_capture{capture_start::is_there, bytes};
	}
	for (auto const* const end : {".torrent", ".img", ".zst", ""})
	{
		if (is_there(files.folder + "/" + files.name + end))
		{
			return fail(
				fault::usage, "capturing {}: {} has {}{} already", files.name, files.folder, files.name, end);
		}
	}
	BOOST_OUTCOME_TRYV(check_space(files, bytes + torrent.size() + reserved + spare_bytes));
	return checked_capture{capture_start::wanted, bytes};
}

result<void> finish_capture(captured_files const& files, std::string_view const torrent)
{
	auto const finish = [&]() -> result<void> {
		BOOST_OUTCOME_TRYV(write_atomically(files.unfinished_torrent(), torrent));
		BOOST_OUTCOME_TRYV(give_name(files, files.unfinished_image(), files.image()));
		if (auto named = give_name(files, files.unfinished_torrent(), files.torrent()); !named)
		{
			::unlink(files.image().c_str());
			return named;
		}
		return success();
	};
	auto finished = finish();
	if (!finished)
	{
		remove_unfinished(files);
	}
	return finished;
}

void remove_unfinished(captured_files const& files)
{
	::unlink(files.unfinished_torrent().c_str());
	::unlink(files.unfinished_image().c_str());
	::unlink((files.unfinished_image() + std::string(fetch_end)).c_str());
}

result<void> clean_up_captures(std::string const& folder)
{
	std::vector<std::string> names;
	std::error_code ec;
	for (fs::directory_iterator it(folder, ec), none; !ec && it != none; it.increment(ec))
	{
		auto const entry = it->path().filename().string();
		for (auto const end : ends)
		{
			if (auto name = image_name(entry, end); !name.empty())
			{
				names.push_back(std::move(name));
			}
		}
	}
	if (ec)
	{
		return fail(fault::target, ec, "looking into {}", folder);
	}
	for (auto const& name : names)
	{
		captured_files const files{folder, name};
		bool const lacks_one_name = is_there(files.unfinished_torrent())
			&& !is_there(files.unfinished_image()) && is_there(files.image()) && !is_there(files.torrent());
		if (lacks_one_name)
		{
			BOOST_OUTCOME_TRYV(give_name(files, files.unfinished_torrent(), files.torrent()));
			continue;
		}
		remove_unfinished(files);
	}
	return success();
}

} // namespace rawswarm
