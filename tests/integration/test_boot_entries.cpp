// SPDX-License-Identifier: BSD-3-Clause
// The firmware's entry for a disk that was written. The firmware is a folder in place of /sys/firmware, and
// the system partition has a file system that every kernel here can mount; tests/vm/boot_entry.sh has the
// real ones.
#include "agent/machine/load_option.hpp"
#include "agent/machine/partition_table.hpp"
#include "tests/support/base/skip.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/device/loop_device.hpp"
#include "tests/support/machine/disk_partitions.hpp"
#include "tests/support/program/disk_imaging.hpp"
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rawswarm::test
{

namespace
{

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::uint64_t mib = 1024 * 1024;
constexpr char const* fallback = "EFI/BOOT/BOOTX64.EFI";
constexpr char const* of_debian = "EFI/debian/shimx64.efi";

// An image of a disk, and a machine with UEFI that it is for.
class booted_disk : public ::testing::Test
{
protected:
	booted_disk()
		: m_source(m_dir / "source.img")
		, m_variables(m_dir / "efivars")
	{
		write_file(m_variables + "/" + named("BootOrder"), std::string("\7\0\0\0", 4));
	}

	void SetUp() override
	{
		SKIP_WITHOUT_LOOP_DEVICES();
		SKIP_WITHOUT("sfdisk");
		SKIP_WITHOUT("mkfs.ext4");
#ifndef __x86_64__
		GTEST_SKIP() << "the loaders have the names of another machine";
#endif
		m_disk.emplace(24 * mib, loop_options{.partition_scan = true});
	}

	// The system partition is the first, of 16 MiB. Without loaders it has no file system.
	void make_source(std::vector<std::string> const& loaders, std::string const& type = "uefi")
	{
		fs::remove(m_source);
		write_sparse_file(m_source, 24 * mib);
		run_sfdisk(m_source, "label: gpt\nstart=2048, size=32768, type=" + type + "\n");
		for (auto const& loader : loaders)
		{
			write_file(fs::path(m_dir / "system") / loader, "MZ");
		}
		if (!loaders.empty())
		{
			run_checked(
				{"mkfs.ext4", "-q", "-F", "-d", m_dir / "system", "-E", "offset=1048576", m_source, "16M"});
		}
	}

	// Of the target.
	run_result image(json const& keys) const
	{
		return image_disk(
			m_dir, m_source, m_disk->path(), keys, nlohmann::json::object(), as_firmware_of(m_variables));
	}

	// Words in front of a command.
	static std::vector<std::string> as_firmware_of(
		std::string const& variables, std::string const& more = "true")
	{
		return {"unshare", "--mount", "--", "sh", "-ec",
			"mount -t tmpfs none /sys/firmware; mkdir -p /sys/firmware/efi/efivars; "
			"mount --bind \"$0\" /sys/firmware/efi/efivars; "
				+ more + "; exec \"$@\"",
			variables};
	}

	static std::string named(std::string const& variable)
	{
		return variable + "-8be4df61-93ca-11d2-aa0d-00e098032b8c";
	}

	// Without the attributes. Empty: there is no such variable.
	std::string variable(std::string const& name) const
	{
		auto const path = m_variables + "/" + named(name);
		return fs::exists(path) ? read_file(path).substr(4) : std::string();
	}

	std::string option(std::string const& label, std::string const& loader) const
	{
		auto const table = read_partition_table(m_disk->path()).value().value();
		return make_load_option(label, table, table.partitions.at(0), 512, loader);
	}

	auto variables() const
	{
		return std::distance(fs::directory_iterator(m_variables), {});
	}

	temp_dir m_dir;
	std::string m_source;
	std::string m_variables;
	std::optional<loop_device> m_disk;
};

// Of the first target.
std::vector<std::string> notes_of(run_result const& result)
{
	return json::parse(result.out)["targets"][0].value("notes", std::vector<std::string>());
}

} // namespace

TEST_F(booted_disk, has_one_entry_whose_identifiers_are_those_of_the_disk_as_it_is_now)
{
	make_source({fallback});
	json const keys{{"unique", true}, {"boot_entry", true}};
	for (int run = 0; run < 2; ++run)
	{
		auto const result = image(keys);
		ASSERT_TRUE(exits_with(result, exit_code::done));
		EXPECT_EQ(variable("Boot0000"), option("rawswarm", "\\EFI\\BOOT\\BOOTX64.EFI"));
		EXPECT_EQ(variable("BootOrder"), std::string("\0\0", 2));
		EXPECT_EQ(variables(), 2);
		auto const notes = notes_of(result);
		ASSERT_FALSE(notes.empty());
		EXPECT_EQ(notes.back(),
			"the firmware's entry Boot0000 \"rawswarm\" starts \\EFI\\BOOT\\BOOTX64.EFI on partition 1");
	}
}

TEST_F(booted_disk, has_the_entry_that_was_asked_for)
{
	make_source({fallback, of_debian});
	auto const result = image({{"boot_entry",
		{{"label", "Debian"}, {"loader", "/EFI/debian/shimx64.efi"}, {"order", "first"}, {"next", true}}}});
	ASSERT_TRUE(exits_with(result, exit_code::done));
	EXPECT_EQ(variable("Boot0000"), option("Debian", "\\EFI\\debian\\shimx64.efi"));
	EXPECT_EQ(variable("BootNext"), std::string("\0\0", 2));
}

TEST_F(booted_disk, without_the_loader_is_a_failure_and_gets_no_entry)
{
	make_source({of_debian});
	auto const without_fallback = image({{"boot_entry", true}});
	EXPECT_TRUE(exits_with(without_fallback, exit_code::target));
	EXPECT_NE(without_fallback.err.find("making a boot entry for " + m_disk->path()
				  + ": partition 1, the EFI system partition, has no \\EFI\\BOOT\\BOOTX64.EFI"),
		std::string::npos)
		<< without_fallback.err;
	auto const misspelt = image({{"boot_entry", {{"loader", "\\EFI\\debain\\shimx64.efi"}}}});
	EXPECT_TRUE(exits_with(misspelt, exit_code::target));
	EXPECT_NE(misspelt.err.find("has no \\EFI\\debain\\shimx64.efi"), std::string::npos) << misspelt.err;
	EXPECT_EQ(variables(), 1);
}

TEST_F(booted_disk, without_a_system_partition_is_a_failure)
{
	make_source({fallback}, "linux");
	auto const result = image({{"boot_entry", true}});
	EXPECT_TRUE(exits_with(result, exit_code::target));
	EXPECT_NE(result.err.find("it has no EFI system partition"), std::string::npos) << result.err;
}

TEST_F(booted_disk, is_noted_if_firmware_that_forgets_its_entries_finds_nothing_on_it)
{
	make_source({of_debian});
	auto const result = image({{"boot_entry", {{"loader", "\\EFI\\debian\\shimx64.efi"}}}});
	ASSERT_TRUE(exits_with(result, exit_code::done));
	constexpr char const* expected = "partition 1, the EFI system partition, has no "
									 "\\EFI\\BOOT\\BOOTX64.EFI: firmware that forgets its boot "
									 "entries, or has none for this disk, will not start it";
	EXPECT_EQ(notes_of(result).back(), expected);
	auto const without_entry = image(json::object());
	ASSERT_TRUE(exits_with(without_entry, exit_code::done));
	EXPECT_EQ(notes_of(without_entry), std::vector<std::string>{expected});
}

TEST_F(booted_disk, is_not_noted_if_firmware_finds_its_loader_or_there_is_no_file_system)
{
	make_source({fallback});
	EXPECT_EQ(notes_of(image(json::object())), std::vector<std::string>());
	make_source({});
	EXPECT_EQ(notes_of(image(json::object())), std::vector<std::string>());
}

TEST_F(booted_disk, is_refused_before_the_first_byte_where_no_entry_can_be_made)
{
	make_source({fallback});
	write_file(m_disk->path(), "as it was");
	auto const before = read_file(m_disk->path()).substr(0, mib);
	json const keys{{"boot_entry", true}};
	auto const refused = [&](run_result const& result, std::string_view const why) {
		EXPECT_TRUE(exits_with(result, exit_code::target));
		EXPECT_NE(result.err.find(why), std::string::npos) << result.err;
		EXPECT_EQ(read_file(m_disk->path()).substr(0, mib), before);
	};
	auto const bios = as_firmware_of(
		m_variables, "umount /sys/firmware/efi/efivars; rmdir /sys/firmware/efi/efivars /sys/firmware/efi");
	refused(image_disk(m_dir, m_source, m_disk->path(), keys, nlohmann::json::object(), bios),
		"making a boot entry for " + m_disk->path()
			+ ": opening the variables of the firmware: this machine was not started by UEFI");
	auto const fixed = as_firmware_of(m_variables, "mount -o remount,bind,ro /sys/firmware/efi/efivars");
	refused(image_disk(m_dir, m_source, m_disk->path(), keys, nlohmann::json::object(), fixed),
		"/sys/firmware/efi/efivars is read-only");
	write_sparse_file(m_dir / "target.img", 24 * mib);
	refused(image_disk(m_dir, m_source, m_dir / "target.img", keys, nlohmann::json::object(),
				as_firmware_of(m_variables)),
		"target.img: no whole disk that firmware could boot from");
	EXPECT_EQ(variables(), 1);
}

TEST_F(booted_disk, is_refused_if_it_is_only_served)
{
	make_source({fallback});
	auto const result = image({{"role", "seed"}, {"boot_entry", true}});
	EXPECT_TRUE(exits_with(result, exit_code::refused));
	EXPECT_NE(result.err.find("it is only served"), std::string::npos) << result.err;
}

TEST_F(booted_disk, is_in_the_plan_with_its_entry)
{
	make_source({fallback});
	auto job = loopback_job({});
	ASSERT_TRUE(exits_with(
		run_rawswarm({"create", m_source, "-o", m_dir / "disk.torrent", "--skip-zeros"}), exit_code::done));
	job["targets"].push_back(image_target(m_dir / "disk.torrent", m_disk->path()));
	job["targets"][0]["boot_entry"] = {{"label", "lab"}, {"next", true}};
	auto command = run_command(m_dir, job);
	command.argv.emplace_back("--dry-run");
	auto const starter = as_firmware_of(m_variables);
	command.argv.insert(command.argv.begin(), starter.begin(), starter.end());
	auto const text = run(command);
	EXPECT_TRUE(exits_with(text, exit_code::done));
	EXPECT_NE(
		text.out.find("and have the firmware's entry \"lab\" start \\EFI\\BOOT\\BOOTX64.EFI on it next\n"),
		std::string::npos)
		<< text.out;
	command.argv.emplace_back("--json");
	auto const plan = json::parse(run(command).out);
	EXPECT_EQ(plan["targets"][0]["boot_entry"],
		(json{{"label", "lab"}, {"loader", "\\EFI\\BOOT\\BOOTX64.EFI"}, {"order", "last"}, {"next", true}}));
	EXPECT_EQ(variables(), 1);
}

} // namespace rawswarm::test
