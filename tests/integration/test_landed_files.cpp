// SPDX-License-Identifier: BSD-3-Clause
// Small files are put into the file systems of an image.
#include "tests/support/base/random_bytes.hpp"
#include "tests/support/base/skip.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/device/device_content.hpp"
#include "tests/support/device/loop_device.hpp"
#include "tests/support/machine/disk_partitions.hpp"
#include "tests/support/network/nginx_server.hpp"
#include "tests/support/program/disk_imaging.hpp"
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace rawswarm::test
{

namespace
{

namespace fs = std::filesystem;

constexpr std::uint64_t mib = 1024 * 1024;

// A partition of a disk with an ext4 that has some files, put on a device.
class landing_place
{
public:
	landing_place()
		: m_source(m_dir / "source.img")
		, disk(24 * mib, {.partition_scan = true})
	{
		write_sparse_file(m_source, 24 * mib);
		run_sfdisk(m_source, "label: gpt\nstart=2048, size=32768\n");
		write_file(m_dir / "root/etc/hostname", "golden\n");
		fs::permissions(m_dir / "root/etc/hostname", fs::perms(0640));
		write_file(m_dir / "root/etc/ssh/ssh_host_rsa_key", "secret");
		write_file(m_dir / "root/etc/ssh/ssh_host_rsa_key.pub", "public");
		write_file(m_dir / "root/etc/ssh/sshd_config", "config");
		write_file(m_dir / "outside", "untouched");
		fs::create_symlink(m_dir / "outside", m_dir / "root/etc/machine-id");
		fs::create_symlink("/../../../../../../../.." + m_dir.path().string(), m_dir / "root/out");
		run_checked({"mkfs.ext4", "-q", "-F", "-d", m_dir / "root", "-E", "offset=1048576", m_source, "16M"});
	}

	run_result image(nlohmann::json const& files)
	{
		return image_disk(m_dir, m_source, disk.path(), {{"files", files}});
	}

	std::string outside() const { return read_file(m_dir / "outside"); }
	bool is_outside(std::string const& name) const { return fs::exists(m_dir / name); }

private:
	temp_dir m_dir;
	std::string m_source;

public:
	loop_device disk;
};

// A server that has files for this machine.
class file_server
{
public:
	file_server()
		: m_server(m_dir.path())
	{}

	void put(std::string const& name, std::string const& content) const { write_file(m_dir / name, content); }

	std::string sha256(std::string const& name) const { return device_snapshot(m_dir / name).sha256; }
	std::string url(std::string const& name) const { return m_server.url(name); }
	void kill() { m_server.kill(); }

private:
	temp_dir m_dir;
	nginx_server m_server;
};

int mode_of(std::string const& path)
{
	return static_cast<int>(fs::status(path).permissions());
}

} // namespace

TEST(landed_files, are_put_and_removed_inside_the_file_system_alone)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	SKIP_WITHOUT("sfdisk");
	landing_place place;
	auto const result = place.image({{{"partition", 1}, {"path", "/etc/hostname"}, {"content", "pc-7\n"}},
		{{"partition", 1}, {"path", "/etc/machine-id"}, {"content", ""}},
		{{"partition", 1}, {"path", "/etc/ssh/ssh_host_*"}, {"remove", true}},
		{{"partition", 1}, {"path", "/nothing/here*"}, {"remove", true}},
		{{"partition", 1}, {"path", "/var/lib/cloud/seed/nocloud/meta-data"}, {"content", "line\nline\n"},
			{"mode", "0600"}},
		{{"partition", 1}, {"path", "/out/escaped"}, {"content", "x"}}});
	EXPECT_TRUE(exits_with(result, exit_code::device)) << "its last file is behind a link to nowhere";
	EXPECT_NE(result.err.find("putting /out/escaped on partition 1 of "), std::string::npos) << result.err;
	EXPECT_FALSE(place.is_outside("escaped"));
	EXPECT_EQ(place.outside(), "untouched");
	scoped_mount const mounted(place.disk.path() + "p1", "ext4");
	EXPECT_EQ(read_file(mounted / "etc/hostname"), "pc-7\n");
	EXPECT_EQ(mode_of(mounted / "etc/hostname"), 0640);
	EXPECT_TRUE(fs::is_regular_file(fs::symlink_status(mounted / "etc/machine-id")));
	EXPECT_EQ(fs::file_size(mounted / "etc/machine-id"), 0U);
	EXPECT_FALSE(fs::exists(mounted / "etc/ssh/ssh_host_rsa_key"));
	EXPECT_FALSE(fs::exists(mounted / "etc/ssh/ssh_host_rsa_key.pub"));
	EXPECT_TRUE(fs::exists(mounted / "etc/ssh/sshd_config"));
	EXPECT_EQ(read_file(mounted / "var/lib/cloud/seed/nocloud/meta-data"), "line\nline\n");
	EXPECT_EQ(mode_of(mounted / "var/lib/cloud/seed/nocloud/meta-data"), 0600);
	EXPECT_FALSE(fs::exists(mounted / "etc/.rawswarm-new"));
}

TEST(landed_files, are_refused_before_the_first_byte_where_nothing_could_be_mounted)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	temp_dir const dir;
	prepared_image const image(std::vector{torrent_file{0, random_bytes(1, mib)}});
	write_sparse_file(dir / "target.img", mib);
	auto job = loopback_job({});
	job["targets"].push_back(image_target(image.torrent_path, dir / "target.img"));
	job["targets"][0]["files"] = {{{"path", "/etc/hostname"}, {"content", "x"}}};
	auto const result = run_job(dir, job);
	EXPECT_TRUE(exits_with(result, exit_code::target));
	EXPECT_NE(result.err.find("no block device, and files are put into"), std::string::npos) << result.err;
}

TEST(landed_files, need_the_partition_that_they_name)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	SKIP_WITHOUT("sfdisk");
	landing_place place;
	auto const result = place.image({{{"partition", 3}, {"path", "/etc/hostname"}, {"content", "x"}}});
	EXPECT_TRUE(exits_with(result, exit_code::target));
	EXPECT_NE(result.err.find("it has no partition 3"), std::string::npos) << result.err;
}

TEST(landed_files, come_from_a_server_as_they_are)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	SKIP_WITHOUT("sfdisk");
	SKIP_WITHOUT_NGINX();
	landing_place place;
	file_server server;
	auto const content = "${mac} stays\n" + random_bytes(1, 64 * 1024 - 13);
	auto const host = run_checked({"hostname"});
	server.put(host + "/key", content);
	ASSERT_TRUE(exits_with(
		place.image({{{"partition", 1}, {"path", "/etc/key"}, {"url", server.url("${hostname}/key")},
			{"sha256", server.sha256(host + "/key")}, {"mode", "0600"}}}),
		exit_code::done));
	scoped_mount const mounted(place.disk.path() + "p1", "ext4");
	EXPECT_TRUE(read_file(mounted / "etc/key") == content);
	EXPECT_EQ(mode_of(mounted / "etc/key"), 0600);
}

TEST(landed_files, that_cannot_be_had_fail_the_job_before_the_first_byte)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	SKIP_WITHOUT("sfdisk");
	SKIP_WITHOUT_NGINX();
	landing_place place;
	file_server server;
	server.put("key", "secret");
	server.put("large", std::string(64 * 1024 + 1, 'x'));
	device_snapshot const before(place.disk.path());
	auto const expect_refused = [&](nlohmann::json file, int const code, std::string const& reason) {
		file.update({{"partition", 1}, {"path", "/etc/key"}});
		auto const result = place.image(nlohmann::json::array({file}));
		EXPECT_TRUE(exits_with(result, code));
		EXPECT_NE(
			result.err.find("getting /etc/key for " + place.disk.path() + ": " + reason), std::string::npos)
			<< result.err;
		EXPECT_EQ(device_snapshot(place.disk.path()), before);
	};
	expect_refused({{"url", server.url("none")}}, exit_code::network,
		"fetching " + server.url("none") + ": the server answered 404 Not Found");
	expect_refused({{"url", server.url("large")}}, exit_code::refused,
		"fetching " + server.url("large") + ": reading the answer: larger than 65536 bytes");
	expect_refused({{"url", server.url("key")}, {"sha256", std::string(64, 'b')}}, exit_code::refused,
		"reading " + server.url("key") + ": its SHA-256 is " + server.sha256("key") + ", the job wants bbb");
	expect_refused({{"url", "/nowhere/key"}}, exit_code::refused, "opening /nowhere/key: No such file");
	server.kill();
	expect_refused({{"url", server.url("key")}}, exit_code::network, "fetching " + server.url("key"));
}

} // namespace rawswarm::test
