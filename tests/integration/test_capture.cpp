// SPDX-License-Identifier: BSD-3-Clause
// A job that captures: a disk is read, arrives as an image at a server, and becomes the same files elsewhere.
#include "agent/machine/partition_table.hpp"
#include "tests/support/base/skip.hpp"
#include "tests/support/device/device_content.hpp"
#include "tests/support/device/loop_device.hpp"
#include "tests/support/machine/disk_partitions.hpp"
#include "tests/support/machine/file_system.hpp"
#include "tests/support/program/capture_receiver.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <set>
#include <thread>

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
	capture()
	{
		fs::create_directory(images());
		make_tree(m_dir / "tree");
	}

	// A disk with a GPT, and an ext4 from which much was deleted.
	void make_disk(std::string const& path) const
	{
		run_sfdisk(path, "label: gpt\ntype=linux\n");
		with_partition(path, [this](std::string const& device) {
			make_file_system(file_system_kind::ext4, device, m_dir / "tree");
		});
	}

	void expect_disk(std::string const& path) const
	{
		EXPECT_EQ(sgdisk_verdict(path), "clean");
		with_partition(path, [this](std::string const& device) {
			expect_file_system(file_system_kind::ext4, device, m_dir / "tree");
		});
	}

	nlohmann::json job(std::string const& device) const
	{
		auto job = loopback_job({m_ports.peers});
		job.erase("targets");
		job.erase("seed_until");
		job["capture"] = {{"device", device},
			{"to", fmt::format("http://127.0.0.1:{}/capture/golden", m_ports.http)}, {"name", "golden"}};
		return job;
	}

	child_options command(nlohmann::json const& job) const
	{
		auto command = run_command(m_dir, job);
		command.argv.emplace_back("--json");
		return command;
	}

	// That nobody would miss the middle of.
	nlohmann::json slow_job(std::string const& device) const
	{
		auto slow = job(device);
		slow["swarm"]["upload_limit"] = 4 * mib;
		slow["swarm"]["compress"] = "off";
		return slow;
	}

	// True once the image is on its way and not yet there.
	bool wait_for_the_middle(child_process& child) const
	{
		return child.wait_for_text(": seeding", patience) && wait_until([this] { return bytes_here() > 0; });
	}

	template <class F>
	static bool wait_until(F const& is_so)
	{
		auto const until = std::chrono::steady_clock::now() + patience;
		while (!is_so() && std::chrono::steady_clock::now() < until)
		{
			std::this_thread::sleep_for(std::chrono::milliseconds(20));
		}
		return is_so();
	}

	std::string images() const { return m_dir / "images"; }

	std::set<std::string> names() const
	{
		std::set<std::string> all;
		for (auto const& entry : fs::directory_iterator(images()))
		{
			all.insert(entry.path().filename().string());
		}
		return all;
	}

	// On the medium of the folder, holes apart.
	std::uint64_t bytes_here() const
	{
		std::uint64_t bytes = 0;
		for (auto const& name : names())
		{
			struct stat status = {};
			bytes += ::stat((images() + "/" + name).c_str(), &status) == 0
				? static_cast<std::uint64_t>(status.st_blocks) * 512
				: 0;
		}
		return bytes;
	}

	temp_dir m_dir;
	receiver_ports m_ports = receiver_ports::any();
};

std::set<std::string> const both{"golden.img", "golden.torrent"};

} // namespace

TEST_F(capture, disk_arrives_as_an_image_and_becomes_the_same_files_on_two_others)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	loop_device const source(disk_bytes);
	make_disk(source.path());
	device_snapshot const before(source.path());
	capture_receiver const receiver(images(), m_ports);

	auto const result = run(command(job(source.path())), patience);

	ASSERT_TRUE(exits_with(result, exit_code::done));
	EXPECT_EQ(nlohmann::json::parse(result.out)["state"], "done");
	EXPECT_EQ(names(), both);
	EXPECT_EQ(receiver.posts(), 1U);
	EXPECT_EQ(device_snapshot(source.path()), before) << "nothing is written to it";
	auto const torrent = images() + "/golden.torrent";
	auto const image = images() + "/golden.img";
	ASSERT_TRUE(exits_with(run_rawswarm({"create", source.path(), "-o", m_dir / "own.torrent", "--map",
							   "auto", "--name", "golden"}),
		exit_code::done));
	EXPECT_EQ(read_file(torrent), read_file(m_dir / "own.torrent")) << "what create makes of the disk";
	EXPECT_TRUE(
		exits_with(run_rawswarm({"verify", "--torrent", torrent, "--device", image}), exit_code::done));
	EXPECT_LT(bytes_here(), disk_bytes / 2) << "free blocks are not there";

	loop_device const one(disk_bytes);
	loop_device const two(disk_bytes);
	seeding_agent const seeder(torrent, image);
	auto imaging = loopback_job({seeder.port()});
	imaging["targets"].push_back(image_target(torrent, one.path()));
	imaging["targets"].push_back(image_target(torrent, two.path()));
	temp_dir const dir;
	ASSERT_TRUE(exits_with(run_job(dir, imaging, patience), exit_code::done));
	expect_disk(one.path());
	expect_disk(two.path());
}

TEST_F(capture, server_that_starts_anew_in_the_middle_gets_all_of_it)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	loop_device const source(disk_bytes);
	make_disk(source.path());
	std::optional<capture_receiver> receiver;
	receiver.emplace(images(), m_ports);
	child_process child(command(slow_job(source.path())));
	ASSERT_TRUE(wait_for_the_middle(child)) << child.err();
	receiver.reset();
	EXPECT_EQ(names(), std::set<std::string>{}) << "nothing half is left";
	receiver.emplace(images(), m_ports);
	ASSERT_TRUE(exits_with(child, exit_code::done, 2 * patience));
	EXPECT_EQ(names(), both);
	EXPECT_EQ(receiver->posts(), 1U);
	EXPECT_TRUE(exits_with(
		run_rawswarm({"verify", "--torrent", images() + "/golden.torrent", "--device", images() + "/golden.img"}),
		exit_code::done));
}

TEST_F(capture, machine_that_is_killed_in_the_middle_leaves_nothing_at_the_server)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	loop_device const source(disk_bytes);
	make_disk(source.path());
	capture_receiver const receiver(images(), m_ports, std::chrono::seconds(2));
	{
		child_process child(command(slow_job(source.path())));
		ASSERT_TRUE(wait_for_the_middle(child)) << child.err();
		child.signal(SIGKILL);
		EXPECT_EQ(child.wait(patience), 128 + SIGKILL);
	}
	EXPECT_TRUE(wait_until([this] { return names().empty(); }));
}

TEST_F(capture, that_a_signal_stops_has_failed)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	loop_device const source(disk_bytes);
	make_disk(source.path());
	capture_receiver const receiver(images(), m_ports, std::chrono::seconds(2));
	child_process child(command(slow_job(source.path())));
	ASSERT_TRUE(wait_for_the_middle(child)) << child.err();
	child.signal(SIGTERM);
	EXPECT_TRUE(exits_with(child, exit_code::terminated));
	auto const report = nlohmann::json::parse(child.out());
	EXPECT_EQ(report["state"], "failed") << "the image is nowhere";
	EXPECT_EQ(report["error"]["text"], "stopped by SIGTERM");
	EXPECT_TRUE(wait_until([this] { return names().empty(); }));
}

TEST_F(capture, disk_that_changes_while_it_is_sent_fails)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	loop_device const source(disk_bytes);
	make_disk(source.path());
	capture_receiver const receiver(images(), m_ports, std::chrono::seconds(2));
	child_process child(command(slow_job(source.path())));
	ASSERT_TRUE(wait_for_the_middle(child)) << child.err();
	fill_with_pattern(source.path(), disk_bytes);
	auto const code = child.wait(patience);
	EXPECT_EQ(code, exit_code::verification) << child.err();
	EXPECT_TRUE(wait_until([this] { return names().empty(); }));
}

TEST_F(capture, name_that_is_in_use_is_refused_and_the_image_stays)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	loop_device const source(disk_bytes);
	make_disk(source.path());
	write_file(images() + "/golden.img", "old");
	capture_receiver const receiver(images(), m_ports);
	auto const result = run(command(job(source.path())), patience);
	EXPECT_TRUE(exits_with(result, exit_code::network));
	EXPECT_NE(result.err.find(fmt::format("capturing golden: {} has golden.img already", images())),
		std::string::npos)
		<< result.err;
	EXPECT_EQ(read_file(images() + "/golden.img"), "old");
}

TEST_F(capture, disk_that_is_mounted_is_refused_before_anything_is_sent)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	loop_device const source(disk_bytes);
	make_file_system(file_system_kind::ext4, source.path(), m_dir / "tree");
	capture_receiver const receiver(images(), m_ports);
	scoped_mount const mounted(source.path(), "ext4");
	auto const result = run(command(job(source.path())), patience);
	EXPECT_TRUE(exits_with(result, exit_code::target));
	EXPECT_NE(result.err.find("mounted on"), std::string::npos) << result.err;
	EXPECT_EQ(receiver.posts(), 0U);
}

TEST_F(capture, file_system_that_is_not_clean_is_refused_with_its_name_unless_asked_for)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	loop_device const source(disk_bytes);
	make_disk(source.path());
	with_partition(source.path(),
		[](std::string const& device) { run_checked({"debugfs", "-w", "-R", "ssv state 0", device}); });
	capture_receiver const receiver(images(), m_ports);
	auto unclean = job(source.path());
	auto const result = run(command(unclean), patience);
	EXPECT_TRUE(exits_with(result, exit_code::target));
	EXPECT_NE(result.err.find("partition 1"), std::string::npos) << result.err;
	EXPECT_NE(result.err.find("ext4"), std::string::npos) << result.err;
	EXPECT_EQ(receiver.posts(), 0U);
	unclean["capture"]["allow_unclean"] = true;
	EXPECT_TRUE(exits_with(run(command(unclean), patience), exit_code::done));
	EXPECT_EQ(names(), both);
}

TEST_F(capture, check_says_what_would_be_captured_and_verify_has_nothing_to_compare)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	loop_device const source(disk_bytes);
	make_disk(source.path());
	write_file(m_dir / "job.json", job(source.path()).dump());
	auto const checked = run_rawswarm({"check", m_dir / "job.json"});
	EXPECT_TRUE(exits_with(checked, exit_code::done));
	EXPECT_EQ(checked.out,
		fmt::format("capture {} as golden, to http://127.0.0.1:{}/capture/golden\n", source.path(), m_ports.http));
	EXPECT_TRUE(exits_with(run_rawswarm({"verify", m_dir / "job.json"}), exit_code::refused));
}

} // namespace rawswarm::test
