// SPDX-License-Identifier: BSD-3-Clause
#include "agent/create/torrent_writer.hpp"

#include "agent/bittorrent/torrent_frames.hpp"
#include "agent/bittorrent/torrent_seals.hpp"

#include <libtorrent/bencode.hpp>
#include <libtorrent/entry.hpp>
#include <libtorrent/hasher.hpp>

#include <iterator>
#include <utility>

namespace rawswarm
{

namespace
{

std::string encode(lt::entry const& value)
{
	std::string bytes;
	lt::bencode(std::back_inserter(bytes), value);
	return bytes;
}

lt::entry files_entry(std::span<source_extent const> extents)
{
	lt::entry files(lt::entry::list_t);
	auto& list = files.list();
	list.reserve(extents.size());
	for (auto const& extent : extents)
	{
		lt::entry file(lt::entry::dictionary_t);
		file["length"] = static_cast<lt::entry::integer_type>(extent.length);
		file["path"].list().emplace_back(extent.name.empty() ? extent_name(extent.offset) : extent.name);
		list.push_back(std::move(file));
	}
	return files;
}

std::string joined(std::span<lt::sha1_hash const> hashes)
{
	std::string bytes;
	bytes.reserve(hashes.size() * static_cast<std::size_t>(lt::sha1_hash::size()));
	for (auto const& hash : hashes)
	{
		bytes.append(hash.data(), static_cast<std::size_t>(lt::sha1_hash::size()));
	}
	return bytes;
}

void add_trackers(lt::entry& torrent, std::vector<tracker_url> const& trackers)
{
	if (trackers.empty())
	{
		return;
	}
	torrent["announce"] = trackers.front().text();
	auto& tiers = torrent["announce-list"].list();
	for (auto const& tracker : trackers)
	{
		lt::entry tier(lt::entry::list_t);
		tier.list().emplace_back(tracker.text());
		tiers.push_back(std::move(tier));
	}
}

} // namespace

encoded_torrent encode_torrent(torrent_content const& content)
{
	lt::entry torrent(lt::entry::dictionary_t);
	auto& info = torrent["info"];
	info["name"] = content.name;
	info["piece length"] = content.piece_size;
	info["files"] = files_entry(content.extents);
	info["pieces"] = joined(content.hashes);
	if (content.hints.source_size)
	{
		info[hints_key] = write_hints(content.hints);
	}
	auto const info_bytes = encode(info);
	torrent["created by"] = "rawswarm";
	add_trackers(torrent, content.trackers);
	if (!content.seals.raw.empty() || !content.seals.frames.empty())
	{
		torrent[seals_key] = write_seals(content.seals);
	}
	if (!content.frame_lengths.empty())
	{
		torrent[frames_key] = write_frame_lengths(content.frame_lengths);
	}
	return {encode(torrent), lt::hasher(info_bytes).final()};
}

} // namespace rawswarm
