// SPDX-License-Identifier: BSD-3-Clause
#include "agent/room/room_file.hpp"
#include "agent/serve/room_requests.hpp"
#include "tests/unit/room/room_sample.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <map>
#include <string>
#include <vector>

namespace rawswarm
{
namespace
{

using json = nlohmann::ordered_json;
using test::first_mac;
using test::second_mac;
using test::value_of;

constexpr auto* room_json = R"({ "version": 1, "name": "lab-3",
	"groups": { "row-1": { "machines": ["pc-01", "pc-02"] } },
	"machines": { "pc-01": { "mac": "52:54:00:00:00:01" }, "pc-02": { "mac": "52:54:00:00:00:02" },
		"pc-03": { "mac": "52:54:00:00:00:03", "image": "a" } } })";

class orders_for_a_room : public ::testing::Test
{
protected:
	json ask(std::string const& request) { return value_of(m_requests.carry_out(request, "a test")); }

	error refused(std::string const& request)
	{
		auto const answer = m_requests.carry_out(request, "a test");
		EXPECT_FALSE(answer) << request;
		return answer ? error() : answer.error();
	}

	json machine(std::string const& name)
	{
		auto const all = m_requests.list();
		for (auto const& m : all.at("machines"))
		{
			if (m.at("name") == name)
			{
				return m;
			}
		}
		return {};
	}

	test::sample_room m_folder{room_json};
	std::unique_ptr<room_book> m_book = m_folder.open();
	std::map<std::string, heard_state, std::less<>> m_heard;
	std::vector<mac_address> m_woken;
	bool m_no_network = false;
	room_requests m_requests{{.book = *m_book,
		.heard =
			[this](std::string_view const mac) {
				auto const it = m_heard.find(mac);
				return it == m_heard.end() ? heard_state{} : it->second;
			},
		.wake = [this](std::span<mac_address const> const macs) -> result<std::size_t> {
			if (m_no_network)
			{
				return fail(fault::network, "no network");
			}
			m_woken.assign(macs.begin(), macs.end());
			return std::size_t(2);
		}}};
};

TEST_F(orders_for_a_room, image_is_ordered_for_all_that_are_named_and_kept_on_the_disk)
{
	auto const answer = ask(R"({"order":"image","machines":"row-1","image":"b"})");
	EXPECT_EQ(answer, json::parse(R"({"order":"image","machines":["pc-01","pc-02"],"image":"b"})"));
	EXPECT_EQ(machine("pc-01").at("next_image"), "b");
	EXPECT_EQ(machine("pc-02").at("state"), "ordered");
	EXPECT_FALSE(machine("pc-03").contains("order"));
	EXPECT_TRUE(m_woken.empty());
	m_book.reset(); // a folder is opened once
	EXPECT_EQ(m_folder.open()->records().at(first_mac).order, "b");
}

TEST_F(orders_for_a_room, machine_that_nobody_named_gets_an_image_by_an_order)
{
	ask(R"({"order":"image","machines":"52-54-00-99-00-AA","image":"b"})");
	EXPECT_EQ(machine("52:54:00:99:00:aa").at("next"), "image");
	EXPECT_EQ(machine("52:54:00:99:00:aa").at("known"), false);
}

TEST_F(orders_for_a_room, what_was_ordered_is_taken_back_and_room_json_does_not_order_it_anew)
{
	EXPECT_EQ(machine("pc-03").at("next"), "image") << "as room.json says";
	ask(R"({"order":"cancel","machines":"pc-03"})");
	EXPECT_EQ(machine("pc-03").at("next"), "disk");
	ask(R"({"order":"forget","machines":"pc-03"})");
	EXPECT_EQ(machine("pc-03").at("next"), "image") << "forgotten: room.json decides anew";
}

TEST_F(orders_for_a_room, capture_is_ordered_for_one_machine)
{
	ask(R"({"order":"capture","machines":"pc-01","image":"golden"})");
	EXPECT_EQ(machine("pc-01").at("capture"), "golden");
	EXPECT_EQ(machine("pc-01").at("state"), "capture");
	EXPECT_NE(refused(R"({"order":"capture","machines":"row-1","image":"more"})").text.find("row-1"),
		std::string::npos);
	EXPECT_EQ(refused(R"({"order":"capture","machines":"pc-02","image":"a"})").kind, fault::refused);
}

TEST_F(orders_for_a_room, one_name_that_means_nothing_and_nothing_is_done)
{
	auto const before = m_requests.list();
	auto const unknown = refused(R"({"order":"image","machines":"pc-01,pc-0l","image":"b"})");
	EXPECT_EQ(unknown.kind, fault::usage);
	EXPECT_TRUE(
		unknown.text.ends_with("pc-0l: no machine and no group has this name; did you mean \"pc-01\"?"))
		<< unknown.text;
	EXPECT_TRUE(
		refused(R"({"order":"forget","machines":"row-l"})").text.ends_with("did you mean \"row-1\"?"));
	EXPECT_EQ(
		refused(R"({"order":"wake","machines":"printer"})").text.find("did you mean"), std::string::npos);
	EXPECT_EQ(refused(R"({"order":"image","machines":"pc-01","image":"c"})").text,
		"room image: the room has no image \"c\"; did you mean \"a\"?");
	EXPECT_EQ(refused(R"({"order":"image","machines":"pc-01","image":"c"})").kind, fault::usage);
	EXPECT_EQ(refused("nonsense").kind, fault::usage);
	EXPECT_EQ(m_requests.list(), before);
}

TEST_F(orders_for_a_room, image_that_is_not_good_is_not_ordered)
{
	test::write_file(m_folder / "images/bad.torrent", "no torrent");
	m_book->take(value_of(read_room(m_folder.path())));
	EXPECT_EQ(refused(R"({"order":"image","machines":"pc-01","image":"bad"})").kind, fault::refused);
	EXPECT_EQ(machine("pc-01").at("next"), "disk");
}

TEST_F(orders_for_a_room, machine_at_work_on_its_disk_is_left_alone_and_so_are_those_beside_it)
{
	ask(R"({"order":"image","machines":"pc-02","image":"b"})");
	value_of(m_book->job_for(test::machine_at(second_mac), test::sample_server()));
	m_heard[second_mac] = {"downloading", 41.5};
	m_heard[first_mac] = {"downloading", 10}; // it has no job of ours: anybody can say so
	for (auto const* const order : {R"({"order":"image","machines":"row-1","image":"b"})",
			 R"({"order":"cancel","machines":"row-1"})", R"({"order":"forget","machines":"row-1"})",
			 R"({"order":"capture","machines":"pc-02","image":"golden"})"})
	{
		auto const why = refused(order);
		EXPECT_EQ(why.kind, fault::refused);
		EXPECT_NE(why.text.find("pc-02 is at work on its disk at the moment"), std::string::npos) << why.text;
	}
	EXPECT_EQ(machine("pc-01").at("next"), "disk");
	EXPECT_EQ(machine("pc-01").at("state"), "own disk");
	EXPECT_EQ(machine("pc-02").at("state"), "downloading");
	EXPECT_EQ(machine("pc-02").at("percent"), 41.5);
	ask(R"({"order":"wake","machines":"row-1"})");
	m_heard[second_mac] = {"silent", 41.5};
	ask(R"({"order":"cancel","machines":"row-1"})");
	EXPECT_EQ(machine("pc-02").at("next"), "disk") << "it was switched off";
}

TEST_F(orders_for_a_room, wake_sends_to_the_addresses_of_the_machines)
{
	EXPECT_EQ(ask(R"({"order":"wake","machines":"pc-02,52:54:00:99:00:aa"})"),
		json::parse(R"({"order":"wake","machines":["pc-02","52:54:00:99:00:aa"],"networks":2})"));
	EXPECT_EQ(m_woken, (std::vector<mac_address>{{0x52, 0x54, 0, 0, 0, 2}, {0x52, 0x54, 0, 0x99, 0, 0xaa}}));
	ask(R"({"order":"image","machines":"pc-01","image":"b","now":true})");
	EXPECT_EQ(m_woken, (std::vector<mac_address>{{0x52, 0x54, 0, 0, 0, 1}}));
}

TEST_F(orders_for_a_room, order_stands_though_its_machines_cannot_be_woken)
{
	m_no_network = true;
	EXPECT_EQ(refused(R"({"order":"wake","machines":"pc-02"})").text, "no network");
	auto const answer = ask(R"({"order":"image","machines":"pc-01","image":"b","now":true})");
	EXPECT_EQ(answer.at("not_woken"), "no network");
	EXPECT_EQ(machine("pc-01").at("next"), "image");
}

} // namespace
} // namespace rawswarm
