// SPDX-License-Identifier: BSD-3-Clause
#include "agent/room/room_file.hpp"
#include "agent/room/room_rules.hpp"
#include "tests/support/base/source_tree.hpp"
#include "tests/support/base/text_of.hpp"
#include "tests/unit/room/room_sample.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <vector>

namespace rawswarm
{
namespace
{

namespace fs = std::filesystem;

using test::read_file;
using test::sample_room;
using test::text_of;
using test::value_of;

std::vector<fs::path> fixtures(std::string const& folder)
{
	std::vector<fs::path> found;
	for (auto const& entry : fs::directory_iterator(test::source_tree() / "tests/fixtures/room" / folder))
	{
		if (entry.path().extension() == ".json")
		{
			found.push_back(entry.path());
		}
	}
	std::ranges::sort(found);
	EXPECT_FALSE(found.empty()) << folder;
	return found;
}

void expect_refused_at_its_pointer(fs::path path)
{
	auto const text = text_of(parse_room(read_file(path), path.filename().string()), fault::refused);
	auto const base = path.filename().string();
	path.replace_extension(".pointer");
	auto expected = read_file(path);
	expected.resize(expected.find('\n'));
	auto const start = "reading " + base + ": " + expected + (expected.empty() ? "" : ": ");
	EXPECT_TRUE(text.starts_with(start)) << text << "\nexpected: " << start;
	EXPECT_GT(text.size(), start.size()) << text;
	EXPECT_FALSE(expected.empty() && text.substr(start.size()).starts_with('/')) << text;
	EXPECT_TRUE(std::ranges::none_of(text, [](char const c) { return c >= 0 && c < ' '; })) << text;
}

room_description parsed(std::string_view json)
{
	return value_of(parse_room(json, "room.json"));
}

TEST(room_json, valid_fixtures_are_accepted)
{
	for (auto const& path : fixtures("valid"))
	{
		EXPECT_EQ(text_of(parse_room(read_file(path), path.filename().string())), "fine");
	}
}

TEST(room_json, refused_fixtures_are_refused_on_one_line_with_their_pointer)
{
	for (auto const& folder : {"refused", "refused_by_parser_only"})
	{
		for (auto const& path : fixtures(folder))
		{
			expect_refused_at_its_pointer(path);
		}
	}
}

TEST(room_json, a_machine_goes_before_its_group_and_that_before_the_room)
{
	auto const room = parsed(R"({ "version": 1, "image": "room", "append": "room", "device": "/dev/room",
		"job": { "log": "info", "verify": "readback", "swarm": { "lsd": false, "upload_limit": 1 } },
		"groups": { "g": { "machines": ["m", "n"], "image": "group", "device": "/dev/group",
			"job": { "log": "debug", "verify": null, "swarm": { "upload_limit": 2 } } } },
		"machines": { "m": { "serial": "1", "image": null, "append": "m", "job": { "log": "trace" } },
			"n": { "serial": "2" }, "o": { "serial": "3" } } })");
	auto const& m = room.machines.at("m");
	auto const& n = room.machines.at("n");
	EXPECT_EQ(image_of(room, m), "");
	EXPECT_EQ(image_of(room, n), "group");
	EXPECT_EQ(image_of(room, room.machines.at("o")), "room");

	auto const rules = rules_for(room, &m, nullptr);
	EXPECT_EQ(rules.append, "m");
	EXPECT_EQ(rules.device, "/dev/group");
	EXPECT_EQ(rules.job,
		nlohmann::json::parse(R"({ "log": "trace", "swarm": { "lsd": false, "upload_limit": 2 } })"));
}

TEST(room_json, an_image_goes_before_the_room_and_after_the_machine)
{
	auto const room =
		parsed(R"({ "version": 1, "device": "/dev/room", "target": { "wipe": false, "grow": "last" },
		"images": { "a": { "device": "/dev/image", "target": { "wipe": true, "grow": null } } },
		"machines": { "m": { "serial": "1", "device": "/dev/machine" }, "n": { "serial": "2" } } })");
	auto const of = [&](char const* name) {
		return rules_for(room, &room.machines.at(name), room.image("a"));
	};
	EXPECT_EQ(of("m").device, "/dev/machine");
	EXPECT_EQ(of("n").device, "/dev/image");
	EXPECT_EQ(of("n").target, nlohmann::json::parse(R"({ "wipe": true })"));
}

TEST(room_json, a_machine_is_found_by_address_uuid_or_serial)
{
	auto const room = parsed(R"({ "version": 1, "machines": {
		"m": { "mac": "52-54-00-00-00-0A" }, "u": { "uuid": "01234567-89AB-cdef-0123-456789abcdef" },
		"s": { "serial": "S 1" } },
		"groups": { "g": { "machines": ["52:54:00:00:00:0b"] } } })");
	auto const name_of = [&](room_identity const& who) {
		auto const* const machine = room.find(who);
		return machine == nullptr ? std::string("nobody") : machine->name;
	};
	EXPECT_EQ(name_of({.mac = "52:54:00:00:00:0a", .serial = "S 1", .uuid = {}, .ip = {}, .host = {}}), "m");
	EXPECT_EQ(name_of({.mac = "52:54:00:00:00:0c",
				  .serial = "S 1",
				  .uuid = "01234567-89ab-cdef-0123-456789abcdef",
				  .ip = {},
				  .host = {}}),
		"u");
	EXPECT_EQ(name_of({.mac = {}, .serial = "S 1", .uuid = {}, .ip = {}, .host = {}}), "s");
	EXPECT_EQ(name_of({.mac = "52:54:00:00:00:0b", .serial = {}, .uuid = {}, .ip = {}, .host = {}}),
		"52:54:00:00:00:0b");
	EXPECT_EQ(name_of({}), "nobody");
}

TEST(room_folder, images_are_found_with_their_data_and_info_hash)
{
	sample_room const folder(
		R"({ "version": 1, "images": { "c": { "torrent": "images/a.torrent", "source": "c.raw" } } })");
	test::write_file(folder / "c.raw", test::sample_content("a"));
	auto const room = value_of(read_room(folder.path()));
	ASSERT_EQ(room.images.size(), 3U);
	auto const& a = room.images.at("a");
	EXPECT_EQ(a.error, "");
	EXPECT_EQ(a.source, folder / "images/a.img");
	EXPECT_EQ(a.bytes, 100'000);
	EXPECT_EQ(a.info_hash.size(), 40U);
	EXPECT_EQ(room.images.at("c").info_hash, a.info_hash);
	EXPECT_EQ(room.images.at("c").source, folder / "c.raw");
}

TEST(room_folder, an_image_that_does_not_fit_its_torrent_says_so_and_harms_no_other)
{
	sample_room const folder;
	fs::resize_file(folder / "images/a.img", 99'999);
	fs::remove(folder / "images/b.img");
	folder.add_image("c");
	test::write_file(folder / "images/d.torrent", "no torrent");
	auto const room = value_of(read_room(folder.path()));
	EXPECT_EQ(room.images.at("a").error,
		"opening " + folder / "images/a.img" + ": it has 99999 bytes, " + folder / "images/a.torrent"
			+ " needs 100000");
	EXPECT_EQ(room.images.at("b").error,
		"reading " + folder / "images/b.torrent"
			+ ": there is no image beside it (.zst, .img or without a suffix)");
	EXPECT_EQ(room.images.at("c").error, "");
	EXPECT_NE(room.images.at("d").error, "");
}

TEST(room_folder, an_image_that_there_is_none_of_is_refused_with_its_place)
{
	sample_room const folder(R"({ "version": 1, "machines": { "m": { "serial": "1", "image": "win11" } } })");
	EXPECT_EQ(text_of(read_room(folder.path()), fault::refused),
		"reading " + folder / "room.json" + ": /machines/m/image: there is no images/win11.torrent");
}

TEST(room_folder, a_job_that_is_wrong_only_as_a_whole_is_refused_with_its_machine)
{
	sample_room const folder(
		R"({ "version": 1, "image": "a", "job": { "storage": { "coalesce": { "max_blocks": 8 } } },
		"machines": { "m": { "serial": "1", "job": { "storage": { "coalesce": { "min_blocks": 16 } } } } } })");
	auto const text = text_of(read_room(folder.path()), fault::refused);
	EXPECT_TRUE(text.starts_with("reading " + folder / "room.json" + ": /machines/m: the job that follows"))
		<< text;
}

TEST(room_folder, the_room_is_named_after_the_folder_if_room_json_has_no_name)
{
	sample_room const folder;
	EXPECT_EQ(value_of(read_room(folder.path())).name, fs::path(folder.path()).filename());
	folder.write(R"({ "version": 1, "name": "lab-3" })");
	EXPECT_EQ(value_of(read_room(folder.path())).name, "lab-3");
}

TEST(room_folder, keys_that_cannot_be_read_are_refused)
{
	sample_room const folder(R"({ "version": 1, "key_file": "beacon.key" })");
	auto text = text_of(read_room(folder.path()), fault::refused);
	EXPECT_NE(text.find(folder / "beacon.key"), std::string::npos) << text;
	folder.write(R"({ "version": 1, "swarm_key_file": "swarm.key" })");
	test::write_file(folder / "swarm.key", "too short\n");
	EXPECT_EQ(text_of(read_room(folder.path()), fault::refused),
		"reading the room's key " + folder / "swarm.key" + ": it has 9 bytes, and needs 16 or more");
	folder.write(R"({ "version": 1, "job_key": "job.sec" })");
	test::write_file(folder / "job.sec", "untrusted comment: x\nAAAA\n");
	EXPECT_EQ(text_of(read_room(folder.path()), fault::refused),
		"reading the key " + folder / "job.sec" + ": not a minisign secret key file");
}

} // namespace
} // namespace rawswarm
