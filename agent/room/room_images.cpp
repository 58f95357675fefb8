// SPDX-License-Identifier: BSD-3-Clause
#include "agent/room/room_images.hpp"

#include "agent/bittorrent/torrent_hints.hpp"
#include "agent/bittorrent/torrent_load.hpp"
#include "base/read_file.hpp"
#include "base/text.hpp"
#include "storage/device/extent_map.hpp"
#include "storage/device/open_device.hpp"

#include <libtorrent/torrent_info.hpp>

#include <filesystem>
#include <utility>

namespace rawswarm
{

namespace
{

namespace fs = std::filesystem;

constexpr std::string_view torrent_suffix = ".torrent";

// A relative path means one in the room's folder.
std::string in_folder(std::string const& folder, std::string const& path)
{
	return (fs::path(folder) / path).string();
}

std::string data_beside(std::string const& torrent)
{
	auto const stem = torrent.substr(0, torrent.size() - torrent_suffix.size());
	for (auto const* const suffix : {".zst", ".img", ""})
	{
		std::error_code ec;
		auto path = stem + suffix;
		if (fs::exists(path, ec))
		{
			return path;
		}
	}
	return {};
}

// Reads the torrent, and holds the data against it.
result<void> examine(room_image& image)
{
	BOOST_OUTCOME_TRY(bytes, read_file(image.torrent, max_torrent_bytes, "the torrent"));
	BOOST_OUTCOME_TRY(torrent, load_torrent(bytes, image.torrent));
	auto extents = extent_map::build(torrent->files());
	if (!extents)
	{
		return fail(fault::refused, "{} ({})", extents.error().text, image.torrent);
	}
	BOOST_OUTCOME_TRY(hints, read_hints(*torrent, extents.value()));
	image.info_hash = to_hex(torrent->info_hashes().v1.to_string());
	image.bytes = static_cast<std::int64_t>(hints.source_size.value_or(extents.value().end().bytes));
	if (image.source.empty())
	{
		return fail(fault::refused,
			"reading {}: there is no image beside it (.zst, .img or without a suffix)", image.torrent);
	}
	BOOST_OUTCOME_TRY(source,
		open_source(image.source, extents.value(), static_cast<std::uint64_t>(torrent->total_size())));
	if (source->size() < extents.value().end().bytes)
	{
		return fail(fault::refused, "opening {}: it has {} bytes, {} needs {}", image.source, source->size(),
			image.torrent, extents.value().end().bytes);
	}
	return success();
}

} // namespace

result<std::map<std::string, room_image>> find_images(
	std::string const& folder, std::map<std::string, room_image> const& said)
{
	auto images = said;
	for (auto& [name, image] : images)
	{
		image.torrent = in_folder(
			folder, image.torrent.empty() ? "images/" + name + std::string(torrent_suffix) : image.torrent);
		image.source = image.source.empty() ? image.source : in_folder(folder, image.source);
	}
	auto const place = fs::path(folder) / "images";
	std::error_code ec;
	for (fs::directory_iterator entry(place, ec); !ec && entry != fs::directory_iterator();
		 entry.increment(ec))
	{
		auto name = entry->path().filename().string();
		if (!name.ends_with(torrent_suffix))
		{
			continue;
		}
		name.resize(name.size() - torrent_suffix.size());
		if (!is_room_name(name) || images.contains(name))
		{
			continue;
		}
		auto& image = images[name];
		image.name = name;
		image.torrent = entry->path().string();
	}
	if (ec)
	{
		return fail(fault::refused, ec, "reading the folder {}", place.string());
	}
	if (images.size() > max_room_images)
	{
		return fail(
			fault::refused, "reading the folder {}: more than {} images", place.string(), max_room_images);
	}
	for (auto& [name, image] : images)
	{
		if (image.source.empty() && image.torrent.ends_with(torrent_suffix))
		{
			image.source = data_beside(image.torrent);
		}
		if (auto const good = examine(image); !good)
		{
			image.error = good.error().text;
		}
	}
	return images;
}

} // namespace rawswarm
