// SPDX-License-Identifier: BSD-3-Clause
#include "agent/cli/info.hpp"

#include "agent/bittorrent/torrent_hints.hpp"
#include "agent/bittorrent/torrent_load.hpp"
#include "agent/create/create_source.hpp"
#include "agent/create/image_compressor.hpp"
#include "agent/create/source_format.hpp"
#include "agent/source_map/disk_layout.hpp"
#include "base/clean_text.hpp"
#include "base/format_size.hpp"
#include "base/read_file.hpp"
#include "base/text.hpp"
#include "base/unique_fd.hpp"
#include "storage/device/compressed_device.hpp"
#include "storage/device/extent_map.hpp"
#include "storage/device/open_device.hpp"

#include <libtorrent/torrent_info.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include <fcntl.h>

namespace rawswarm
{

namespace
{

namespace fs = std::filesystem;
using json = nlohmann::ordered_json;

constexpr char const* torrent_kind = "torrent";
constexpr char const* compressed_kind = "compressed image";
constexpr char const* image_kind = "image";

std::string size_text(json const& bytes)
{
	auto const n = bytes.get<std::int64_t>();
	return fmt::format("{} ({} bytes)", format_size(n), n);
}

result<std::string> head_of(std::string const& path)
{
	BOOST_OUTCOME_TRY(device, open_source(path));
	if (device->size() == 0)
	{
		return fail(fault::target, "reading {}: it is empty", path);
	}
	std::string head(std::min<std::uint64_t>(device->size(), format_head_bytes), '\0');
	iovec const buffer{head.data(), head.size()};
	BOOST_OUTCOME_TRYV(device->read({}, {&buffer, 1}));
	return head;
}

std::uint64_t bytes_in(std::vector<byte_range> const& ranges)
{
	std::uint64_t sum = 0;
	for (auto const& r : ranges)
	{
		sum += r.length;
	}
	return sum;
}

result<json> torrent_info_of(std::string const& path)
{
	BOOST_OUTCOME_TRY(bytes, read_file(path, max_torrent_bytes));
	BOOST_OUTCOME_TRY(torrent, load_torrent(bytes, path));
	BOOST_OUTCOME_TRY(extents, extent_map::build(torrent->files()));
	BOOST_OUTCOME_TRY(hints, read_hints(*torrent, extents));
	auto const zeroed = bytes_in(extents.without_extents(hints.zero_ranges));
	auto const size = hints.source_size.value_or(extents.end().bytes);
	json info{{"version", 1}, {"kind", torrent_kind}, {"name", torrent->name()},
		{"info_hash", to_hex(torrent->info_hashes().v1.to_string())}, {"bytes", extents.total()},
		{"extents", extents.extents().size()}, {"pieces", torrent->num_pieces()},
		{"piece_size", torrent->piece_length()}, {"device_size", size},
		{"gaps", {{"zeroed", zeroed}, {"left_alone", size - extents.total() - zeroed}}}};
	if (hints.sector_size)
	{
		info["sector_size"] = *hints.sector_size;
	}
	if (hints.smallest)
	{
		info["smallest_size"] = *hints.smallest;
	}
	std::error_code ec; // no compressed image is no fault
	auto const image = compressed_image_path(path);
	if (auto const compressed = fs::file_size(image, ec); !ec)
	{
		info["compressed"] = {{"path", image}, {"bytes", compressed}};
	}
	return info;
}

result<json> image_info_of(std::string const& path)
{
	BOOST_OUTCOME_TRY(device, open_source(path));
	std::error_code ignored; // what cannot be looked at cannot be opened
	BOOST_OUTCOME_TRY(foreign, find_foreign_format(*device, fs::is_regular_file(path, ignored)));
	if (foreign)
	{
		return fail(fault::target, "reading {}: it is {}, not the bytes of a disk: {}", path, foreign->name,
			foreign->remedy);
	}
	json info{{"version", 1}, {"kind", image_kind}, {"device_size", device->size()}};
	unique_fd const fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
	if (!fd)
	{
		return fail(fault::target, system_error(errno), "opening {}", path);
	}
	BOOST_OUTCOME_TRY(layout, read_layout(path, fd.get()));
	if (!layout.table)
	{
		info["content"] = layout.content;
		return info;
	}
	info["table"] = layout.table->kind;
	info["partitions"] = json::array();
	for (auto const& p : layout.table->partitions)
	{
		std::string content;
		if (!p.container && p.offset < device->size())
		{
			auto const length = std::min(p.length, device->size() - p.offset);
			BOOST_OUTCOME_TRY(found, content_of(path, fd.get(), {{p.offset}, length}));
			content = std::move(found);
		}
		info["partitions"].push_back({{"number", p.number}, {"offset", p.offset}, {"size", p.length},
			{"label", p.label}, {"content", content}});
	}
	return info;
}

std::string torrent_text(json const& info)
{
	auto text =
		fmt::format("torrent \"{}\", info-hash {}\n{} in {} extents, {} pieces of {}\nfor a device of {}",
			clean_text(info["name"].get<std::string>()), info["info_hash"].get<std::string>(),
			size_text(info["bytes"]), info["extents"].get<std::int64_t>(), info["pieces"].get<std::int64_t>(),
			format_size(info["piece_size"].get<std::int64_t>()), size_text(info["device_size"]));
	text += info.contains("sector_size")
		? fmt::format(" with sectors of {} bytes\n", info["sector_size"].get<std::int64_t>())
		: " or more\n";
	if (info.contains("smallest_size") && info["smallest_size"] < info["device_size"])
	{
		text +=
			fmt::format("with \"shrink\": true for a disk of {} or more\n", size_text(info["smallest_size"]));
	}
	text += fmt::format("gaps: {} become zeros, {} are left alone\n",
		format_size(info["gaps"]["zeroed"].get<std::int64_t>()),
		format_size(info["gaps"]["left_alone"].get<std::int64_t>()));
	if (info.contains("compressed"))
	{
		text += fmt::format("compressed: {}, {}\n", clean_text(info["compressed"]["path"].get<std::string>()),
			size_text(info["compressed"]["bytes"]));
	}
	return text;
}

std::string compressed_text(json const& info)
{
	return fmt::format("compressed image of {} in {}\nits torrent says where they go on a device\n",
		size_text(info["bytes"]), size_text(info["compressed"]["bytes"]));
}

std::string image_text(json const& info)
{
	auto const content = info.value("content", "");
	auto text = fmt::format("image of {}{}\n", size_text(info["device_size"]),
		info.contains("table") ? fmt::format(", with a table ({})", info["table"].get<std::string>())
			: content.empty()  ? ", of which nothing is known"
							   : fmt::format(", {}", clean_text(content)));
	for (auto const& p : info.value("partitions", json::array()))
	{
		auto const inside = p["content"].get<std::string>();
		auto const label = p["label"].get<std::string>();
		text += fmt::format("partition {}: {} at {:#x}, {}{}\n", p["number"].get<int>(),
			format_size(p["size"].get<std::int64_t>()), p["offset"].get<std::uint64_t>(),
			inside.empty() ? "unknown" : clean_text(inside),
			label.empty() ? "" : fmt::format(", \"{}\"", clean_text(label)));
	}
	return text;
}

} // namespace

result<std::string> info_of(std::string const& path, bool const as_json)
{
	BOOST_OUTCOME_TRY(head, head_of(path));
	json info;
	if (is_torrent(head))
	{
		BOOST_OUTCOME_TRY(of_torrent, torrent_info_of(path));
		info = std::move(of_torrent);
	}
	else
	{
		BOOST_OUTCOME_TRY(content, compressed_device::examine(path));
		if (content == compressed_device::content::seekable)
		{
			BOOST_OUTCOME_TRY(payload, compressed_device::payload_of(path));
			std::error_code ec;
			info = {{"version", 1}, {"kind", compressed_kind}, {"bytes", payload},
				{"compressed", {{"path", path}, {"bytes", fs::file_size(path, ec)}}}};
		}
		else
		{
			BOOST_OUTCOME_TRY(of_image, image_info_of(path));
			info = std::move(of_image);
		}
	}
	if (as_json)
	{
		return info.dump(-1, ' ', true, json::error_handler_t::replace) + "\n";
	}
	if (info["kind"] == torrent_kind)
	{
		return torrent_text(info);
	}
	return info["kind"] == compressed_kind ? compressed_text(info) : image_text(info);
}

} // namespace rawswarm
