// SPDX-License-Identifier: BSD-3-Clause
// Images that a room's server fetches from machines.
#include "base/text.hpp"
#include "tests/outages/seeded_images.hpp"
#include "tests/support/device/loop_device.hpp"
#include "tests/support/network/listeners.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <libtorrent/torrent_info.hpp>

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include <sys/stat.h>

namespace rawswarm::test
{

namespace
{

using namespace std::chrono_literals;

constexpr std::uint64_t mib = 1024 * 1024;

} // namespace

TEST_F(image_seeder_test, image_of_a_machine_is_fetched_into_a_file_with_holes)
{
	serving_room room({});
	auto const path = m_dir / "fetched.img";
	room.fetch("capture", m_first.torrent.bytes, path);
	seeding_agent const machine(m_first.torrent_path, m_first.source_path, {"--peer", loopback(room.port())});

	EXPECT_EQ(room.fetched("capture"), "");

	EXPECT_TRUE(
		content_equals(path, expected_content(m_first.torrent.files, size_of(path), background::zeros)));
	EXPECT_FALSE(std::filesystem::exists(path + ".part"));
	EXPECT_TRUE(room.wait_until("capture", [](image_status const& s) { return s.name.empty(); }));
}

TEST_F(image_seeder_test, fetched_image_takes_no_space_where_its_source_is_zeros)
{
	write_sparse_file(m_dir / "disk", 64 * mib);
	write_at(m_dir / "disk", 40 * mib, std::string(200'000, 'x'));
	ASSERT_TRUE(
		exits_with(run_rawswarm({"create", m_dir / "disk", "-o", m_dir / "disk.torrent", "--skip-zeros"}),
			exit_code::done));
	serving_room room({});
	room.fetch("capture", read_file(m_dir / "disk.torrent"), m_dir / "fetched.img");
	seeding_agent const machine(m_dir / "disk.torrent", m_dir / "disk", {"--peer", loopback(room.port())});

	EXPECT_EQ(room.fetched("capture"), "");

	EXPECT_TRUE(content_equals(m_dir / "fetched.img", read_file(m_dir / "disk")));
	struct stat s
	{};
	ASSERT_EQ(::stat((m_dir / "fetched.img").c_str(), &s), 0);
	EXPECT_LT(static_cast<std::uint64_t>(s.st_blocks) * 512, 4 * mib);
}

TEST_F(image_seeder_test, fetched_image_is_served_once_the_room_has_it)
{
	serving_room room({});
	auto const path = m_dir / "fetched.img";
	room.fetch("capture", m_first.torrent.bytes, path);
	{
		seeding_agent const machine(
			m_first.torrent_path, m_first.source_path, {"--peer", loopback(room.port())});
		ASSERT_EQ(room.fetched("capture"), "");
	}
	auto image = image_of("captured", m_first);
	image.source = path;
	room.set_images({image});
	EXPECT_TRUE(exits_with(run_job(m_dir, job_of(m_first, target("a.img"), room.port())), exit_code::done));
	EXPECT_TRUE(is_imaged(m_first, target("a.img")));
}

TEST_F(image_seeder_test, fetch_that_makes_no_progress_or_is_given_up_leaves_nothing)
{
	serving_room room({}, {.fetch_timeout = 1s});
	room.fetch("one", m_first.torrent.bytes, m_dir / "one.img");
	EXPECT_NE(room.fetched("one").value_or("").find("no progress"), std::string::npos)
		<< room.fetched("one").value_or("none");
	serving_room patient({});
	patient.fetch("two", m_first.torrent.bytes, m_dir / "two.img");
	EXPECT_TRUE(patient.wait_until("two", [](image_status const& s) { return s.total > 0; }));
	patient.cancel_fetch("two");
	EXPECT_EQ(patient.fetched("two"), "fetching two: given up");
	EXPECT_TRUE(std::filesystem::is_empty(m_dir.path()));
}

TEST_F(image_seeder_test, fetch_of_what_is_no_torrent_or_is_there_or_is_served_is_refused)
{
	serving_room room({image_of("first", m_first)});
	room.want(m_first.torrent.info_hash);
	ASSERT_TRUE(room.wait_until("first", image_activity::serving));
	write_file(m_dir / "there.img", "precious");
	room.fetch("odd", "no torrent", m_dir / "odd.img");
	room.fetch("there", m_second.torrent.bytes, m_dir / "there.img");
	room.fetch("served", m_first.torrent.bytes, m_dir / "served.img");

	EXPECT_NE(room.fetched("odd").value_or("").find("odd"), std::string::npos);
	EXPECT_EQ(room.fetched("there"), "fetching there: " + (m_dir / "there.img") + " is there already");
	EXPECT_EQ(room.fetched("served"),
		"fetching served: the same image (" + m_first.torrent.info_hash + ") is served or fetched already");
	EXPECT_EQ(read_file(m_dir / "there.img"), "precious");
	EXPECT_FALSE(std::filesystem::exists(m_dir / "odd.img.part"));
	EXPECT_FALSE(std::filesystem::exists(m_dir / "served.img.part"));
	EXPECT_EQ(room.status("first").activity, image_activity::serving);
}

TEST_F(image_seeder_test, fetch_onto_a_full_disk_is_one_sentence_and_leaves_nothing)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	scoped_tmpfs const full(mib);
	serving_room room({});
	room.fetch("capture", m_first.torrent.bytes, full / "fetched.img");
	seeding_agent const machine(m_first.torrent_path, m_first.source_path, {"--peer", loopback(room.port())});

	auto const end = room.fetched("capture").value_or("");

	EXPECT_NE(end.find("No space left on device"), std::string::npos) << end;
	EXPECT_FALSE(std::filesystem::exists(full / "fetched.img"));
	EXPECT_FALSE(std::filesystem::exists(full / "fetched.img.part"));
}

} // namespace rawswarm::test
