// SPDX-License-Identifier: BSD-3-Clause
#include "agent/serve/captured_files.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/base/value_of.hpp"
#include "tests/support/torrent/torrent_maker.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <limits>
#include <set>
#include <string>

namespace rawswarm
{

namespace
{

namespace fs = std::filesystem;
using test::value_of;

std::string torrent_named(std::string const& name, std::string const& content = "abc")
{
	test::torrent_options options;
	options.name = name;
	return test::make_torrent({{0x1000, content}}, options).bytes;
}

class captured : public ::testing::Test
{
protected:
	captured_files files(std::string const& name = "golden") const { return {m_dir.path(), name}; }

	std::set<std::string> names() const
	{
		std::set<std::string> all;
		for (auto const& entry : fs::directory_iterator(m_dir.path().string()))
		{
			all.insert(entry.path().filename().string());
		}
		return all;
	}

	void put(std::string const& name, std::string const& content = "x") const
	{
		test::write_file(m_dir / name, content);
	}

	std::string why_not(
		std::string_view const torrent, fault const kind, std::uint64_t const reserved = 0) const
	{
		auto const checked = check_capture(files(), torrent, reserved);
		if (checked)
		{
			return "it is good";
		}
		EXPECT_EQ(checked.error().kind, kind);
		return checked.error().text;
	}

	test::temp_dir m_dir;
};

} // namespace

TEST_F(captured, a_torrent_of_this_name_is_wanted)
{
	auto const checked = value_of(check_capture(files(), torrent_named("golden"), 0));
	EXPECT_EQ(checked.start, capture_start::wanted);
	EXPECT_EQ(checked.bytes, 3U);
	EXPECT_TRUE(names().empty());
}

TEST_F(captured, what_is_no_torrent_or_another_images_is_refused)
{
	EXPECT_NE(why_not("nonsense", fault::refused).find("the torrent of golden"), std::string::npos);
	EXPECT_EQ(why_not(torrent_named("other"), fault::refused),
		"capturing golden: its torrent is that of \"other\"");
	test::torrent_options options;
	options.name = "golden";
	auto const overlapping = test::make_torrent({{0x1000, "abc"}, {0x1001, "d"}}, options).bytes;
	EXPECT_TRUE(why_not(overlapping, fault::refused).starts_with("capturing golden: "));
}

TEST_F(captured, a_name_that_is_in_use_is_refused)
{
	for (auto const* const name : {"golden", "golden.img", "golden.zst", "golden.torrent"})
	{
		put(name);
		EXPECT_EQ(why_not(torrent_named("golden"), fault::usage),
			fmt::format("capturing golden: {} has {} already", m_dir.path().string(), name));
		fs::remove(m_dir / name);
	}
}

TEST_F(captured, the_very_image_that_is_there_is_no_other)
{
	put("golden.torrent", torrent_named("golden"));
	put("golden.img");
	EXPECT_EQ(value_of(check_capture(files(), torrent_named("golden"), 0)).start, capture_start::is_there);
	EXPECT_NE(why_not(torrent_named("golden", "abd"), fault::usage).find("already"), std::string::npos);
}

TEST_F(captured, an_image_without_space_is_refused_with_what_is_left)
{
	auto const text = why_not(torrent_named("golden"), fault::target, std::uint64_t(1) << 60);
	EXPECT_TRUE(text.starts_with("capturing golden: it takes 1")) << text;
	EXPECT_TRUE(text.ends_with(" left")) << text;
}

TEST_F(captured, both_files_appear_at_the_end)
{
	put(".golden.img.part", "image");
	ASSERT_TRUE(finish_capture(files(), "torrent"));
	EXPECT_EQ(names(), (std::set<std::string>{"golden.img", "golden.torrent"}));
	EXPECT_EQ(test::read_file(m_dir / "golden.img"), "image");
	EXPECT_EQ(test::read_file(m_dir / "golden.torrent"), "torrent");
}

TEST_F(captured, a_name_that_was_taken_meanwhile_stays_what_it_is)
{
	for (auto const* const name : {"golden.img", "golden.torrent"})
	{
		put(".golden.img.part", "image");
		put(name, "somebody's");
		EXPECT_FALSE(finish_capture(files(), "torrent"));
		EXPECT_EQ(names(), (std::set<std::string>{name}));
		EXPECT_EQ(test::read_file(m_dir / name), "somebody's");
		fs::remove(m_dir / name);
	}
}

TEST_F(captured, an_image_that_is_not_there_leaves_nothing)
{
	EXPECT_FALSE(finish_capture(files(), "torrent"));
	EXPECT_TRUE(names().empty());
}

TEST_F(captured, what_a_power_cut_has_left_is_removed_and_the_rest_stays)
{
	put(".golden.img.part");
	put(".golden.img.part.part");
	put(".d.img.part.part");
	put(".a.torrent.img.part");
	put(".b.torrent.part");
	put("c.img");
	put("c.torrent");
	put(".hidden");
	put(".img.part");
	ASSERT_TRUE(clean_up_captures(m_dir.path().string()));
	EXPECT_EQ(names(), (std::set<std::string>{"c.img", "c.torrent", ".hidden", ".img.part"}));
}

TEST_F(captured, an_image_that_lacked_its_torrents_name_gets_it)
{
	put("golden.img", "image");
	put(".golden.torrent.part", "torrent");
	ASSERT_TRUE(clean_up_captures(m_dir.path().string()));
	EXPECT_EQ(names(), (std::set<std::string>{"golden.img", "golden.torrent"}));
}

TEST_F(captured, a_torrent_that_is_left_is_none_of_an_image_that_has_one)
{
	put("golden.img", "image");
	put("golden.torrent", "its own");
	put(".golden.torrent.part", "torrent");
	ASSERT_TRUE(clean_up_captures(m_dir.path().string()));
	EXPECT_EQ(names(), (std::set<std::string>{"golden.img", "golden.torrent"}));
	EXPECT_EQ(test::read_file(m_dir / "golden.torrent"), "its own");
}

TEST_F(captured, a_folder_that_is_missing_is_an_error)
{
	EXPECT_FALSE(clean_up_captures(m_dir / "images"));
}

} // namespace rawswarm
