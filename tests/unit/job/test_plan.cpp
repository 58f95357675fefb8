// SPDX-License-Identifier: BSD-3-Clause
#include "agent/bittorrent/torrent_load.hpp"
#include "agent/job/plan.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/base/value_of.hpp"
#include "tests/support/device/loop_device.hpp"
#include "tests/support/torrent/torrent_maker.hpp"

#include <gtest/gtest.h>
#include <libtorrent/bdecode.hpp>
#include <libtorrent/bencode.hpp>
#include <libtorrent/entry.hpp>
#include <libtorrent/torrent_info.hpp>

#include <filesystem>
#include <iterator>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace rawswarm
{
namespace
{

using test::torrent_file;
using test::value_of;

constexpr std::uint64_t end_of_extents = 0x3000 + 300;

// With a gap before the first and one between the second and the third.
std::vector<torrent_file> three_extents()
{
	return {{0x1000, std::string(0x800, 'a')}, {0x1800, std::string(0x800, 'b')},
		{0x3000, std::string(300, 'c')}};
}

std::string torrent_of(std::vector<torrent_file> files)
{
	return test::make_torrent(std::move(files)).bytes;
}

// The torrent with info.rawswarm added.
std::string with_hints(std::string const& torrent, torrent_hints const& hints)
{
	lt::error_code ec;
	lt::entry changed(lt::bdecode(torrent, ec));
	changed["info"][hints_key] = write_hints(hints);
	std::string bytes;
	lt::bencode(std::back_inserter(bytes), changed);
	return bytes;
}

std::vector<std::pair<std::uint64_t, std::uint64_t>> gaps_of(planned_target const& target)
{
	std::vector<std::pair<std::uint64_t, std::uint64_t>> gaps;
	for (auto const& gap : zero_gaps(target))
	{
		gaps.emplace_back(gap.offset.bytes, gap.length);
	}
	return gaps;
}

class plan_test : public ::testing::Test
{
protected:
	std::string path(std::string_view name) const { return m_dir / name; }

	manifest_target wanted(
		std::string_view torrent, std::string_view device, target_role role = target_role::image) const
	{
		manifest_target target;
		target.torrent = location::of_path(path(torrent));
		target.device = path(device);
		target.role = role;
		target.create_file = true;
		return target;
	}

	void write_torrent(std::string_view name, std::string const& bytes) const
	{
		test::write_file(path(name), bytes);
	}

	// The content of every file by its path.
	std::map<std::string, std::string> everything() const
	{
		std::map<std::string, std::string> found;
		for (auto const& entry : std::filesystem::recursive_directory_iterator(m_dir.path()))
		{
			found[entry.path()] = entry.is_regular_file() ? test::read_file(entry.path()) : "";
		}
		return found;
	}

	static error fault_of(std::vector<manifest_target> targets)
	{
		manifest job;
		job.targets = std::move(targets);
		auto const plan = make_plan(job);
		return plan ? error{fault::internal, {}, "planned"} : plan.error();
	}

	planned_target plan_with_hints(torrent_hints const& hints, manifest_target const& target) const
	{
		write_torrent("hints.torrent", with_hints(torrent_of(three_extents()), hints));
		return value_of(plan_target(target));
	}

private:
	test::temp_dir m_dir;
};

} // namespace

TEST_F(plan_test, a_plan_has_what_the_torrent_says)
{
	auto const torrent = test::make_torrent(three_extents());
	write_torrent("a.torrent", torrent.bytes);
	manifest job;
	job.targets = {wanted("a.torrent", "disk.img")};
	auto const plan = value_of(make_plan(job)).targets;
	ASSERT_EQ(plan.size(), 1U);
	EXPECT_EQ(plan[0].spec.device, path("disk.img"));
	EXPECT_EQ(plan[0].info_hash, torrent.info_hash);
	EXPECT_EQ(plan[0].torrent->num_pieces(), 1);
	EXPECT_EQ(plan[0].extents.extents().size(), 3U);
	EXPECT_EQ(plan[0].extents.end().bytes, end_of_extents);
	EXPECT_TRUE(plan[0].hints.zero_ranges.empty());
}

TEST_F(plan_test, planning_creates_and_writes_nothing)
{
	write_torrent("new.torrent", with_hints(torrent_of(three_extents()), {0x10000, {{{0}, 0x10000}}}));
	write_torrent("old.torrent", torrent_of({{0, "other"}}));
	write_torrent("seed.torrent", torrent_of({{0, "source"}}));
	write_torrent("folder.torrent", torrent_of({{0, "folder"}}));
	test::write_file(path("old.img"), "too short, and to be kept");
	test::write_file(path("source.img"), "source");
	std::filesystem::create_directory(path("folder"));
	auto const before = everything();
	manifest job;
	job.targets = {wanted("new.torrent", "new.img"), wanted("old.torrent", "old.img"),
		wanted("seed.torrent", "source.img", target_role::seed), wanted("folder.torrent", "folder")};
	EXPECT_EQ(value_of(make_plan(job)).targets.size(), 4U);
	EXPECT_EQ(everything(), before);
}

TEST_F(plan_test, a_torrent_that_is_not_the_pinned_one_is_refused_and_both_hashes_are_named)
{
	auto const torrent = test::make_torrent(three_extents());
	write_torrent("a.torrent", torrent.bytes);
	auto target = wanted("a.torrent", "disk.img");
	target.info_hash = torrent.info_hash;
	EXPECT_EQ(fault_of({target}).text, "planned");
	target.info_hash = std::string(40, '7');
	auto const refusal = fault_of({target});
	EXPECT_EQ(refusal.kind, fault::refused);
	EXPECT_EQ(refusal.text,
		"reading " + path("a.torrent") + ": its info-hash is " + torrent.info_hash + ", the job wants "
			+ target.info_hash);
}

TEST_F(plan_test, a_torrent_whose_extents_will_not_do_is_refused_by_name)
{
	write_torrent("overlap.torrent", torrent_of({{0x1000, "aaaa"}, {0x1003, "b"}}));
	write_torrent("name.torrent", torrent_of({{0, "aaaa", "readme.txt"}}));
	write_torrent("hint.torrent",
		with_hints(torrent_of(three_extents()), {end_of_extents - 1, {{{0}, end_of_extents - 1}}}));
	for (auto const* const name : {"overlap.torrent", "name.torrent"})
	{
		auto const refusal = fault_of({wanted(name, "disk.img")});
		EXPECT_EQ(refusal.kind, fault::refused) << refusal.text;
		EXPECT_NE(refusal.text.find(path(name)), std::string::npos) << refusal.text;
	}
	EXPECT_EQ(fault_of({wanted("hint.torrent", "disk.img")}).kind, fault::refused);
}

TEST_F(plan_test, a_torrent_that_can_never_be_complete_is_refused_by_name)
{
	constexpr std::size_t piece = 16 * 1024;
	std::vector<test::torrent_file> files(2);
	files[0] = {.offset = 0, .bytes = std::string(piece, 'a')};
	files[1] = {
		.bytes = std::string(piece, 'x'), .name = ".pad/0", .pad = true}; // and its hash is not of zeros
	write_torrent("pad.torrent", test::make_torrent(files, {.piece_size = piece}).bytes);
	auto const refusal = fault_of({wanted("pad.torrent", "disk.img")});
	EXPECT_EQ(refusal.kind, fault::refused) << refusal.text;
	EXPECT_NE(refusal.text.find("piece 1 is padding"), std::string::npos) << refusal.text;
	EXPECT_NE(refusal.text.find(path("pad.torrent")), std::string::npos) << refusal.text;
}

TEST_F(plan_test, a_torrent_that_is_missing_or_none_is_refused_by_name)
{
	write_torrent("none.torrent", "<html>");
	for (auto const* const name : {"missing.torrent", "none.torrent"})
	{
		auto const refusal = fault_of({wanted(name, "disk.img")});
		EXPECT_EQ(refusal.kind, fault::refused);
		EXPECT_NE(refusal.text.find(path(name)), std::string::npos) << refusal.text;
	}
}

TEST_F(plan_test, the_source_of_a_seed_must_be_there_and_large_enough)
{
	write_torrent("a.torrent", torrent_of(three_extents()));
	test::write_sparse_file(path("small.img"), end_of_extents - 1);
	test::write_sparse_file(path("exact.img"), end_of_extents);
	auto const small = fault_of({wanted("a.torrent", "small.img", target_role::seed)});
	EXPECT_EQ(small.kind, fault::target);
	EXPECT_EQ(small.text, "opening " + path("small.img") + ": it has 12587 bytes, the torrent needs 12588");
	auto const missing = fault_of({wanted("a.torrent", "missing.img", target_role::seed)});
	EXPECT_EQ(missing.kind, fault::target);
	EXPECT_NE(missing.text.find(path("missing.img")), std::string::npos) << missing.text;
	EXPECT_EQ(fault_of({wanted("a.torrent", "exact.img", target_role::seed)}).text, "planned");
}

TEST_F(plan_test, an_image_whose_folder_is_missing_is_a_fault_of_the_target)
{
	write_torrent("a.torrent", torrent_of(three_extents()));
	auto const refusal = fault_of({wanted("a.torrent", "nowhere/disk.img")});
	EXPECT_EQ(refusal.kind, fault::target);
	EXPECT_NE(refusal.text.find(path("nowhere/disk.img")), std::string::npos) << refusal.text;
}

TEST_F(plan_test, targets_of_one_torrent_are_refused_if_one_of_them_serves_it)
{
	write_torrent("a.torrent", torrent_of(three_extents()));
	write_torrent("copy.torrent", torrent_of(three_extents()));
	write_torrent("b.torrent", torrent_of({{0, "other"}}));
	test::write_sparse_file(path("source.img"), end_of_extents);
	EXPECT_EQ(fault_of({wanted("a.torrent", "a.img"), wanted("b.torrent", "b.img"),
						   wanted("copy.torrent", "c.img")})
				  .text,
		"planned");
	auto const refusal = fault_of({wanted("a.torrent", "source.img", target_role::seed),
		wanted("b.torrent", "b.img"), wanted("copy.torrent", "c.img")});
	EXPECT_EQ(refusal.kind, fault::refused);
	EXPECT_EQ(refusal.text,
		"planning " + path("c.img") + ": " + path("source.img") + " has the same torrent ("
			+ path("copy.torrent") + "), and targets that share one must all have the role image");
}

TEST_F(plan_test, the_first_fault_ends_the_plan)
{
	write_torrent("b.torrent", torrent_of({{0, "other"}}));
	auto const refusal = fault_of(
		{wanted("first.torrent", "a.img"), wanted("b.torrent", "b.img"), wanted("last.torrent", "c.img")});
	EXPECT_NE(refusal.text.find(path("first.torrent")), std::string::npos) << refusal.text;
}

TEST_F(plan_test, gaps_lie_before_between_and_after_the_extents)
{
	auto const target = plan_with_hints({0x10000, {{{0}, 0x10000}}}, wanted("hints.torrent", "disk.img"));
	EXPECT_EQ(gaps_of(target),
		(std::vector<std::pair<std::uint64_t, std::uint64_t>>{
			{0, 0x1000}, {0x2000, 0x1000}, {end_of_extents, 0x10000 - end_of_extents}}));
}

TEST_F(plan_test, nothing_lies_after_extents_that_end_with_the_source)
{
	auto const target =
		plan_with_hints({end_of_extents, {{{0}, end_of_extents}}}, wanted("hints.torrent", "disk.img"));
	EXPECT_EQ(gaps_of(target),
		(std::vector<std::pair<std::uint64_t, std::uint64_t>>{{0, 0x1000}, {0x2000, 0x1000}}));
}

TEST_F(plan_test, extents_without_gaps_leave_nothing_to_zero)
{
	write_torrent("a.torrent", with_hints(torrent_of({{0, "aaaa"}, {4, "bbbb"}}), {8, {{{0}, 8}}}));
	EXPECT_TRUE(gaps_of(value_of(plan_target(wanted("a.torrent", "disk.img")))).empty());
}

TEST_F(plan_test, without_the_hint_no_gap_is_zeroed)
{
	EXPECT_TRUE(gaps_of(plan_with_hints({0x10000}, wanted("hints.torrent", "disk.img"))).empty());
	write_torrent("a.torrent", torrent_of(three_extents()));
	EXPECT_TRUE(gaps_of(value_of(plan_target(wanted("a.torrent", "disk.img")))).empty());
}

TEST_F(plan_test, no_gap_of_a_seed_or_a_folder_is_zeroed)
{
	test::write_sparse_file(path("source.img"), 0x10000);
	std::filesystem::create_directory(path("folder"));
	auto const seed = wanted("hints.torrent", "source.img", target_role::seed);
	EXPECT_TRUE(gaps_of(plan_with_hints({0x10000, {{{0}, 0x10000}}}, seed)).empty());
	EXPECT_TRUE(
		gaps_of(plan_with_hints({0x10000, {{{0}, 0x10000}}}, wanted("hints.torrent", "folder"))).empty());
}

TEST_F(plan_test, an_image_file_has_room_for_the_zeros_at_its_end)
{
	auto const target = plan_with_hints({0x10000, {{{0}, 0x10000}}}, wanted("hints.torrent", "disk.img"));
	auto const image = value_of(open_planned(target));
	EXPECT_EQ(image->size(), 0x10000U);
	for (auto const& gap : zero_gaps(target))
	{
		auto const zeroed = image->zero(gap.offset, gap.length);
		EXPECT_TRUE(zeroed) << zeroed.error().text;
	}
	EXPECT_EQ(test::read_file(path("disk.img")), std::string(0x10000, '\0'));
}

TEST_F(plan_test, a_device_smaller_than_the_source_is_refused_whatever_has_extents)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	test::loop_device const loop(0x4000);
	auto target = wanted("a.torrent", "");
	target.device = loop.path();
	write_torrent("a.torrent", with_hints(torrent_of(three_extents()), {0x4000, {{{0}, 0x4000}}}));
	EXPECT_EQ(fault_of({target}).text, "planned");
	write_torrent("a.torrent", with_hints(torrent_of(three_extents()), {0x4001, {{{0}, 0x4001}}}));
	auto const refusal = fault_of({target});
	EXPECT_EQ(refusal.kind, fault::target);
	EXPECT_NE(refusal.text.find(loop.path()), std::string::npos) << refusal.text;
	write_torrent("a.torrent", with_hints(torrent_of(three_extents()), {0x4001}));
	EXPECT_EQ(fault_of({target}).kind, fault::target);
}

TEST_F(plan_test, a_smaller_disk_is_taken_only_if_what_lies_behind_its_end_can_be_kept_in_memory)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	constexpr std::uint64_t mib = 1024 * 1024;
	test::loop_device const loop(mib);
	auto target = wanted("a.torrent", "");
	target.device = loop.path();
	target.if_smaller = smaller_disk::shrink;
	for (std::uint64_t const behind : {std::uint64_t(512), mib, mib + 512})
	{
		auto const size = mib + behind;
		torrent_hints hints{size, {{{0}, size}}};
		hints.smallest = mib;
		write_torrent("a.torrent",
			with_hints(torrent_of({{0, "start"}, {mib - 512, std::string(512 + behind, 'e')}}), hints));
		EXPECT_EQ(fault_of({target}).kind == fault::target, behind > mib) << behind;
		if (behind <= mib)
		{
			auto const plan = value_of(plan_target(target));
			EXPECT_EQ(plan.shrinks_to, mib);
			EXPECT_EQ(plan.hints.zero_ranges, (std::vector<byte_range>{{{0}, mib}}));
			EXPECT_EQ(value_of(open_planned(plan))->size(), mib);
		}
	}
}

// A file system that is cut off behind its last block in use is none.
TEST_F(plan_test, an_image_file_is_as_long_as_its_source_whatever_its_gaps_hold)
{
	auto const target = plan_with_hints({0x10000}, wanted("hints.torrent", "disk.img"));
	EXPECT_EQ(value_of(open_planned(target))->size(), 0x10000U);
}

TEST_F(plan_test, a_folder_gets_a_file_an_extent_whatever_lies_between_them)
{
	std::filesystem::create_directory(path("folder"));
	auto const target = plan_with_hints({0x10000, {{{0}, 0x10000}}}, wanted("hints.torrent", "folder"));
	auto const folder = value_of(open_planned(target));
	EXPECT_EQ(std::filesystem::file_size(path("folder/0x00001000")), 0x800U);
	EXPECT_EQ(std::filesystem::file_size(path("folder/0x00003000")), 300U);
}

TEST_F(plan_test, the_source_of_a_seed_is_opened_for_reading)
{
	write_torrent("a.torrent", torrent_of({{0, "source"}}));
	test::write_file(path("source.img"), "source");
	auto const target = value_of(plan_target(wanted("a.torrent", "source.img", target_role::seed)));
	std::string bytes = "nothin";
	iovec const buffer{bytes.data(), bytes.size()};
	auto const source = value_of(open_planned(target));
	EXPECT_FALSE(source->write({}, {&buffer, 1}));
	EXPECT_EQ(test::read_file(path("source.img")), "source");
}

} // namespace rawswarm
