// SPDX-License-Identifier: BSD-3-Clause
// What a manifest says arrives where it belongs. What is refused: test_manifest_errors.cpp.
#include "agent/manifest/manifest.hpp"
#include "tests/support/base/value_of.hpp"
#include "tests/support/machine/job_text.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rawswarm
{
namespace
{

using test::job_refusal;
using test::job_with;
using test::parse_job;
using test::valid_job;
using test::value_of;

std::string with_torrent(std::string_view torrent)
{
	return fmt::format(
		R"({{"version": 1, "targets": [{{"torrent": "{}", "device": "/dev/sda"}}]}})", torrent);
}

TEST(manifest, two_required_keys_are_enough_and_the_rest_has_defaults)
{
	auto const m = valid_job("minimal");
	ASSERT_EQ(m.targets.size(), 1U);
	EXPECT_EQ(to_string(m.targets[0].torrent), "/srv/jobs/sda1.torrent");
	EXPECT_EQ(m.targets[0].device, "/dev/sda1");
	EXPECT_EQ(m.targets[0].info_hash, "");
	EXPECT_EQ(m.targets[0].role, target_role::image);
	EXPECT_EQ(m.targets[0].existing, existing_data::discard);
	EXPECT_EQ(to_string(m.swarm.listen), "0.0.0.0:6881,[::]:6881");
	EXPECT_TRUE(m.swarm.lsd);
	EXPECT_EQ(m.seed_until.idle, std::chrono::seconds(15));
	EXPECT_FALSE(m.seed_until.forever);
	EXPECT_FALSE(m.storage.memory);
	EXPECT_FALSE(m.storage.threads);
	EXPECT_EQ(m.storage.direct, direct_writes::automatic);
	EXPECT_FALSE(m.storage.coalesce.max_blocks);
	EXPECT_FALSE(m.storage.coalesce.min_blocks);
	EXPECT_FALSE(m.storage.coalesce.timeout);
	EXPECT_FALSE(m.storage.profile);
	EXPECT_FALSE(m.storage.writers);
	EXPECT_FALSE(m.storage.read_ahead_blocks);
	EXPECT_EQ(m.storage.device_timeout, std::chrono::seconds(60));
	EXPECT_EQ(m.beacon.interval, std::chrono::milliseconds(1000));
	EXPECT_EQ(m.on_success, end_action::proceed);
	EXPECT_EQ(m.on_failure, end_action::shell);
	EXPECT_TRUE(m.log.empty());
}

TEST(manifest, values_arrive_where_they_belong)
{
	auto const full = valid_job("full");
	EXPECT_EQ(full.name, "lab-3");
	EXPECT_EQ(full.targets.at(0).info_hash, "9f2c0e4d7b6a5948372615049f8e7d6c5b4a3928");
	EXPECT_EQ(full.swarm.peers, (std::vector<host_port>{{"10.0.0.1", 6881}}));
	EXPECT_EQ(to_string(full.swarm.allow.at(0)), "10.0.0.0/8");
	EXPECT_EQ(to_string(full.beacon.to.at(0)), "239.255.77.1:7700");
	EXPECT_EQ(full.beacon.key_file, "/srv/jobs/beacon.key");
	EXPECT_EQ(full.swarm.key_file, "/srv/jobs/room.key");
	EXPECT_EQ(full.log, value_of(log::parse_levels("info")));

	auto const m = parse_job(job_with(R"("swarm": {"lsd": false, "listen": "[::1]:0", "upload_limit": 11,
		"download_limit": 12, "compress": "off"}, "seed_until": {"idle_seconds": 13, "seconds": 14, "ratio": 1.5},
		"storage": {"memory": 4194304, "threads": 3}, "beacon": {"interval_ms": 250},
		"timeout_seconds": 16, "on_failure": "continue")"));
	ASSERT_TRUE(m) << m.error().text;
	EXPECT_FALSE(m.value().swarm.lsd);
	EXPECT_EQ(to_string(m.value().swarm.listen), "[::1]:0");
	EXPECT_EQ(m.value().swarm.upload_limit, 11);
	EXPECT_EQ(m.value().swarm.download_limit, 12);
	EXPECT_EQ(m.value().swarm.compress, block_compression::off);
	EXPECT_EQ(m.value().seed_until.idle, std::chrono::seconds(13));
	EXPECT_EQ(m.value().seed_until.total, std::chrono::seconds(14));
	EXPECT_EQ(m.value().seed_until.ratio, 1.5);
	EXPECT_EQ(m.value().storage.memory, 4194304);
	EXPECT_EQ(m.value().storage.threads, 3);
	EXPECT_EQ(m.value().beacon.interval, std::chrono::milliseconds(250));
	EXPECT_EQ(m.value().timeout, std::chrono::seconds(16));
	EXPECT_EQ(m.value().on_failure, end_action::proceed);
}

TEST(manifest, what_is_said_of_storage_arrives_where_it_belongs)
{
	auto const& s = valid_job("storage_of_each_target").storage;
	EXPECT_EQ(s.direct, direct_writes::always);
	EXPECT_EQ(s.coalesce.max_blocks, 128);
	EXPECT_EQ(s.coalesce.min_blocks, 128);
	EXPECT_EQ(s.coalesce.timeout, std::chrono::milliseconds(0));
	EXPECT_EQ(s.profile, device_kind::hdd);
	EXPECT_EQ(s.writers, 3);
	EXPECT_EQ(s.read_ahead_blocks, 16);
	EXPECT_EQ(s.device_timeout, std::chrono::seconds(90));
	EXPECT_EQ(valid_job("profile_ssd").storage.profile, device_kind::sata_ssd);
	EXPECT_EQ(valid_job("profile_nvme").storage.profile, device_kind::nvme);
	EXPECT_EQ(valid_job("profile_virtual").storage.profile, device_kind::virtual_disk);
	EXPECT_EQ(valid_job("profile_file").storage.profile, device_kind::image_file);
	EXPECT_EQ(valid_job("profile_file").storage.direct, direct_writes::never);
}

TEST(manifest, what_is_left_to_the_program_stays_empty)
{
	auto const m = parse_job(job_with(R"("storage": {"memory": "auto", "threads": "auto", "engine": "auto",
		"direct": "auto", "coalesce": {"timeout_ms": "auto"}, "profile": "auto", "writers": "auto",
		"read_ahead_blocks": "auto"})"));
	ASSERT_TRUE(m) << m.error().text;
	auto const& s = m.value().storage;
	EXPECT_EQ(s.direct, direct_writes::automatic);
	EXPECT_FALSE(s.coalesce.timeout);
	EXPECT_FALSE(s.profile);
	EXPECT_FALSE(s.writers);
	EXPECT_FALSE(s.read_ahead_blocks);
}

TEST(manifest, each_target_keeps_its_own_values)
{
	auto const m = valid_job("several_targets");
	ASSERT_EQ(m.targets.size(), 3U);
	EXPECT_EQ(to_string(m.targets[1].torrent), "http://10.0.0.1/sda2.torrent");
	EXPECT_EQ(to_string(m.targets[2].torrent), "/srv/jobs/../sdb.torrent");
	EXPECT_EQ(m.targets[2].device, "/dev/sdb");

	auto const seed = valid_job("seed");
	EXPECT_EQ(seed.targets.at(0).role, target_role::seed);
	EXPECT_EQ(seed.targets.at(0).existing, existing_data::verify);
}

TEST(manifest, info_hash_and_scheme_are_kept_in_lower_case)
{
	EXPECT_EQ(valid_job("info_hash_in_upper_case").targets.at(0).info_hash,
		"9f2c0e4d7b6a5948372615049f8e7d6c5b4a3928");
	EXPECT_EQ(valid_job("trackers").swarm.trackers.at(3).text(), "udp://tracker.lab:6969/announce");
}

TEST(manifest, own_names_are_put_in_before_the_checks)
{
	auto const m = valid_job("own_names");
	EXPECT_EQ(m.name, "lab-pc-07");
	EXPECT_EQ(to_string(m.targets.at(0).torrent),
		"http://10.0.0.1/52-54-00-12-34-56/525400123456-52:54:00:12:34:56-S3R1AL.torrent");
	EXPECT_EQ(m.targets.at(0).device, "/srv/4c4c4544-0042-3510.img");
	EXPECT_EQ(m.swarm.peers, (std::vector<host_port>{{"pc-07", 6881}, {"10.0.0.7", 6882}}));
}

TEST(manifest, selector_is_read_whole)
{
	auto const target = valid_job("selector_full").targets.at(0);
	ASSERT_TRUE(target.selector);
	auto const& s = *target.selector;
	EXPECT_EQ(s.path, "/dev/sda");
	EXPECT_EQ(s.serial, "S4EVNX0");
	EXPECT_EQ(s.wwn, "naa.5002538d41a1b2c3");
	EXPECT_EQ(s.model, "Samsung SSD*");
	EXPECT_EQ(s.bus, "ata");
	EXPECT_EQ(s.min_size, std::uint64_t(1'000'000));
	EXPECT_EQ(s.max_size, std::uint64_t(INT64_MAX));
	EXPECT_EQ(s.removable, false);
	EXPECT_EQ(s.rotational, false);
	EXPECT_EQ(s.partition, 1);
	EXPECT_EQ(s.partlabel, "root");
	EXPECT_EQ(s.partuuid, "0FC63DAF-8483-4772-8E79-3D69D8477DE4");
	EXPECT_EQ(s.choose, tie_break::largest);
	EXPECT_EQ(s.wait, std::chrono::seconds(30));
	EXPECT_EQ(target.device, describe(s));
}

TEST(manifest, selector_of_a_path_alone_is_a_path)
{
	auto const parsed =
		parse_job(R"({"version": 1, "targets": [{"torrent": "a.torrent", "device": {"path": "a.img"}}]})");
	ASSERT_TRUE(parsed);
	EXPECT_EQ(parsed.value().targets.at(0).device, "a.img");
	EXPECT_FALSE(parsed.value().targets.at(0).selector);
	EXPECT_TRUE(valid_job("selector_path_that_appears_late").targets.at(0).selector);
}

TEST(manifest, partition_tables_are_read)
{
	auto const tables = valid_job("partition_tables").partition_tables;
	ASSERT_EQ(tables.size(), 2U);
	EXPECT_EQ(tables[0].disk.serial, "S4EVNX0");
	EXPECT_EQ(tables[0].script, "label: gpt\n\tsize=1M, type=U\n");
	EXPECT_EQ(tables[1].disk.path, "/dev/sdb");
}

TEST(manifest, files_and_volumes_come_from_where_torrents_come_from)
{
	auto const files = valid_job("files_from_their_place").targets.at(0).files;
	ASSERT_EQ(files.size(), 2U);
	EXPECT_FALSE(files[0].content);
	EXPECT_EQ(to_string(files[0].source.value()), "/srv/jobs/files/hosts");
	EXPECT_EQ(files[0].sha256, "");
	EXPECT_EQ(to_string(files[1].source.value()), "https://10.0.0.1/keys/52-54-00-12-34-56");
	EXPECT_EQ(files[1].sha256, std::string(64, 'a'));

	auto const volumes = valid_job("volumes").volumes;
	ASSERT_EQ(volumes.size(), 2U);
	EXPECT_EQ(to_string(volumes[0].source), "http://10.0.0.1/S3R1AL/cidata.img");
	EXPECT_EQ(volumes[0].sha256, std::string(63, 'a') + "0");
	EXPECT_EQ(volumes[0].selector.value().partlabel, "cidata");
	EXPECT_EQ(to_string(volumes[1].source), "/srv/jobs/../firmware.img");
	EXPECT_EQ(volumes[1].device, "/dev/sdb1");
	EXPECT_FALSE(volumes[1].selector);
}

TEST(manifest, a_report_goes_to_a_url_of_this_machine)
{
	EXPECT_FALSE(valid_job("minimal").report);
	auto const m = valid_job("report");
	ASSERT_TRUE(m.report);
	EXPECT_TRUE(to_string(*m.report).starts_with("http://10.0.0.1/report/")) << to_string(*m.report);
	EXPECT_EQ(to_string(*m.report).find("${"), std::string::npos);
}

TEST(manifest, a_capture_takes_the_place_of_targets)
{
	auto const m = valid_job("capture");
	EXPECT_TRUE(m.targets.empty());
	ASSERT_TRUE(m.capture);
	EXPECT_EQ(m.capture->device, "/dev/sda");
	EXPECT_FALSE(m.capture->selector);
	EXPECT_EQ(to_string(m.capture->to), "http://10.0.0.1/capture/0f1e");
	EXPECT_EQ(m.capture->name, "golden");
	EXPECT_FALSE(m.capture->allow_unclean);
	auto const full = valid_job("capture_full");
	ASSERT_TRUE(full.capture && full.capture->selector);
	EXPECT_EQ(full.capture->selector->bus, "nvme");
	EXPECT_TRUE(full.capture->allow_unclean);
	EXPECT_FALSE(valid_job("minimal").capture);
}

TEST(manifest, verification_and_endings_are_read)
{
	EXPECT_EQ(valid_job("minimal").verify, verification::none);
	EXPECT_EQ(valid_job("verify_readback").verify, verification::readback);
	EXPECT_EQ(valid_job("endings_reboot").on_success, end_action::reboot);
	EXPECT_EQ(valid_job("endings_reboot").on_failure, end_action::reboot);
	EXPECT_EQ(valid_job("endings_poweroff").on_success, end_action::poweroff);
	EXPECT_EQ(valid_job("endings_poweroff").on_failure, end_action::poweroff);
	auto const job = valid_job("on_success_exec");
	EXPECT_EQ(job.on_success, end_action::exec);
	EXPECT_EQ(job.exec, (std::vector<std::string>{"/sbin/kexec", "-e"}));
}

TEST(manifest, a_list_of_addresses_to_listen_at_takes_the_place_of_the_default)
{
	EXPECT_EQ(to_string(valid_job("listen_list").swarm.listen), "0.0.0.0:6881,[fd00::1]:0");
}

TEST(manifest, the_word_torrent_stands_for_the_torrents_own_trackers)
{
	EXPECT_FALSE(valid_job("ipv6").swarm.torrents_trackers);
	auto const alone = valid_job("trackers_of_the_torrent");
	EXPECT_TRUE(alone.swarm.torrents_trackers);
	EXPECT_TRUE(alone.swarm.trackers.empty());
	auto const mixed = valid_job("trackers_mixed");
	EXPECT_TRUE(mixed.swarm.torrents_trackers);
	EXPECT_EQ(mixed.swarm.trackers.size(), 1U);
}

TEST(manifest, idle_seconds_in_a_job_are_waited_for)
{
	EXPECT_TRUE(valid_job("minimal").seed_until.leave_unneeded);
	auto const m = parse_job(job_with(R"("seed_until": {"idle_seconds": 15})"));
	ASSERT_TRUE(m) << m.error().text;
	EXPECT_FALSE(m.value().seed_until.leave_unneeded);
}

TEST(manifest, levels_of_the_log_are_read_as_the_flag_takes_them)
{
	auto const levels = parse_job(job_with(R"("log": "warning, Storage = DEBUG")"));
	ASSERT_TRUE(levels) << levels.error().text;
	EXPECT_EQ(levels.value().log, value_of(log::parse_levels("warn,storage=debug")));
	EXPECT_EQ(job_refusal(job_with(R"("log": "loud")")),
		"reading job.json: /log: must be LEVEL or COMPONENT=LEVEL, separated by commas, not \"loud\"");
}

TEST(manifest, memory_is_bytes_or_a_size_as_the_flag_takes_it)
{
	for (auto const* const text : {"67108864", R"("64M")", R"("64MiB")", R"("64 MiB")", R"("67108864")"})
	{
		auto const m = parse_job(job_with(fmt::format(R"("storage": {{"memory": {}}})", text)));
		ASSERT_TRUE(m) << m.error().text;
		EXPECT_EQ(m.value().storage.memory, std::int64_t(64) << 20) << text;
	}
	EXPECT_EQ(job_refusal(job_with(R"("storage": {"memory": "64MB"})")),
		"reading job.json: /storage/memory: must be \"auto\" or bytes, such as 256M, not \"64MB\"");
	EXPECT_EQ(job_refusal(job_with(R"("storage": {"memory": "1M"})")),
		"reading job.json: /storage/memory: must be from 4194304 to 1099511627776");
	EXPECT_EQ(job_refusal(job_with(R"("storage": {"memory": true})")),
		"reading job.json: /storage/memory: must be \"auto\", an integer or a size such as \"256M\"");
}

TEST(manifest, web_seeds_are_http_urls)
{
	auto const seeds = valid_job("web_seeds").swarm.web_seeds;
	ASSERT_EQ(seeds.size(), 3u);
	EXPECT_EQ(to_string(seeds.at(0)), "http://10.0.0.1/images/sda1/");
	EXPECT_EQ(job_refusal(job_with(R"("swarm": {"web_seeds": ["disk.img"]})")),
		"reading job.json: /swarm/web_seeds/0: must be an http or https URL, not \"disk.img\"");
}

TEST(manifest, torrents_are_resolved_against_the_manifests_own_place)
{
	auto const torrent = [](std::string_view base, std::string_view reference) {
		auto const parsed = parse_job(with_torrent(reference), base);
		return parsed ? to_string(parsed.value().targets.at(0).torrent) : parsed.error().text;
	};
	EXPECT_EQ(torrent("http://h/jobs/lab.json?x=1", "a.torrent"), "http://h/jobs/a.torrent");
	EXPECT_EQ(torrent("http://h/jobs/lab.json", "/a.torrent"), "http://h/a.torrent");
	EXPECT_EQ(torrent("/srv/lab.json", "a.torrent"), "/srv/a.torrent");
	EXPECT_EQ(torrent("-", "a.torrent"), "a.torrent");
	EXPECT_EQ(torrent("http://h/lab.json", "a b.torrent"),
		"reading http://h/lab.json: /targets/0/torrent:"
		" must be an http or https URL with all other characters percent-encoded, not"
		" \"http://h/a b.torrent\"");
}

TEST(manifest, key_file_of_a_manifest_from_a_url_must_be_absolute)
{
	auto const relative = job_with(R"("beacon": {"key_file": "k"})");
	EXPECT_EQ(job_refusal(relative, "http://h/lab.json"),
		"reading http://h/lab.json: /beacon/key_file:"
		" must be an absolute path, as the manifest comes from a URL");
	EXPECT_EQ(job_refusal(relative, "-"), "accepted");
	auto const absolute = parse_job(job_with(R"("beacon": {"key_file": "/etc/k"})"), "http://h/lab.json");
	ASSERT_TRUE(absolute) << absolute.error().text;
	EXPECT_EQ(absolute.value().beacon.key_file, "/etc/k");
	EXPECT_EQ(job_refusal(job_with(R"("swarm": {"key_file": "k"})"), "http://h/lab.json"),
		"reading http://h/lab.json: /swarm/key_file:"
		" must be an absolute path, as the manifest comes from a URL");
}

TEST(manifest, a_smaller_disk_is_refused_unless_the_last_partition_may_shrink)
{
	EXPECT_EQ(valid_job("shrink").targets.at(0).if_smaller, smaller_disk::shrink);
	EXPECT_EQ(valid_job("unique").targets.at(0).if_smaller, smaller_disk::refuse);
}

} // namespace
} // namespace rawswarm
