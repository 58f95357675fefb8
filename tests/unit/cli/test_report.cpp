// SPDX-License-Identifier: BSD-3-Clause
#include "agent/bittorrent/torrent_load.hpp"
#include "agent/cli/report.hpp"
#include "agent/progress/report_json.hpp"
#include "tests/support/base/value_of.hpp"
#include "tests/support/torrent/torrent_maker.hpp"

#include <gtest/gtest.h>
#include <libtorrent/torrent_info.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace rawswarm
{
namespace
{

using nlohmann::json;
using test::value_of;

constexpr char const* invalid_utf8 = "/dev/\xff\xc3(\x80";

planned_target planned(target_role role, torrent_hints const& hints)
{
	auto const made = test::make_torrent({{0x1000, std::string(0x1000, 'a')}, {0x3000, "bbb"}});
	auto torrent = value_of(load_torrent(made.bytes, "a.torrent"));
	auto extents = value_of(extent_map::build(torrent->files()));
	manifest_target wanted;
	wanted.torrent = location::of_path("a.torrent");
	wanted.device = "/dev/sda1";
	wanted.role = role;
	return {wanted, made.info_hash, torrent, extents, hints, {}};
}

progress one_target(std::string const& device)
{
	progress p;
	p.state = job_state::done;
	p.uptime = std::chrono::milliseconds(41'200);
	auto& t = p.targets.emplace_back();
	t.device = device;
	t.info_hash = std::string(40, '9');
	t.state = job_state::done;
	t.total = 4;
	t.done = 3;
	t.written = 2;
	t.synced = 1;
	t.fetched = 7;
	t.uploaded = 9;
	t.wire_fetched = 5;
	t.wire_uploaded = 3;
	t.ratio = 2;
	t.steps = {{"gaps", std::chrono::milliseconds(3)}};
	p.phases = {{job_state::planning, std::chrono::milliseconds(20)}};
	p.limit = limit_verdict{job_limit::network, "the network: a steady stream"};
	t.phases = {{job_state::downloading, std::chrono::seconds(2)},
		{job_state::flushing, std::chrono::milliseconds(10)}};
	return p;
}

// Expects one line of ASCII, whatever bytes the names have.
json parsed(std::string const& line)
{
	EXPECT_TRUE(std::ranges::all_of(line, [](char c) { return c >= ' ' && c < 0x7f; })) << line;
	return json::parse(line);
}

job_plan plan_of(planned_target target)
{
	job_plan plan;
	plan.targets.push_back(std::move(target));
	return plan;
}

} // namespace

TEST(report, a_finished_job_is_json_with_a_version)
{
	auto const expected = json::parse(R"({"version": 1, "state": "done", "exit_code": 0, "elapsed_ms": 41200,
		"partition_tables": [], "targets": [{"device": "/dev/sda1", "info_hash": "9999999999999999999999999999999999999999",
			"state": "done", "total": 4, "done": 3, "written": 2, "synced": 1, "fetched": 7, "uploaded": 9,
			"wire_fetched": 5, "wire_uploaded": 3, "ratio": 2.0,
			"phases": [{"state": "downloading", "elapsed_ms": 2000, "bytes_per_second": 3},
				{"state": "flushing", "elapsed_ms": 10}],
			"steps": [{"step": "gaps", "elapsed_ms": 3}]}],
		"phases": [{"state": "planning", "elapsed_ms": 20}],
		"limit": {"by": "network", "text": "the network: a steady stream"}})");
	auto report = parsed(report_as_json(one_target("/dev/sda1"), 0));
	EXPECT_EQ(report.erase("storage"), 1U);
	EXPECT_EQ(report, expected);
}

TEST(report, volumes_are_in_it_if_the_job_has_any)
{
	auto p = one_target("/dev/sda");
	EXPECT_FALSE(parsed(report_as_json(p, 0)).contains("volumes"));
	p.volumes = {{"/dev/sda2", "http://h/seed.img", std::string(64, '9'), 4096, true}};
	EXPECT_EQ(parsed(report_as_json(p, 0))["volumes"],
		json::parse(R"([{"device": "/dev/sda2", "url": "http://h/seed.img",
			"sha256": "9999999999999999999999999999999999999999999999999999999999999999", "bytes": 4096,
			"written": true}])"));
}

TEST(report, every_counter_of_storage_is_in_it)
{
	auto p = one_target("/dev/sda1");
	p.storage = {.pool = 0.75,
		.cache_hit = 0.5,
		.blocks_per_write = 58.25,
		.dirty = 0.125,
		.writing = 0.25,
		.clean = 0.375,
		.handed_out = 0.0625,
		.p50_ms = 1.5,
		.p99_ms = 40.00049,
		.peers_stopped = 1,
		.stopped_ms = 2,
		.blocks_written = 3,
		.write_calls = 4,
		.sequential_writes = 41,
		.random_writes = 42,
		.written_through = 5,
		.blocks_read = 6,
		.read_calls = 7,
		.read_ahead = 8,
		.hashed = 9,
		.packed = 21,
		.unpacked = 22,
		.sealed = 34,
		.stored_frames = 23,
		.read_back = 10,
		.flushes = {11, 12, 13, 14, 15},
		.calls = {51, 52, 53, 54, 55, 56, 57},
		.pool_blocks = 31,
		.packing_ms = 32,
		.unpacking_ms = 33};
	auto const expected = json::parse(R"({"pool": 0.75, "dirty": 0.125, "writing": 0.25, "clean": 0.375,
		"handed_out": 0.063, "cache_hit": 0.5, "blocks_per_write": 58.25, "p50_ms": 1.5, "p99_ms": 40.0,
		"peers_stopped": 1, "stopped_ms": 2, "blocks_written": 3, "write_calls": 4, "sequential_writes": 41, "random_writes": 42, "written_through": 5,
		"blocks_read": 6, "read_calls": 7, "read_ahead": 8, "hashed": 9, "sealed": 34, "packed": 21, "unpacked": 22,
		"stored_frames": 23, "read_back": 10, "pool_blocks": 31, "packing_ms": 32, "unpacking_ms": 33,
		"flushes": {"full_run": 11, "piece_complete": 12, "age": 13, "memory": 14, "stop": 15},
		"calls": {"preadv": 51, "pwritev": 52, "fsync": 53, "syncfs": 54, "fallocate": 55, "blkzeroout": 56,
			"fadvise": 57}})");
	EXPECT_EQ(parsed(report_as_json(p, 0))["storage"], expected);
}

TEST(report, errors_of_the_job_and_of_a_target_are_in_it)
{
	auto failed = one_target("/dev/sda1");
	failed.state = failed.targets[0].state = job_state::failed;
	failed.targets[0].error = "writing /dev/sda1 at 0x1000: Input/output error";
	failed.error = {5, failed.targets[0].error};
	auto const report = parsed(report_as_json(failed, 5));
	EXPECT_EQ(report["exit_code"], 5);
	EXPECT_EQ(report["state"], "failed");
	EXPECT_EQ(report["targets"][0]["error"], failed.targets[0].error);
	EXPECT_EQ(report["error"], (json{{"code", 5}, {"text", failed.targets[0].error}}));
}

TEST(report, a_job_that_never_had_targets_has_an_empty_list)
{
	auto const report = parsed(report_as_json({}, 3));
	EXPECT_EQ(report["version"], 1);
	EXPECT_EQ(report["targets"], json::array());
	for (auto const* const key : {"error", "phases", "limit"})
	{
		EXPECT_FALSE(report.contains(key)) << key;
	}
}

TEST(report, names_and_errors_that_are_no_utf8_do_not_throw)
{
	auto failed = one_target(invalid_utf8);
	failed.targets[0].error = std::string("opening ") + invalid_utf8 + "\n\x1b[31m";
	failed.error = {4, failed.targets[0].error};
	auto const report = parsed(report_as_json(failed, 4));
	EXPECT_TRUE(report["targets"][0]["device"].get<std::string>().starts_with("/dev/\xef\xbf\xbd"));

	auto target = planned(target_role::image, {});
	target.spec.device = invalid_utf8;
	target.spec.torrent = location::of_path(invalid_utf8);
	manifest job;
	job.name = invalid_utf8;
	EXPECT_EQ(parsed(plan_as_json(job, plan_of(target)))["version"], 1);

	create_options options;
	options.output = invalid_utf8;
	EXPECT_EQ(parsed(summary_as_json(options, {}))["version"], 1);
}

TEST(report, a_plan_is_json_with_a_version)
{
	manifest job;
	job.name = "lab-3";
	auto const target = planned(target_role::image, {0x4000, {{{0}, 0x4000}}});
	auto const plan = parsed(plan_as_json(job, plan_of(target)));
	EXPECT_EQ(plan["version"], 1);
	EXPECT_EQ(plan["name"], "lab-3");
	ASSERT_EQ(plan["targets"].size(), 1U);
	EXPECT_EQ(plan["targets"][0],
		(json{{"device", "/dev/sda1"}, {"role", "image"}, {"torrent", "a.torrent"},
			{"info_hash", target.info_hash}, {"bytes", 0x1003}, {"extents", 2}, {"end", 0x3003},
			{"zeroed", 0x4000 - 0x1003}, {"pieces", 1}, {"piece_size", 1024 * 1024}}));
}

TEST(report, a_seed_zeroes_nothing_and_says_so)
{
	auto const target = planned(target_role::seed, {0x4000, {{{0}, 0x4000}}});
	auto const plan = parsed(plan_as_json({}, plan_of(target)));
	EXPECT_EQ(plan["targets"][0]["role"], "seed");
	EXPECT_EQ(plan["targets"][0]["zeroed"], 0);
	auto const text = plan_as_text({}, plan_of(target));
	EXPECT_TRUE(text.starts_with("seed a.torrent from /dev/sda1: ")) << text;
	EXPECT_EQ(text.find("zero"), std::string::npos) << text;
}

TEST(report, a_plan_in_words_names_the_device_and_what_is_zeroed)
{
	auto const lines = [](std::string const& text) { return std::ranges::count(text, '\n'); };
	auto const zeroed = plan_as_text({}, plan_of(planned(target_role::image, {0x4000, {{{0}, 0x4000}}})));
	EXPECT_TRUE(zeroed.starts_with("image a.torrent onto /dev/sda1: ")) << zeroed;
	EXPECT_EQ(lines(zeroed), 2);
	EXPECT_TRUE(zeroed.ends_with(" up to byte 16384\n")) << zeroed;
	EXPECT_EQ(lines(plan_as_text({}, plan_of(planned(target_role::image, {})))), 1);
	EXPECT_EQ(plan_as_text({}, {}), "");
	manifest job;
	job.after = {{{"enrol", "now"}}};
	EXPECT_EQ(plan_as_text(job, {}), "then run enrol now\n");
}

TEST(report, what_was_created_is_json_with_a_version)
{
	create_options options;
	options.output = "sda1.torrent";
	create_summary made{std::string(40, '9'), 100'000, 3, 70'000, 16'384, 5, {}, 0};
	auto const expected = json::parse(R"({"version": 1, "torrent": "sda1.torrent",
		"info_hash": "9999999999999999999999999999999999999999", "source_size": 100000, "bytes": 70000,
		"extents": 3, "pieces": 5, "piece_size": 16384})");
	EXPECT_EQ(parsed(summary_as_json(options, made)), expected);
	auto const text = summary_as_text(options, made);
	EXPECT_TRUE(text.starts_with("sda1.torrent: ")) << text;
	EXPECT_TRUE(text.ends_with(std::string(40, '9') + "\n")) << text;

	made.compressed_image = "sda1.zst";
	made.compressed_bytes = 35'000;
	EXPECT_EQ(parsed(summary_as_json(options, made)).at("image"), "sda1.zst");
	EXPECT_EQ(parsed(summary_as_json(options, made)).at("image_size"), 35'000);
	EXPECT_TRUE(summary_as_text(options, made).ends_with("sda1.zst: 34.2 KiB, 2.00 times smaller\n"));
}

} // namespace rawswarm
