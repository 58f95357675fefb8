// SPDX-License-Identifier: BSD-3-Clause
// A machine of a room is captured: its disk is read, arrives as an image, and becomes the same files
// elsewhere.
#include "agent/machine/partition_table.hpp"
#include "tests/support/base/skip.hpp"
#include "tests/support/base/wait_until.hpp"
#include "tests/support/device/device_content.hpp"
#include "tests/support/device/loop_device.hpp"
#include "tests/support/machine/disk_partitions.hpp"
#include "tests/support/machine/file_system.hpp"
#include "tests/support/program/rawswarm_program.hpp"
#include "tests/support/program/served_room.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <memory>
#include <set>

#include <sys/stat.h>

namespace rawswarm::test
{

namespace
{

namespace fs = std::filesystem;

constexpr std::uint64_t mib = 1024 * 1024;
constexpr std::uint64_t disk_bytes = 256 * mib;
constexpr std::chrono::seconds patience{60};

template <class F>
void with_partition(std::string const& disk, F const& use)
{
	auto const table = read_partition_table(disk).value().value();
	auto const& p = table.partitions.at(0);
	auto const device = run_checked({"losetup", "--find", "--show", "--offset", std::to_string(p.offset),
		"--sizelimit", std::to_string(p.length), disk});
	use(device);
	run_checked({"losetup", "--detach", device});
}

class capture : public ::testing::Test
{
protected:
	capture() { make_tree(m_room / "tree"); }

	// A disk with a GPT, and an ext4 from which much was deleted.
	void make_disk(std::string const& path) const
	{
		run_sfdisk(path, "label: gpt\ntype=linux\n");
		with_partition(path, [this](std::string const& device) {
			make_file_system(file_system_kind::ext4, device, m_room / "tree");
		});
	}

	void expect_disk(std::string const& path) const
	{
		EXPECT_EQ(sgdisk_verdict(path), "clean");
		with_partition(path, [this](std::string const& device) {
			expect_file_system(file_system_kind::ext4, device, m_room / "tree");
		});
	}

	// The room serves, and somebody wants the disk of pc-01 as an image.
	void want_capture_of(std::string const& device, bool const slowly = false)
	{
		m_room.description["machines"]["pc-01"]["device"] = device;
		if (slowly)
		{
			m_room.description["job"]["swarm"]["upload_limit"] =
				2 * mib; // nobody would miss the middle of it
			m_room.description["job"]["swarm"]["compress"] = "off";
		}
		m_room.write();
		m_room.start();
		EXPECT_TRUE(exits_with(m_room.room({"capture", "pc-01", "golden"}), exit_code::done));
	}

	std::string job_url() const { return m_room.url("/jobs/52-54-00-00-00-01.json"); }

	// A machine whose job has failed goes on with its boot: its report has the code.
	static int code_in(std::string const& report) { return nlohmann::json::parse(report).at("exit_code"); }

	child_options machine() const { return m_room.machine_command(first_machine, {"--json"}); }

	// The machine, whose image is on its way and not yet there.
	std::unique_ptr<child_process> capture_in_the_middle(std::string const& device)
	{
		make_disk(device);
		want_capture_of(device, true);
		auto child = std::make_unique<child_process>(machine());
		EXPECT_TRUE(child->wait_for_text(": seeding", patience)) << child->err();
		EXPECT_TRUE(wait_until([this] { return bytes_here() > 0; })) << child->err();
		return child;
	}

	std::string image() const { return m_room / "images/golden.img"; }
	std::string torrent() const { return m_room / "images/golden.torrent"; }

	// What there is of the capture.
	std::set<std::string> names() const
	{
		std::set<std::string> all;
		for (auto const& entry : fs::directory_iterator(m_room / "images"))
		{
			auto const name = entry.path().filename().string();
			if (name.find("golden") != std::string::npos)
			{
				all.insert(name);
			}
		}
		return all;
	}

	// On the medium, holes apart.
	std::uint64_t bytes_here() const
	{
		std::uint64_t bytes = 0;
		for (auto const& name : names())
		{
			struct stat status = {};
			bytes += ::stat((m_room / ("images/" + name)).c_str(), &status) == 0
				? static_cast<std::uint64_t>(status.st_blocks) * 512
				: 0;
		}
		return bytes;
	}

	void expect_image() const
	{
		EXPECT_EQ(names(), both);
		EXPECT_TRUE(
			exits_with(run_rawswarm({"verify", "--torrent", torrent(), "--device", image()}, patience),
				exit_code::done));
	}

	std::set<std::string> const both{"golden.img", "golden.torrent"};
	served_room m_room;
};

} // namespace

TEST_F(capture, disk_arrives_as_an_image_and_becomes_the_same_files_on_two_others)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	loop_device const source(disk_bytes);
	make_disk(source.path());
	device_snapshot const before(source.path());
	want_capture_of(source.path());
	EXPECT_EQ(m_room.boots(first_machine), job_url());

	auto const result = run(machine(), patience);

	ASSERT_TRUE(exits_with(result, exit_code::done));
	EXPECT_EQ(nlohmann::json::parse(result.out)["state"], "done");
	expect_image();
	EXPECT_TRUE(device_snapshot(source.path()) == before) << "something was written to it";
	ASSERT_TRUE(exits_with(run_rawswarm({"create", source.path(), "-o", m_room / "own.torrent", "--map",
							   "auto", "--name", "golden"}),
		exit_code::done));
	EXPECT_TRUE(read_file(torrent()) == read_file(m_room / "own.torrent"))
		<< "not what create makes of the disk";
	EXPECT_LT(bytes_here(), disk_bytes / 2) << "free blocks are not there";

	loop_device const one(disk_bytes);
	loop_device const two(disk_bytes);
	m_room.description["machines"]["pc-01"]["device"] = one.path();
	m_room.description["machines"]["pc-02"]["device"] = two.path();
	m_room.description["target"] = nlohmann::json::object();
	m_room.write();
	m_room.start();
	EXPECT_TRUE(exits_with(m_room.room({"image", "pc-01,pc-02", "golden"}), exit_code::done));
	EXPECT_TRUE(exits_with(m_room.run_machine(first_machine), exit_code::done));
	EXPECT_TRUE(exits_with(m_room.run_machine(second_machine), exit_code::done));
	expect_disk(one.path());
	expect_disk(two.path());
}

TEST_F(capture, is_over_for_the_room_once_the_image_is_there)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	loop_device const source(disk_bytes);
	make_disk(source.path());
	want_capture_of(source.path());
	EXPECT_EQ(m_room.machine("pc-01").at("next"), "capture");
	ASSERT_TRUE(exits_with(run(machine(), patience), exit_code::done));
	EXPECT_NE(m_room.machine("pc-01").at("next"), "capture");
	EXPECT_TRUE(wait_until([this] {
		auto const room = m_room.list();
		return std::ranges::any_of(room.at("images"),
			[](auto const& image) { return image.at("name") == "golden" && !image.contains("error"); });
	})) << m_room.list();
}

TEST_F(capture, server_that_is_killed_in_the_middle_and_comes_back_gets_all_of_it)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	loop_device const source(disk_bytes);
	auto const child = capture_in_the_middle(source.path());
	m_room.kill();
	m_room.start();
	EXPECT_TRUE(child->wait_for_text("sending its torrent again", patience)) << child->err();
	ASSERT_TRUE(exits_with(*child, exit_code::done, patience));
	expect_image();
}

TEST_F(capture, machine_that_is_killed_in_the_middle_leaves_nothing_at_the_server)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	loop_device const source(disk_bytes);
	auto const child = capture_in_the_middle(source.path());
	child->signal(SIGKILL);
	EXPECT_EQ(child->wait(patience), 128 + SIGKILL);
	// a minute without a question
	EXPECT_TRUE(m_room.process().wait_for_text("has not been heard of", 2 * patience))
		<< m_room.process().err();
	EXPECT_TRUE(wait_until([this] { return names().empty(); }));
}

TEST_F(capture, that_a_signal_stops_has_failed)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	loop_device const source(disk_bytes);
	auto const child = capture_in_the_middle(source.path());
	child->signal(SIGTERM);
	EXPECT_TRUE(exits_with(*child, exit_code::terminated));
	auto const report = nlohmann::json::parse(child->out());
	EXPECT_EQ(report["state"], "failed") << "the image is nowhere";
	EXPECT_EQ(report["error"]["text"], "stopped by SIGTERM");
	auto const after = m_room.machine("pc-01");
	EXPECT_EQ(after.at("next"), "capture") << "it is still to be captured: " << after;
}

TEST_F(capture, disk_that_changes_while_it_is_sent_fails)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	loop_device const source(disk_bytes);
	auto const child = capture_in_the_middle(source.path());
	fill_with_pattern(source.path(), disk_bytes);
	ASSERT_TRUE(child->wait(patience)) << child->err();
	EXPECT_EQ(code_in(child->out()), exit_code::verification) << child->err();
	EXPECT_FALSE(fs::exists(torrent()));
}

TEST_F(capture, name_that_is_in_use_is_refused_and_the_image_stays)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	loop_device const source(disk_bytes);
	make_disk(source.path());
	want_capture_of(source.path());
	write_file(image(), "old");
	auto const result = run(machine(), patience);
	EXPECT_EQ(code_in(result.out), exit_code::network) << result.err;
	EXPECT_NE(result.err.find("has golden.img already"), std::string::npos) << result.err;
	EXPECT_EQ(read_file(image()), "old");
	EXPECT_EQ(names(), std::set<std::string>{"golden.img"});
}

TEST_F(capture, disk_that_is_mounted_is_refused_before_anything_is_sent)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	loop_device const source(disk_bytes);
	make_file_system(file_system_kind::ext4, source.path(), m_room / "tree");
	want_capture_of(source.path());
	scoped_mount const mounted(source.path(), "ext4");
	auto const result = run(machine(), patience);
	EXPECT_EQ(code_in(result.out), exit_code::target) << result.err;
	EXPECT_NE(result.err.find("mounted on"), std::string::npos) << result.err;
	EXPECT_TRUE(names().empty());
}

TEST_F(capture, file_system_that_is_not_clean_is_refused_with_its_name_unless_asked_for)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	loop_device const source(disk_bytes);
	make_disk(source.path());
	with_partition(source.path(), [](std::string const& device) {
		run_checked({"debugfs", "-w", "-R", "ssv state 0", device});
	});
	want_capture_of(source.path());
	auto unclean = nlohmann::json::parse(m_room.get("/jobs/52-54-00-00-00-01.json").value());
	auto const result = run(machine(), patience);
	EXPECT_EQ(code_in(result.out), exit_code::target) << result.err;
	EXPECT_NE(result.err.find("partition 1"), std::string::npos) << result.err;
	EXPECT_NE(result.err.find("ext4"), std::string::npos) << result.err;
	EXPECT_TRUE(names().empty());
	unclean["capture"]["allow_unclean"] = true;
	unclean.erase("for"); // this machine is another one
	temp_dir const dir;
	EXPECT_TRUE(exits_with(run_job(dir, unclean, patience), exit_code::done));
	EXPECT_EQ(names(), both);
}

TEST_F(capture, check_says_what_would_be_captured_and_verify_has_nothing_to_compare)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	loop_device const source(disk_bytes);
	make_disk(source.path());
	want_capture_of(source.path());
	auto job = nlohmann::json::parse(m_room.get("/jobs/52-54-00-00-00-01.json").value());
	EXPECT_EQ(job.at("for").dump(), R"({"mac":["52:54:00:00:00:01"]})");
	job.erase("for"); // this machine is another one
	write_file(m_room / "job.json", job.dump());
	auto const checked = run_rawswarm({"check", m_room / "job.json"});
	EXPECT_TRUE(exits_with(checked, exit_code::done));
	EXPECT_TRUE(checked.out.starts_with(
		fmt::format("capture {} as golden, to {}", source.path(), m_room.url("/capture/"))))
		<< checked.out;
	EXPECT_TRUE(exits_with(run_rawswarm({"verify", m_room / "job.json"}), exit_code::refused));
}

} // namespace rawswarm::test
