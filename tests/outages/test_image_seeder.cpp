// SPDX-License-Identifier: BSD-3-Clause
// The images of a room's server: opened when somebody wants them, closed when nobody does, from one port and
// one budget.
#include "base/text.hpp"
#include "tests/outages/seeded_images.hpp"
#include "tests/support/device/fuse_disk.hpp"
#include "tests/support/device/loop_device.hpp"
#include "tests/support/network/listeners.hpp"
#include "tests/support/program/rawswarm_program.hpp"
#include "tests/support/program/serving_room.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <libtorrent/torrent_info.hpp>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <new>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include <sys/stat.h>

namespace rawswarm::test
{

namespace
{

using namespace std::chrono_literals;

constexpr std::uint64_t mib = 1024 * 1024;

// Whether this process has the file open.
bool has_open(std::filesystem::path const& path)
{
	auto const wanted = std::filesystem::canonical(path);
	for (auto const& entry : std::filesystem::directory_iterator("/proc/self/fd"))
	{
		std::error_code ec; // one that is closed meanwhile
		if (std::filesystem::read_symlink(entry.path(), ec) == wanted)
		{
			return true;
		}
	}
	return false;
}

// Requests hang from the time that the test says.
class hanging_requests : public fuse_behaviour
{
public:
	~hanging_requests() override { hang(false); }

	void hang(bool const is) { *m_hangs = is; }

	void on_request(std::uint64_t, std::size_t, std::chrono::steady_clock::duration) override
	{
		while (*m_hangs)
		{
			std::this_thread::sleep_for(5ms);
		}
	}

private:
	std::atomic<bool>* m_hangs = ::new (shared_memory(sizeof(std::atomic<bool>))) std::atomic<bool>(false);
};

} // namespace

TEST_F(image_seeder_test, image_is_opened_when_a_machine_asks_for_it_and_closed_when_nobody_does)
{
	serving_room room({image_of("first", m_first), image_of("second", m_second)}, {.idle = 1s});
	EXPECT_EQ(room.status("first").activity, image_activity::idle);
	EXPECT_FALSE(has_open(m_first.source_path));

	EXPECT_TRUE(exits_with(run_job(m_dir, job_of(m_first, target("a.img"), room.port())), exit_code::done));

	EXPECT_TRUE(is_imaged(m_first, target("a.img")));
	EXPECT_EQ(room.status("second").activity, image_activity::idle);
	EXPECT_TRUE(room.wait_until("first", image_activity::idle));
	EXPECT_TRUE(room.wait_until("first", [&](auto const&) { return !has_open(m_first.source_path); }));
	EXPECT_TRUE(room.wait_until("first",
		[&](auto const&) { return room.storage().pool_blocks == std::int64_t(4 * mib / (16 * 1024)); }));
}

TEST_F(image_seeder_test, images_are_served_one_behind_the_other_and_again)
{
	serving_room room({image_of("first", m_first), image_of("second", m_second)}, {.idle = 1s});
	for (auto const* const name : {"a.img", "b.img"})
	{
		EXPECT_TRUE(exits_with(run_job(m_dir, job_of(m_first, target(name), room.port())), exit_code::done));
		EXPECT_TRUE(is_imaged(m_first, target(name)));
		EXPECT_TRUE(room.wait_until("first", image_activity::idle));
	}
	EXPECT_TRUE(exits_with(run_job(m_dir, job_of(m_second, target("c.img"), room.port())), exit_code::done));
	EXPECT_TRUE(is_imaged(m_second, target("c.img")));
}

TEST_F(image_seeder_test, two_images_are_served_at_once_within_one_budget)
{
	serving_room room(
		{image_of("first", m_first), image_of("second", m_second)}, {.memory = 16 * 1024 * 1024});
	child_process one(run_command(m_dir, job_of(m_first, target("a.img"), room.port())));
	child_process other(run_command(m_other_dir, job_of(m_second, target("b.img"), room.port())));
	EXPECT_TRUE(exits_with(one, exit_code::done));
	EXPECT_TRUE(exits_with(other, exit_code::done));

	EXPECT_TRUE(is_imaged(m_first, target("a.img")));
	EXPECT_TRUE(is_imaged(m_second, target("b.img")));
	EXPECT_EQ(room.status("first").activity, image_activity::serving);
	EXPECT_EQ(room.status("second").activity, image_activity::serving);
	EXPECT_EQ(room.storage().pool_blocks, std::int64_t(16 * mib / (16 * 1024)));
	EXPECT_GT(room.storage().blocks_read, 0);
}

TEST_F(image_seeder_test, compressed_image_and_folder_of_files_are_served)
{
	room_image compressed;
	compressed.name = "packed";
	compressed.torrent = m_dir / "packed.torrent";
	compressed.source = m_dir / "packed.zst";
	ASSERT_TRUE(
		exits_with(run_rawswarm({"create", m_first.source_path, "-o", compressed.torrent, "--compress"}),
			exit_code::done));
	compressed.info_hash = to_hex(lt::torrent_info(compressed.torrent).info_hashes().v1.to_string());
	auto files = image_of("files", m_second);
	files.source = write_files(m_second.torrent, m_dir.path()).string();
	serving_room room({compressed, files});

	auto job = loopback_job({room.port()});
	job["targets"].push_back(image_target(compressed.torrent, target("a.img")));
	EXPECT_TRUE(exits_with(run_job(m_other_dir, job), exit_code::done));
	EXPECT_TRUE(content_equals(target("a.img"), read_file(m_first.source_path)));
	EXPECT_TRUE(
		exits_with(run_job(m_other_dir, job_of(m_second, target("b.img"), room.port())), exit_code::done));
	EXPECT_TRUE(is_imaged(m_second, target("b.img")));
}

TEST_F(image_seeder_test, piece_that_differs_is_not_served_and_named_and_other_images_go_on)
{
	auto const& extent = m_first.torrent.files.front();
	write_at(m_first.source_path, extent.offset, std::string(1, static_cast<char>(~extent.bytes.front())));
	serving_room room({image_of("first", m_first), image_of("second", m_second)});
	auto job = job_of(m_first, target("a.img"), room.port());
	job["timeout_seconds"] = 4;

	EXPECT_TRUE(exits_with(run_job(m_dir, job), exit_code::network));

	EXPECT_TRUE(
		room.wait_until("first", [](image_status const& s) { return !s.error.empty() && !s.notes.empty(); }));
	auto const s = room.status("first");
	EXPECT_NE(s.error.find(m_first.source_path), std::string::npos) << s.error;
	EXPECT_NE(s.notes.front().find("no longer what its torrent says"), std::string::npos) << s.notes.front();
	EXPECT_TRUE(exits_with(run_job(m_dir, job_of(m_second, target("b.img"), room.port())), exit_code::done));
	EXPECT_TRUE(is_imaged(m_second, target("b.img")));
}

TEST_F(image_seeder_test, source_that_is_missing_is_one_sentence_and_served_once_it_is_there)
{
	auto const away = m_dir / "away.img";
	std::filesystem::rename(m_first.source_path, away);
	serving_room room({image_of("first", m_first), image_of("second", m_second)});
	EXPECT_FALSE(room.want(m_first.torrent.info_hash));
	EXPECT_TRUE(room.wait_until("first", image_activity::failed));
	EXPECT_EQ(room.status("first").error, "opening " + m_first.source_path + ": No such file or directory");
	EXPECT_FALSE(room.want(std::string(40, '0')));
	EXPECT_TRUE(exits_with(run_job(m_dir, job_of(m_second, target("b.img"), room.port())), exit_code::done));

	std::filesystem::rename(away, m_first.source_path);
	// who asks goes on asking
	EXPECT_TRUE(exits_with(run_job(m_dir, job_of(m_first, target("a.img"), room.port())), exit_code::done));
	EXPECT_TRUE(is_imaged(m_first, target("a.img")));
	EXPECT_EQ(room.status("first").error, "");
}

TEST_F(image_seeder_test, torrent_that_does_not_fit_its_source_is_one_sentence)
{
	std::filesystem::resize_file(m_first.source_path, 4096);
	auto wrong = image_of("second", m_second);
	wrong.info_hash = std::string(40, '1');
	serving_room room({image_of("first", m_first), wrong});
	room.want(m_first.torrent.info_hash);
	room.want(wrong.info_hash);
	EXPECT_TRUE(room.wait_until("first", image_activity::failed));
	EXPECT_TRUE(room.wait_until("second", image_activity::failed));
	EXPECT_EQ(room.status("first").error,
		fmt::format("opening {}: it has 4096 bytes, the torrent needs {}", m_first.source_path,
			end_of(m_first.torrent.files)));
	EXPECT_NE(
		room.status("second").error.find("its info-hash is " + m_second.torrent.info_hash), std::string::npos)
		<< room.status("second").error;
}

TEST_F(image_seeder_test, disk_that_does_not_answer_holds_up_its_own_image_until_it_does)
{
	if (!fuse_available())
	{
		GTEST_SKIP() << "no FUSE";
	}
	hanging_requests disk;
	fuse_disk const fuse(m_first.device_size, disk);
	write_at(fuse.file(), 0, read_file(m_first.source_path));
	auto image = image_of("first", m_first);
	image.source = fuse.file();
	serving_room room({image, image_of("second", m_second)}, {.device_timeout = 1s});
	room.want(image.info_hash);
	ASSERT_TRUE(room.wait_until("first", image_activity::serving));
	disk.hang(true);
	child_process machine(run_command(m_dir, job_of(m_first, target("a.img"), room.port())));
	EXPECT_TRUE(room.wait_until("first", image_activity::failed));
	EXPECT_NE(room.status("first").error.find("no answer"), std::string::npos) << room.status("first").error;

	EXPECT_TRUE(
		exits_with(run_job(m_other_dir, job_of(m_second, target("b.img"), room.port())), exit_code::done));

	disk.hang(false);
	EXPECT_TRUE(exits_with(machine, exit_code::done));
	EXPECT_TRUE(is_imaged(m_first, target("a.img")));
}

TEST_F(image_seeder_test, image_that_is_written_to_while_it_is_served_is_opened_anew)
{
	serving_room room({image_of("first", m_first)});
	room.want(m_first.torrent.info_hash);
	ASSERT_TRUE(room.wait_until("first", image_activity::serving));
	auto const content = read_file(m_first.source_path);
	write_file(m_first.source_path, std::string(content.size(), 'x'));
	ASSERT_TRUE(room.wait_until("first", image_activity::failed));
	EXPECT_EQ(room.status("first").error,
		"serving first: " + m_first.source_path + " was written to while it was served");

	write_file(m_first.source_path, content);
	EXPECT_TRUE(exits_with(run_job(m_dir, job_of(m_first, target("a.img"), room.port())), exit_code::done));
	EXPECT_TRUE(is_imaged(m_first, target("a.img")));
}

TEST_F(image_seeder_test, image_whose_file_is_replaced_is_served_to_its_end_from_the_one_that_was_opened)
{
	serving_room room({image_of("first", m_first)});
	room.want(m_first.torrent.info_hash);
	ASSERT_TRUE(room.wait_until("first", image_activity::serving));
	write_file(m_dir / "new", "another image");
	std::filesystem::rename(m_dir / "new", m_first.source_path);
	EXPECT_TRUE(room.wait_until("first", [](image_status const& s) { return !s.notes.empty(); }));
	EXPECT_TRUE(exits_with(run_job(m_dir, job_of(m_first, target("a.img"), room.port())), exit_code::done));
	EXPECT_TRUE(is_imaged(m_first, target("a.img")));
}

TEST_F(image_seeder_test, image_that_leaves_the_room_is_served_to_those_that_have_begun_and_then_forgotten)
{
	// slow enough to be under way for long: 2 MiB
	serving_room room({image_of("first", m_first)}, {.upload_limit = 700 * 1000});
	child_process machine(run_command(m_dir, job_of(m_first, target("a.img"), room.port())));
	ASSERT_TRUE(room.wait_until("first", [](image_status const& s) { return s.needy_peers > 0; }));
	room.set_images({image_of("second", m_second)});
	EXPECT_FALSE(room.status("first").is_listed);
	EXPECT_EQ(room.info_hashes().size(), 2u);

	EXPECT_TRUE(exits_with(machine, exit_code::done));

	EXPECT_TRUE(is_imaged(m_first, target("a.img")));
	EXPECT_TRUE(room.wait_until("first", [](image_status const& s) { return s.name.empty(); }));
	EXPECT_EQ(room.info_hashes(), std::vector{m_second.torrent.info_hash});
	EXPECT_FALSE(room.want(m_first.torrent.info_hash));
}

TEST_F(image_seeder_test, image_that_nobody_has_open_is_forgotten_at_once_and_can_come_back)
{
	serving_room room({image_of("first", m_first)});
	room.set_images({});
	EXPECT_TRUE(room.wait_until("first", [](image_status const& s) { return s.name.empty(); }));
	room.set_images({image_of("again", m_first)});
	EXPECT_TRUE(exits_with(run_job(m_dir, job_of(m_first, target("a.img"), room.port())), exit_code::done));
	EXPECT_EQ(room.status("again").activity, image_activity::serving);
}

TEST_F(image_seeder_test, image_without_a_source_or_with_an_error_or_a_twin_is_passed_over)
{
	auto none = image_of("none", m_first);
	none.source.clear();
	auto bad = image_of("bad", m_first);
	bad.error = "reading it: it is none";
	serving_room room({none, bad, image_of("second", m_second), image_of("twin", m_second)});
	EXPECT_EQ(room.info_hashes(), std::vector{m_second.torrent.info_hash});
	EXPECT_EQ(room.status("second").name, "second");
	EXPECT_EQ(room.status("twin").name, "");
}

TEST_F(image_seeder_test, port_that_is_taken_is_told)
{
	seeding_agent const other(m_first.torrent_path, m_first.source_path);
	serving_room room({}, {.port = other.port()});
	auto const deadline = std::chrono::steady_clock::now() + 20s;
	while (!room.listen_failure() && std::chrono::steady_clock::now() < deadline)
	{
		std::this_thread::sleep_for(10ms); // nothing reports it
	}
	ASSERT_TRUE(room.listen_failure());
	EXPECT_NE(room.listen_failure()->find(std::to_string(other.port())), std::string::npos)
		<< *room.listen_failure();
}

} // namespace rawswarm::test
