// SPDX-License-Identifier: BSD-3-Clause
#include "agent/room/machine_registry.hpp"
#include "agent/room/room_state.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/base/text_of.hpp"
#include "tests/support/base/value_of.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <optional>

namespace rawswarm
{
namespace
{

namespace fs = std::filesystem;

using test::text_of;
using test::value_of;

constexpr char const* mac = "52:54:00:00:00:01";

class room_states : public ::testing::Test
{
protected:
	result<room_state> open() const { return room_state::open(m_dir.path().string()); }
	std::string file() const { return m_dir / "state/machines.json"; }

	test::temp_dir m_dir;
};

TEST_F(room_states, every_value_comes_back)
{
	room_record const record{.order = "a",
		.capture = "b",
		.given = "c",
		.given_info_hash = "d",
		.given_at = 1,
		.settled = "e",
		.seen_at = 2,
		.host = "f\n\xff",
		.ip = "g",
		.serial = "h",
		.uuid = "i",
		.error = "j",
		.error_code = 3,
		.error_at = 4,
		.turn = 5,
		.job_image = "k",
		.job_settled = "l",
		.job_ip = "m",
		.job_at = 6,
		.job_captures = true};
	std::string secret;
	{
		auto state = value_of(open());
		secret = state.secret();
		state.records[mac] = record;
		state.records["52:54:00:00:00:02"];
		EXPECT_EQ(text_of(state.save()), "fine");
	}
	auto const state = value_of(open());
	auto expected = record;
	expected.host = "f\n\xef\xbf\xbd"; // what is not UTF-8 is replaced
	EXPECT_EQ(state.records.at(mac), expected);
	EXPECT_EQ(state.records.size(), 2U);
	EXPECT_EQ(state.secret(), secret);
	EXPECT_EQ(secret.size(), 32U);
}

TEST_F(room_states, new_records_begin_above_every_turn_that_was_dropped)
{
	{
		auto state = value_of(open());
		EXPECT_EQ(state.next_turn, 1U);
		state.records[mac].turn = 7;
		state.records["52:54:00:00:00:02"].turn = 3;
		state.drop(state.records.find(mac));
		EXPECT_EQ(state.next_turn, 8U);
		state.drop(state.records.find("52:54:00:00:00:02"));
		EXPECT_EQ(state.next_turn, 8U);
		EXPECT_EQ(text_of(state.save()), "fine");
	}
	EXPECT_EQ(value_of(open()).next_turn, 8U);
}

TEST_F(room_states, a_file_that_does_not_say_so_has_new_records_begin_above_its_own)
{
	fs::create_directory(m_dir / "state");
	test::write_file(file(), R"({ "version": 1, "machines": { "52:54:00:00:00:01": { "turn": 41 } } })");
	EXPECT_EQ(value_of(open()).next_turn, 42U);
}

TEST_F(room_states, a_machine_that_gives_its_place_to_another_leaves_its_turn)
{
	machine_registry machines({}, value_of(open()), [] { return 1; });
	for (std::size_t i = 0; i < room_state::max_records; ++i)
	{
		auto const name = fmt::format("02:00:00:00:{:02x}:{:02x}", i / 256, i % 256);
		machines.state.records[name].seen_at = std::int64_t(i);
	}
	machines.state.records["02:00:00:00:00:00"].turn = 6;
	EXPECT_EQ(machines.record_for(mac)->turn, 7U);
	EXPECT_EQ(machines.find_record("02:00:00:00:00:00"), nullptr);
	EXPECT_TRUE(machines.unsaved);
}

TEST_F(room_states, a_file_that_is_broken_is_refused_and_stays_as_it_is)
{
	for (auto const* const content : {"", "{", R"({ "version": 1 })", R"({ "version": 2, "machines": {} })",
			 R"({ "version": 1, "machines": { "x": {} } })",
			 R"({ "version": 1, "machines": { "52:54:00:00:00:01": { "given_at": -1 } } })",
			 R"({ "version": 1, "machines": { "52:54:00:00:00:01": { "gvien": "x" } } })"})
	{
		test::write_file(file(), content);
		auto const text = text_of(open(), fault::refused);
		EXPECT_TRUE(text.starts_with("reading " + file() + ": ")) << text;
		EXPECT_EQ(test::read_file(file()), content);
	}
}

TEST_F(room_states, what_was_left_of_a_file_that_was_being_written_does_not_matter)
{
	{
		auto state = value_of(open());
		state.records[mac].given = "a";
		EXPECT_EQ(text_of(state.save()), "fine");
	}
	test::write_file(file() + ".123.part", "{ \"version\": 1, \"mach");
	EXPECT_EQ(value_of(open()).records.at(mac).given, "a");
}

TEST_F(room_states, a_room_is_served_by_one_program_at_a_time)
{
	std::optional<room_state> const first(value_of(open()));
	EXPECT_EQ(text_of(open()), "opening " + m_dir / "state" + ": another rawswarm serves this room");
}

TEST_F(room_states, the_folder_is_for_its_owner_alone)
{
	auto const state = value_of(open());
	EXPECT_EQ(fs::status(m_dir / "state").permissions() & (fs::perms::group_all | fs::perms::others_all),
		fs::perms::none);
}

TEST_F(room_states, a_secret_that_is_damaged_is_refused)
{
	test::write_file(m_dir / "state/secret", "abc\n");
	EXPECT_EQ(
		text_of(open(), fault::refused), "reading " + m_dir / "state/secret" + ": not the secret of a room");
}

} // namespace
} // namespace rawswarm
