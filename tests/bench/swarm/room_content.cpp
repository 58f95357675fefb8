// SPDX-License-Identifier: BSD-3-Clause
#include "tests/bench/swarm/room_content.hpp"

#include "agent/bittorrent/torrent_load.hpp"
#include "storage/device/block_frame.hpp"
#include "storage/device/extent_map.hpp"
#include "storage/device/units.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/base/value_of.hpp"
#include "tests/support/program/rawswarm_program.hpp"
#include "tests/support/program/room_image.hpp"

#include <libtorrent/torrent_info.hpp>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <vector>

namespace rawswarm::bench
{

namespace
{

constexpr std::chrono::minutes time_to_create{30};

void create_torrent(std::string const& image, std::string const& torrent, int const piece_size,
	std::vector<std::string> const& more = {})
{
	std::vector<std::string> arguments{
		"create", image, "-o", torrent, "--piece-size", std::to_string(piece_size)};
	arguments.insert(arguments.end(), more.begin(), more.end());
	auto const done = test::run_rawswarm(arguments, time_to_create);
	if (done.exit_code != test::exit_code::done)
	{
		throw std::runtime_error("making " + torrent + ":\n" + done.out + done.err);
	}
}

// In the order of the torrent, which `create` makes that of the device.
void write_payload(std::string const& image, extent_map const& map, std::string const& payload)
{
	std::ifstream in(image, std::ios::binary);
	std::ofstream out(payload, std::ios::binary);
	std::vector<char> buffer(1024 * 1024);
	for (auto const& e : map.extents())
	{
		in.seekg(static_cast<std::streamoff>(e.offset.bytes));
		for (auto left = e.length; left > 0;)
		{
			auto const n = static_cast<std::streamsize>(std::min<std::uint64_t>(left, buffer.size()));
			in.read(buffer.data(), n);
			out.write(buffer.data(), n);
			left -= static_cast<std::uint64_t>(n);
		}
	}
	if (!in || !out.flush())
	{
		throw std::runtime_error("writing " + payload);
	}
}

std::int64_t packed_size(std::string const& payload)
{
	std::ifstream in(payload, std::ios::binary);
	std::vector<char> block(block_size);
	frame_writer writer(lowest_compression_level);
	std::string frame;
	std::int64_t sum = 0;
	while (in.read(block.data(), block_size) || in.gcount() > 0)
	{
		auto const length = static_cast<std::size_t>(in.gcount());
		frame.clear();
		sum += static_cast<std::int64_t>(
			std::min(length, writer.append(frame, std::span<char const>(block).first(length))));
	}
	return sum;
}

} // namespace

room_content content_of(std::string const& image, content_settings const& settings)
{
	room_content made;
	made.image = image;
	made.torrent = settings.folder + "/image.torrent";
	made.piece_size = settings.piece_size;
	std::vector<std::string> more{"--skip-zeros"};
	if (settings.source == seed_source::compressed)
	{
		more.emplace_back("--compress");
	}
	create_torrent(image, made.torrent, made.piece_size, more);
	made.source = settings.source == seed_source::compressed ? settings.folder + "/image.zst" : image;

	auto const torrent = test::value_of(load_torrent(test::read_file(made.torrent), made.torrent));
	auto const map = test::value_of(extent_map::build(torrent->files()));
	made.extents = map.extents().size();
	made.device_bytes = static_cast<std::int64_t>(std::filesystem::file_size(image));
	made.bytes = static_cast<std::int64_t>(map.total());
	if (made.bytes == made.device_bytes)
	{
		made.payload = made.image;
		made.payload_torrent = made.torrent;
	}
	else
	{
		made.payload = settings.folder + "/payload";
		made.payload_torrent = settings.folder + "/payload.torrent";
		write_payload(image, map, made.payload);
		create_torrent(made.payload, made.payload_torrent, made.piece_size);
	}
	made.packed_bytes = packed_size(made.payload);
	return made;
}

room_content random_content(content_settings const& settings)
{
	auto const image = settings.folder + "/image";
	test::write_random_image(image, settings.mib);
	return content_of(image, settings);
}

} // namespace rawswarm::bench
