// SPDX-License-Identifier: BSD-3-Clause
// The folder of a room with images, for tests.
#pragma once

#include "agent/room/room_book.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/base/value_of.hpp"
#include "tests/support/torrent/torrent_maker.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace rawswarm::test
{

// A torrent of one extent at the start of the disk, and what it is of.
inline std::string sample_content(std::string_view const word)
{
	std::string content;
	while (content.size() < 100'000)
	{
		content += word;
	}
	return content;
}

class sample_room
{
public:
	// json: room.json. Images a and b are there, and fit.
	explicit sample_room(std::string_view json = R"({ "version": 1 })")
	{
		add_image("a");
		add_image("b");
		write(json);
	}

	void write(std::string_view json) const { write_file(m_dir / "room.json", json); }

	void add_image(std::string const& name) const
	{
		auto const content = sample_content(name);
		auto const torrent = make_torrent({{.offset = 0, .bytes = content}});
		write_file(m_dir / ("images/" + name + ".torrent"), torrent.bytes);
		write_file(m_dir / ("images/" + name + ".img"), content);
	}

	std::string path() const { return m_dir.path().string(); }
	std::string operator/(std::string_view name) const { return m_dir / name; }

	// The time stands at `now`.
	std::unique_ptr<room_book> open() const
	{
		return value_of(room_book::open(path(), [this] { return now; }));
	}

	std::int64_t now = 1'000'000;

private:
	temp_dir m_dir;
};

inline constexpr char const* first_mac = "52:54:00:00:00:01";
inline constexpr char const* second_mac = "52:54:00:00:00:02";

inline room_identity machine_at(std::string mac, std::string ip = "10.0.0.9")
{
	return {.mac = std::move(mac), .serial = {}, .uuid = {}, .ip = std::move(ip), .host = {}};
}

inline server_address sample_server()
{
	return {.authority = "10.0.0.1:8080", .address = "10.0.0.1"};
}

} // namespace rawswarm::test
