// SPDX-License-Identifier: BSD-3-Clause
// A room's server as machines and people meet it, on loopback.
#include "agent/beacon/beacon_format.hpp"
#include "agent/net/http_post.hpp"
#include "agent/net/url.hpp"
#include "tests/support/base/skip.hpp"
#include "tests/support/base/value_of.hpp"
#include "tests/support/base/wait_until.hpp"
#include "tests/support/network/free_port.hpp"
#include "tests/support/program/served_room.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>

namespace rawswarm::test
{

namespace
{

namespace fs = std::filesystem;
namespace asio = boost::asio;

constexpr std::chrono::seconds patience{25};

class serving : public ::testing::Test
{
protected:
	// The line that a server which does not start ends with.
	std::string refusal(int const code, std::vector<std::string> const& options = {})
	{
		auto const result = run(m_room.command(options));
		EXPECT_TRUE(exits_with(result, code));
		return result.err;
	}

	served_room m_room;
};

} // namespace

TEST_F(serving, gives_a_machine_its_image_once)
{
	m_room.start();
	EXPECT_EQ(m_room.boots(first_machine), m_room.url("/jobs/52-54-00-00-00-01.json"));
	EXPECT_TRUE(exits_with(m_room.run_machine(first_machine), exit_code::done));
	EXPECT_TRUE(read_file(m_room.disk()).starts_with(m_room.image_bytes()));
	EXPECT_EQ(m_room.boots(first_machine), "disk");
	EXPECT_EQ(m_room.get("/jobs/52-54-00-00-00-01.json"), std::nullopt);
	auto const machine = m_room.machine("pc-01");
	EXPECT_EQ(machine.at("given"), "disk") << machine;
	EXPECT_EQ(machine.at("next"), "disk") << machine;
}

TEST_F(serving, knows_after_sigkill_who_was_done)
{
	m_room.start();
	EXPECT_TRUE(exits_with(m_room.run_machine(first_machine), exit_code::done));
	m_room.kill();
	m_room.start();
	EXPECT_EQ(m_room.boots(first_machine), "disk");
}

TEST_F(serving, takes_the_report_of_a_machine_that_began_before_sigkill)
{
	m_room.description["job"]["seed_until"] = {{"seconds", 3600}};
	m_room.write();
	m_room.start();
	child_process machine(m_room.machine_command(first_machine, {"--log", "info"}));
	ASSERT_TRUE(wait_until([&] {
		return fs::exists(m_room.disk()) && read_file(m_room.disk()).starts_with(m_room.image_bytes());
	})) << machine.err();
	m_room.kill();
	m_room.start();
	EXPECT_NE(m_room.boots(first_machine), "disk");
	machine.signal(SIGTERM);
	EXPECT_TRUE(exits_with(machine, exit_code::terminated));
	EXPECT_TRUE(wait_until([&] { return m_room.machine("pc-01").contains("error"); }))
		<< m_room.machine("pc-01");
	EXPECT_NE(m_room.boots(first_machine), "disk") << "it was stopped, and is not done";
}

TEST_F(serving, gives_an_image_again_when_somebody_asks_for_it)
{
	m_room.start();
	EXPECT_TRUE(exits_with(m_room.run_machine(first_machine), exit_code::done));
	fs::remove(m_room.disk());
	EXPECT_TRUE(exits_with(m_room.room({"image", "pc-01", "disk"}), exit_code::done));
	EXPECT_NE(m_room.boots(first_machine), "disk");
	EXPECT_TRUE(exits_with(m_room.run_machine(first_machine), exit_code::done));
	EXPECT_TRUE(read_file(m_room.disk()).starts_with(m_room.image_bytes()));
	EXPECT_EQ(m_room.boots(first_machine), "disk");
}

TEST_F(serving, leaves_a_machine_alone_that_nobody_named_and_lists_it)
{
	m_room.start();
	EXPECT_EQ(m_room.boots("52:54:00:00:00:99"), "disk");
	EXPECT_EQ(m_room.boots(second_machine), "disk") << "room.json says so";
	EXPECT_EQ(m_room.machine("52:54:00:00:00:99").at("known"), false);
}

TEST_F(serving, has_scripts_for_other_loaders_and_the_files_that_they_start)
{
	m_room.start();
	auto const pxelinux = m_room.get("/pxelinux.cfg/01-52-54-00-00-00-01").value_or("");
	EXPECT_NE(pxelinux.find(m_room.url("/boot/vmlinuz")), std::string::npos) << pxelinux;
	EXPECT_NE(m_room.get("/pxelinux.cfg/default").value_or("").find("LOCALBOOT"), std::string::npos);
	EXPECT_NE(m_room.get("/grub/grub.cfg-01-52-54-00-00-00-01").value_or("").find("rd.rawswarm.job="),
		std::string::npos);
	EXPECT_NE(
		m_room.get("/boot.ipxe").value_or("").find("chain " + m_room.url("/ipxe?mac=${")), std::string::npos);
	EXPECT_EQ(m_room.get("/boot/vmlinuz"), "a kernel");
	EXPECT_EQ(m_room.get("/images/disk.torrent"), read_file(m_room / "images/disk.torrent"));
	EXPECT_EQ(m_room.get("/images/disk.img"), m_room.image_bytes());
	EXPECT_NE(m_room.get("/").value_or("").find("<html"), std::string::npos);
	EXPECT_NE(m_room.get("/metrics").value_or("").find("rawswarm_"), std::string::npos);
}

TEST_F(serving, serves_nothing_but_what_is_for_machines)
{
	m_room.start();
	fs::create_symlink(m_room / "room.json", m_room / "boot/link");
	for (auto const* const target :
		{"/boot/../room.json", "/boot/%2e%2e/room.json", "/boot/link", "/room.json", "/state/token",
			"/images/../state/token", "/images/..%2fstate/token", "/images/", "/boot/"})
	{
		EXPECT_EQ(m_room.get(target), std::nullopt) << target;
	}
}

TEST_F(serving, keeps_the_room_if_room_json_breaks_and_says_so_once)
{
	m_room.start({"--log", "debug"});
	write_file(m_room / "room.json", R"({ "version": 1, "machines": { "pc-01": { "mca": "x" } } })");
	ASSERT_TRUE(m_room.process().wait_for_text("the room stays what it was", patience));
	auto const error = "reading " + m_room / "room.json" + ": /machines/pc-01/mca: unknown key";
	EXPECT_EQ(m_room.list().at("error"), error);
	EXPECT_NE(m_room.boots(first_machine), "disk");
	write_file(m_room / "room.json", R"({ "version": 1, "machines": { "pc-01": { "mca":  "x" } } })");
	ASSERT_TRUE(m_room.process().wait_for_text("the room is as wrong as before", patience));
	EXPECT_EQ(m_room.list().at("error"), error);
	m_room.description["image"] = nullptr;
	m_room.write();
	ASSERT_TRUE(m_room.process().wait_for_text("the room was read again", patience));
	EXPECT_FALSE(m_room.list().contains("error"));
	EXPECT_EQ(m_room.boots(first_machine), "disk");
	auto const log = m_room.process().err();
	EXPECT_EQ(log.find(error), log.rfind(error)) << log;
}

TEST_F(serving, has_an_image_that_is_put_into_the_folder)
{
	m_room.start();
	m_room.add_image("other");
	EXPECT_TRUE(wait_until([&] { return m_room.room({"image", "pc-01", "other"}).exit_code == 0; }));
	EXPECT_TRUE(exits_with(m_room.run_machine(first_machine), exit_code::done));
	EXPECT_TRUE(read_file(m_room.disk()).starts_with(read_file(m_room / "images/other.img")));
}

TEST_F(serving, captures_a_machine_and_gives_what_came_to_another)
{
	auto const other_disk = m_room / "disk-of-pc-02";
	m_room.description["machines"]["pc-02"]["device"] = other_disk;
	m_room.write();
	m_room.add_image("golden");
	fs::rename(m_room / "images/golden.img", m_room.disk());
	fs::remove(m_room / "images/golden.torrent");
	auto const golden = read_file(m_room.disk());
	m_room.start();
	EXPECT_TRUE(exits_with(m_room.room({"capture", "pc-01", "golden"}), exit_code::done));
	EXPECT_NE(m_room.boots(first_machine), "disk");
	EXPECT_TRUE(exits_with(m_room.run_machine(first_machine), exit_code::done));
	EXPECT_EQ(read_file(m_room / "images/golden.img"), golden);
	ASSERT_TRUE(wait_until([&] { return m_room.room({"image", "pc-02", "golden"}).exit_code == 0; }));
	EXPECT_TRUE(exits_with(m_room.run_machine(second_machine), exit_code::done));
	EXPECT_TRUE(read_file(other_disk).starts_with(golden));
	EXPECT_FALSE(m_room.machine("pc-01").contains("capture"));
}

TEST_F(serving, refuses_a_room_with_two_machines_of_one_name)
{
	write_file(m_room / "room.json",
		R"({ "version": 1, "machines": { "pc-01": { "serial": "1" }, "pc-01": { "serial": "2" } } })");
	auto const error = "reading " + m_room / "room.json" + ": /machines/pc-01: duplicate key";
	EXPECT_NE(refusal(exit_code::refused).find(error), std::string::npos);
	EXPECT_NE(refusal(exit_code::refused, {"--check"}).find(error), std::string::npos);
	EXPECT_FALSE(fs::exists(m_room / "state")) << "nothing is written";
}

TEST_F(serving, does_not_give_an_image_that_does_not_fit_its_torrent)
{
	fs::resize_file(m_room / "images/disk.img", 1000);
	auto const error = "it has 1000 bytes, " + m_room / "images/disk.torrent" + " needs";
	EXPECT_NE(refusal(exit_code::refused, {"--check"}).find(error), std::string::npos);
	m_room.start();
	EXPECT_NE(m_room.process().err().find(error), std::string::npos);
	EXPECT_EQ(m_room.boots(first_machine), "disk");
	EXPECT_NE(m_room.machine("pc-01").at("trouble").get<std::string>().find(error), std::string::npos);
}

TEST_F(serving, says_which_port_is_in_use)
{
	m_room.start();
	served_room const other;
	auto const http = m_room.url("").substr(std::string("http://").size());
	auto const serve_other = [&](std::string const& listen, std::string const& seed_listen) {
		auto const result = run_rawswarm({"serve", other.path(), "--listen", listen, "--seed-listen",
			seed_listen, "--beacons", "127.0.0.1:0", "--socket", other / "socket", "--memory", "32M"});
		EXPECT_TRUE(exits_with(result, exit_code::network));
		return result.err;
	};
	EXPECT_NE(serve_other(http, fmt::format("127.0.0.1:{}", free_port())).find("listening on " + http),
		std::string::npos);
	auto const job = nlohmann::json::parse(m_room.get("/jobs/52-54-00-00-00-01.json").value());
	auto const seed = job.at("swarm").at("peers").at(0).get<std::string>();
	EXPECT_NE(serve_other("127.0.0.1:0", seed).find(seed), std::string::npos);
}

TEST_F(serving, serves_a_room_once)
{
	m_room.start();
	EXPECT_NE(refusal(exit_code::target).find(m_room / "state" + ": another rawswarm serves this room"),
		std::string::npos);
}

TEST_F(serving, refuses_a_state_that_is_broken_and_leaves_it)
{
	write_file(m_room / "state/machines.json", "{ \"version\": 1, \"mach");
	EXPECT_NE(refusal(exit_code::refused).find("reading " + m_room / "state/machines.json" + ": line 1"),
		std::string::npos);
	EXPECT_EQ(read_file(m_room / "state/machines.json"), "{ \"version\": 1, \"mach");
}

TEST_F(serving, loses_nothing_on_a_full_disk)
{
	SKIP_WITHOUT_ROOT();
	SKIP_WITHOUT("mount");
	auto const state = m_room / "state";
	fs::create_directory(state);
	run_checked({"mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", state});
	m_room.start();
	(void)run({"sh", "-c", "cat /dev/zero >" + state + "/full 2>/dev/null"});
	auto const ordered = m_room.room({"image", "pc-02", "disk"});
	EXPECT_TRUE(exits_with(ordered, exit_code::target));
	EXPECT_NE(ordered.err.find("No space left on device"), std::string::npos) << ordered.err;
	EXPECT_NE(m_room.boots(second_machine), "disk");
	fs::remove(state + "/full");
	EXPECT_TRUE(wait_until([&] {
		return fs::exists(state + "/machines.json")
			&& read_file(state + "/machines.json").find("order") != std::string::npos;
	}));
	m_room.process().signal(SIGTERM);
	EXPECT_TRUE(exits_with(m_room.process(), exit_code::terminated));
	run_checked({"umount", state});
}

TEST_F(serving, counts_a_beacon_from_where_the_job_was_fetched)
{
	m_room.start();
	auto const job = nlohmann::json::parse(m_room.get("/jobs/52-54-00-00-00-01.json").value());
	auto const to = job.at("beacon").at("to").at(0).get<std::string>();
	progress p;
	p.state = job_state::done;
	auto const port = static_cast<std::uint16_t>(std::stoi(to.substr(to.rfind(':') + 1)));
	auto const send = [&](std::string const& name, std::uint64_t const seq) {
		asio::io_context ios;
		asio::ip::udp::socket socket(ios, asio::ip::udp::v4());
		auto const beacon = encode_beacon({.job = name,
											  .agent = first_machine,
											  .host = "pc",
											  .run = "0123456789abcdef0123456789abcdef",
											  .boot = {}},
			seq, p);
		socket.send_to(asio::buffer(beacon), {asio::ip::make_address("127.0.0.1"), port});
	};
	send("lab/pc-01/other", 1);
	EXPECT_TRUE(wait_until(
		[&] { return m_room.get("/api/room").value_or("").find("\"done\"") != std::string::npos; }));
	EXPECT_NE(m_room.boots(first_machine), "disk") << "the beacon was of another job";
	send("lab/pc-01/disk", 2);
	EXPECT_TRUE(wait_until([&] { return m_room.boots(first_machine) == "disk"; }));
}

TEST_F(serving, signs_its_jobs)
{
	SKIP_WITHOUT("minisign");
	run_checked({"minisign", "-G", "-W", "-p", m_room / "job.pub", "-s", m_room / "job.sec"});
	m_room.description["job_key"] = "job.sec";
	m_room.write();
	m_room.start();
	EXPECT_TRUE(exits_with(m_room.run_machine(first_machine, m_room / "job.pub"), exit_code::done));
	EXPECT_EQ(m_room.boots(first_machine), "disk");
}

TEST_F(serving, takes_signed_reports_alone_if_it_has_a_key)
{
	write_file(m_room / "beacon.key", "a key of this room");
	write_file(m_room / "other.key", "another key");
	m_room.description["key_file"] = "beacon.key";
	m_room.description["job"]["beacon"] = {{"key_file", m_room / "other.key"}};
	m_room.write();
	m_room.start();
	(void)m_room.run_machine(first_machine);
	EXPECT_NE(m_room.boots(first_machine), "disk");
	EXPECT_NE(m_room.process().err().find("it is not signed with the room's key"), std::string::npos);
	m_room.description["job"]["beacon"] = {{"key_file", m_room / "beacon.key"}};
	m_room.write();
	ASSERT_TRUE(m_room.process().wait_for_text("the room was read again", patience));
	EXPECT_TRUE(exits_with(m_room.run_machine(first_machine), exit_code::done));
	EXPECT_EQ(m_room.boots(first_machine), "disk");
}

// 64 MiB that come slowly would take what all clients together may hold.
TEST_F(serving, takes_little_content_from_those_who_have_no_token)
{
	m_room.start();
	auto const status_of = [&](std::string const& target, std::size_t const bytes) {
		std::string const body(bytes, 'x');
		http_posting const what{
			.to = value_of(parse_url(m_room.url(target))), .type = "text/plain", .body = body};
		return value_of(http_post(what, std::chrono::steady_clock::now() + patience)).status;
	};
	EXPECT_EQ(status_of("/capture/none", 100), 403U);
	EXPECT_EQ(status_of("/capture/none", 5000), 413U);
	EXPECT_EQ(status_of("/report/none", 100), 404U);
	EXPECT_EQ(status_of("/report/none", 5000), 413U);
}

TEST_F(serving, ends_in_good_order)
{
	m_room.start();
	m_room.process().signal(SIGTERM);
	EXPECT_TRUE(exits_with(m_room.process(), exit_code::terminated));
	m_room.start();
	EXPECT_TRUE(exits_with(run_rawswarm({"stop", "--socket", m_room / "socket"}), exit_code::done));
	EXPECT_TRUE(exits_with(m_room.process(), exit_code::done));
}

TEST_F(serving, checks_a_room_without_serving_it)
{
	auto const checked = run(m_room.command({"--check"}));
	EXPECT_TRUE(exits_with(checked, exit_code::done));
	EXPECT_EQ(checked.out, "room lab: 2 machines, 0 groups, 1 images\n");
	EXPECT_FALSE(fs::exists(m_room / "state"));
}

} // namespace rawswarm::test
