// SPDX-License-Identifier: BSD-3-Clause
#include "agent/manifest/overrides.hpp"
#include "tests/support/base/value_of.hpp"

#include <gtest/gtest.h>

namespace
{

using namespace rawswarm;
using rawswarm::test::value_of;

manifest job_with_targets(std::size_t count)
{
	manifest m;
	m.name = "lab";
	m.swarm.peers = {{"10.0.0.9", 1}};
	m.seed_until.ratio = 2;
	for (std::size_t i = 0; i < count; ++i)
	{
		m.targets.push_back({.torrent = location::of_path("a.torrent"),
			.info_hash = std::string(40, 'a'),
			.device = fmt::format("/dev/sd{}", i),
			.role = {},
			.existing = {}});
	}
	return m;
}

job_flags one_target()
{
	job_flags flags;
	flags.torrent = "http://h/x.torrent";
	flags.device = "/dev/vda";
	return flags;
}

manifest applied(job_flags const& flags, manifest m)
{
	auto const done = apply(value_of(parse_overrides(flags)), m);
	EXPECT_TRUE(done) << done.error().text;
	return m;
}

std::string refusal(job_flags const& flags, manifest m = {})
{
	auto const parsed = parse_overrides(flags);
	auto const done = parsed ? apply(parsed.value(), m) : result<void>(parsed.error());
	if (done)
	{
		return "accepted";
	}
	EXPECT_EQ(done.error().kind, fault::usage);
	return done.error().text;
}

TEST(overrides, a_job_that_captures_has_no_target_to_change)
{
	manifest m;
	m.capture = manifest_capture{.device = "/dev/sda", .selector = {}, .to = {}, .name = "golden"};
	job_flags flags;
	flags.device = "/dev/vda";
	EXPECT_EQ(refusal(flags, m), "--device: the job captures, and has no target");
	flags = {};
	flags.verify = "readback";
	EXPECT_EQ(refusal(flags, m), "--verify: the job captures, and has no target");
	flags = {};
	flags.name = "other";
	flags.on_success = "reboot";
	auto const changed = applied(flags, m);
	EXPECT_EQ(changed.name, "other");
	EXPECT_EQ(changed.on_success, end_action::reboot);
	EXPECT_TRUE(changed.targets.empty());
}

TEST(overrides, flags_alone_make_a_job)
{
	auto const m = applied(one_target(), {});
	ASSERT_EQ(m.targets.size(), 1U);
	EXPECT_EQ(m.targets[0].torrent, location(value_of(parse_url("http://h/x.torrent"))));
	EXPECT_EQ(m.targets[0].device, "/dev/vda");
	EXPECT_EQ(m.targets[0].role, target_role::image);
	EXPECT_EQ(m.seed_until.idle, manifest().seed_until.idle);
	EXPECT_FALSE(m.seed_until.forever);
}

TEST(overrides, flags_alone_need_torrent_and_device)
{
	EXPECT_EQ(refusal({}), "--torrent: needed, with --device, when there is no job");
	auto flags = one_target();
	flags.device.reset();
	EXPECT_EQ(refusal(flags), "--device: needed, with --torrent, when there is no job");
}

TEST(overrides, no_flags_leave_a_job_as_it_is)
{
	auto const m = applied({}, job_with_targets(2));
	EXPECT_EQ(m.name, "lab");
	EXPECT_EQ(m.swarm.peers, (std::vector<host_port>{{"10.0.0.9", 1}}));
	EXPECT_TRUE(m.swarm.lsd);
	EXPECT_EQ(m.targets[1].device, "/dev/sd1");
}

TEST(overrides, flags_go_before_the_values_of_a_job)
{
	job_flags flags;
	flags.name = "mine";
	flags.role = "seed";
	flags.existing = "verify";
	flags.peers = {"10.0.0.1:6881", "seed:6881"};
	flags.trackers = {"HTTP://t/announce"};
	flags.listen = {"[::]:0", "0.0.0.0:0"};
	flags.no_lsd = true;
	flags.beacons = {"239.255.77.1:7700"};
	flags.on_success = "continue";
	flags.on_failure = "continue";
	flags.verify = "none";
	auto const m = applied(flags, job_with_targets(2));
	EXPECT_EQ(m.name, "mine");
	EXPECT_EQ(m.targets[0].role, target_role::seed);
	EXPECT_EQ(m.targets[1].role, target_role::seed);
	EXPECT_EQ(m.targets[1].existing, existing_data::verify);
	EXPECT_EQ(m.swarm.peers, (std::vector<host_port>{{"10.0.0.1", 6881}, {"seed", 6881}}));
	EXPECT_EQ(m.swarm.trackers.at(0).text(), "http://t/announce");
	EXPECT_EQ(to_string(m.swarm.listen), "[::]:0,0.0.0.0:0");
	EXPECT_FALSE(m.swarm.lsd);
	EXPECT_EQ(to_string(m.beacon.to.at(0)), "239.255.77.1:7700");
	EXPECT_EQ(m.on_failure, end_action::proceed);
}

TEST(overrides, torrent_and_device_override_those_of_a_single_target)
{
	job_flags device;
	device.device = "/dev/vdb";
	auto const m = applied(device, job_with_targets(1));
	EXPECT_EQ(m.targets[0].device, "/dev/vdb");
	EXPECT_EQ(m.targets[0].torrent, location::of_path("a.torrent"));

	auto const both = applied(one_target(), job_with_targets(1));
	ASSERT_EQ(both.targets.size(), 1U);
	EXPECT_EQ(both.targets[0].torrent, location(value_of(parse_url("http://h/x.torrent"))));
	EXPECT_EQ(both.targets[0].info_hash, std::string(40, 'a'));
}

TEST(overrides, a_device_that_begins_with_a_brace_is_a_selector_as_in_a_job)
{
	job_flags flags;
	flags.device = R"({"serial":"S4EVNX0","partition":1})";
	auto const m = applied(flags, job_with_targets(1));
	ASSERT_TRUE(m.targets[0].selector);
	EXPECT_EQ(m.targets[0].selector->serial, "S4EVNX0");
	EXPECT_EQ(m.targets[0].selector->partition, 1);
	EXPECT_EQ(m.targets[0].device, "serial S4EVNX0, partition 1");
	flags.device = R"({"path":"/dev/vdb"})";
	auto const by_path = applied(flags, job_with_targets(1));
	EXPECT_FALSE(by_path.targets[0].selector);
	EXPECT_EQ(by_path.targets[0].device, "/dev/vdb");
	for (auto const* const text : {R"({"serial":1})", R"({"serie":"1"})", "{", "{}", R"({"choose":"first"})"})
	{
		flags.device = text;
		EXPECT_TRUE(refusal(flags, job_with_targets(1)).starts_with("--device")) << text;
	}
}

TEST(overrides, files_are_made_where_the_job_or_the_flag_says_so)
{
	job_flags flags;
	auto job = job_with_targets(2);
	job.targets[1].create_file = true;
	auto const as_the_job_says = applied(flags, job);
	EXPECT_FALSE(as_the_job_says.targets[0].create_file);
	EXPECT_TRUE(as_the_job_says.targets[1].create_file);
	flags.create_file = true;
	EXPECT_TRUE(applied(flags, job).targets[0].create_file);
}

TEST(overrides, torrent_and_device_are_refused_for_a_job_of_several_targets)
{
	EXPECT_EQ(refusal(one_target(), job_with_targets(3)), "--torrent: of which target? The job has 3");
	job_flags device;
	device.device = "/dev/vdb";
	EXPECT_EQ(refusal(device, job_with_targets(2)), "--device: of which target? The job has 2");
}

TEST(overrides, seed_by_flags_alone_serves_until_stopped)
{
	auto flags = one_target();
	flags.role = "seed";
	auto const m = applied(flags, {});
	EXPECT_TRUE(m.seed_until.forever);
	EXPECT_EQ(m.seed_until.idle, std::chrono::seconds(0));
	EXPECT_EQ(m.seed_until.total, std::chrono::seconds(0));
	EXPECT_EQ(m.seed_until.ratio, 0);
}

TEST(overrides, seed_in_a_job_serves_as_the_job_says)
{
	job_flags flags;
	flags.role = "seed";
	auto const m = applied(flags, job_with_targets(1));
	EXPECT_FALSE(m.seed_until.forever);
	EXPECT_EQ(m.seed_until.idle, std::chrono::seconds(15));
}

TEST(overrides, seed_seconds_set_the_time_and_end_the_idle_limit)
{
	auto flags = one_target();
	flags.role = "seed";
	flags.seed_seconds = 90;
	auto const alone = applied(flags, {});
	EXPECT_EQ(alone.seed_until.total, std::chrono::seconds(90));
	EXPECT_EQ(alone.seed_until.idle, std::chrono::seconds(0));
	EXPECT_FALSE(alone.seed_until.forever);

	auto const in_job = applied(flags, job_with_targets(1));
	EXPECT_EQ(in_job.seed_until.total, std::chrono::seconds(90));
	EXPECT_EQ(in_job.seed_until.ratio, 2);

	flags.seed_seconds = -1;
	EXPECT_EQ(refusal(flags), "--seed-seconds: must be from 0 to 31536000");
}

TEST(overrides, memory_takes_bytes_units_and_auto)
{
	auto const memory = [](std::string const& text) {
		auto flags = one_target();
		flags.memory = text;
		manifest m;
		m.storage.memory = 1;
		return applied(flags, m).storage.memory;
	};
	EXPECT_EQ(memory("4194304"), 4194304);
	EXPECT_EQ(memory("8192K"), 8192 << 10);
	EXPECT_EQ(memory("256M"), 256 << 20);
	EXPECT_EQ(memory("256m"), 256 << 20);
	EXPECT_EQ(memory("256 MiB"), 256 << 20);
	EXPECT_EQ(memory("1T"), std::int64_t(1) << 40);
	EXPECT_EQ(memory("2G"), std::int64_t(2) << 30);
	EXPECT_EQ(memory("auto"), std::nullopt);
}

TEST(overrides, memory_that_is_no_size_or_out_of_range_is_refused)
{
	auto const refused = [](std::string const& text) {
		auto flags = one_target();
		flags.memory = text;
		return refusal(flags);
	};
	for (auto const* const text :
		{"", "M", "1.5G", "256MB", "-1", "+1", " 1", "0x400000", "17179869184G", "99999999999999999999999"})
	{
		EXPECT_EQ(refused(text),
			fmt::format("--memory: must be \"auto\" or bytes, such as 256M, not \"{}\"", text));
	}
	for (auto const* const text : {"0", "1M", "4194303", "2048G", "2T"})
	{
		EXPECT_EQ(refused(text), "--memory: must be from 4194304 to 1099511627776") << text;
	}
}

TEST(overrides, values_are_checked_as_those_of_a_manifest)
{
	auto const refused = [](auto const& change) {
		auto flags = one_target();
		change(flags);
		return refusal(flags);
	};
	EXPECT_EQ(refused([](auto& f) { f.listen = {"6881"}; }),
		"--listen: must be ADDRESS:PORT, [ADDRESS]:PORT or :PORT, not \"6881\"");
	EXPECT_EQ(refused([](auto& f) {
		f.peers = {"a:1", "b"};
	}),
		"--peer: must be HOST:PORT or [ADDRESS]:PORT, not \"b\"");
	EXPECT_EQ(refused([](auto& f) { f.trackers = {"t"}; }),
		"--tracker: must be an http, https or udp URL, not \"t\"");
	EXPECT_EQ(refused([](auto& f) { f.beacons = {"watcher:7700"}; }),
		"--beacon: must be ADDRESS:PORT or [ADDRESS]:PORT, not \"watcher:7700\"");
	EXPECT_EQ(
		refused([](auto& f) { f.role = "seeder"; }), "--role: must be \"image\" or \"seed\", not \"seeder\"");
	EXPECT_EQ(
		refused([](auto& f) { f.existing = ""; }), "--existing: must be \"discard\" or \"verify\", not \"\"");
	EXPECT_EQ(refused([](auto& f) { f.verify = "all"; }),
		"--verify: must be \"none\" or \"readback\", not \"all\"");
	EXPECT_EQ(refused([](auto& f) { f.on_success = "shell"; }),
		"--on-success: must be \"continue\", \"reboot\" or \"poweroff\", not \"shell\"");
	EXPECT_EQ(refused([](auto& f) { f.on_failure = "x"; }).substr(0, 20), "--on-failure: must b");
	EXPECT_EQ(refused([](auto& f) { f.torrent = "ftp://h/x"; }),
		"--torrent: must be a path or an http or https URL, not \"ftp://h/x\"");
	EXPECT_EQ(refused([](auto& f) { f.device = ""; }), "--device: must not be empty");
	EXPECT_EQ(refused([](auto& f) { f.name = ""; }), "--name: must not be empty");
}

TEST(overrides, refused_flags_change_nothing)
{
	auto flags = one_target();
	flags.name = "mine";
	flags.peers = {"10.0.0.1:6881"};
	auto m = job_with_targets(2);
	ASSERT_FALSE(apply(value_of(parse_overrides(flags)), m));
	EXPECT_EQ(m.name, "lab");
	EXPECT_EQ(m.swarm.peers, (std::vector<host_port>{{"10.0.0.9", 1}}));
}

TEST(overrides, the_word_torrent_after_tracker_stands_for_the_torrents_own)
{
	job_flags flags;
	flags.trackers = {"torrent", "http://t/announce"};
	auto const m = applied(flags, job_with_targets(1));
	EXPECT_TRUE(m.swarm.torrents_trackers);
	EXPECT_EQ(m.swarm.trackers.size(), 1U);
}

} // namespace
