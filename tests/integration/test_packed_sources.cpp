// SPDX-License-Identifier: BSD-3-Clause
// `rawswarm create --compress` of an image that comes compressed, as a file or through a pipe: the same
// torrent as that of the raw image, and a compressed image beside it.
#include "tests/support/base/random_bytes.hpp"
#include "tests/support/base/skip.hpp"
#include "tests/support/device/device_content.hpp"
#include "tests/support/device/loop_device.hpp"
#include "tests/support/program/rawswarm_program.hpp"
#include "tests/support/torrent/torrent_maker.hpp"

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
using json = nlohmann::json;

constexpr std::size_t mib = std::size_t(1024) * 1024;

// Text, random bytes and zeros; the last block is not whole.
std::string some_content()
{
	std::string text;
	while (text.size() < mib)
	{
		text += "file number " + std::to_string(text.size()) + "\n";
	}
	return text + random_bytes(1, 2 * mib) + std::string(3 * mib + 5000, '\0') + random_bytes(2, 70'000)
		+ std::string(300'000, '\0') + text.substr(0, 5000);
}

// With the program as $0 and the folder as $1.
run_result run_in_shell(std::string const& script, temp_dir const& dir)
{
	return run(
		{"sh", "-c", script, rawswarm_command({}).argv.front(), fs::path(dir / "x").parent_path().string()});
}

class packed_sources : public ::testing::Test
{
protected:
	packed_sources() { write_file(m_dir / "disk.img", m_content); }

	void SetUp() override
	{
		SKIP_WITHOUT("zstd");
		SKIP_WITHOUT("gzip");
		fs::create_directory(m_dir / "out");
	}

	// disk.img.zst or disk.img.gz.
	std::string packed(std::string const& by)
	{
		auto const path = m_dir / (by == "zstd" ? "disk.img.zst" : "disk.img.gz");
		if (!fs::exists(path))
		{
			run_checked({by, "-q", "-k", m_dir / "disk.img"});
		}
		return path;
	}

	run_result create(std::string const& source, std::vector<std::string> const& options)
	{
		std::vector<std::string> arguments{"create", source, "-o", m_dir / "out/disk.torrent", "--json"};
		arguments.insert(arguments.end(), options.begin(), options.end());
		return run_rawswarm(arguments);
	}

	json made(std::string const& source, std::vector<std::string> const& options)
	{
		auto const result = create(source, options);
		EXPECT_TRUE(exits_with(result, exit_code::done));
		return result.exit_code == 0 ? json::parse(result.out) : json::object();
	}

	// Nothing is left of the attempt, and what is said is one line.
	void expect_refused(run_result const& result, int const code, std::string const& text)
	{
		EXPECT_TRUE(exits_with(result, code));
		auto const line = result.err.substr(result.err.rfind("rawswarm: ", result.err.size()));
		EXPECT_NE(line.find(text), std::string::npos) << result.err;
		EXPECT_EQ(line.find('\n'), line.size() - 1) << result.err;
		EXPECT_TRUE(fs::is_empty(m_dir / "out")) << result.err;
	}

	void expect_refused(
		std::string const& name, std::string const& bytes, int const code, std::string const& text)
	{
		write_file(m_dir / name, bytes);
		expect_refused(create(m_dir / name, {"--compress"}), code, text);
	}

	temp_dir m_dir;
	std::string m_content = some_content();
};

TEST_F(packed_sources, give_the_torrent_of_the_raw_image_with_the_same_options)
{
	for (auto const& options : std::vector<std::vector<std::string>>{
			 {"--compress", "--piece-size", "256K"}, {"--compress", "--piece-size", "256K", "--skip-zeros"}})
	{
		auto raw = made(m_dir / "disk.img", options);
		auto const torrent = read_file(m_dir / "out/disk.torrent");
		auto const image = read_file(m_dir / "out/disk.zst");
		for (auto const* const by : {"zstd", "gzip"})
		{
			EXPECT_EQ(made(packed(by), options), raw) << by;
			EXPECT_TRUE(read_file(m_dir / "out/disk.torrent") == torrent) << by;
			EXPECT_TRUE(read_file(m_dir / "out/disk.zst") == image) << by;
		}
		EXPECT_EQ(raw["source_size"], m_content.size());
		EXPECT_EQ(raw["extents"], options.size() == 3 ? 1 : 3);
	}
}

TEST_F(packed_sources, zstd_unpacks_the_image_to_the_payload)
{
	made(packed("gzip"), {"--compress=1"});
	run_checked({"zstd", "-q", "-d", m_dir / "out/disk.zst", "-o", m_dir / "unpacked"});
	EXPECT_TRUE(read_file(m_dir / "unpacked") == m_content);
}

TEST_F(packed_sources, come_through_a_pipe_too_packed_or_not)
{
	auto const raw = made(m_dir / "disk.img", {"--compress", "--piece-size", "256K", "--skip-zeros"});
	for (auto const* const command : {"cat disk.img", "zstd -qc disk.img", "gzip -c disk.img"})
	{
		auto const piped = run_in_shell("cd \"$1\" && " + std::string(command)
				+ " | \"$0\" create --compress --piece-size 256K --skip-zeros - --name disk.img"
				  " -o out/disk.torrent --json",
			m_dir);
		ASSERT_TRUE(exits_with(piped, exit_code::done)) << command;
		EXPECT_EQ(json::parse(piped.out)["info_hash"], raw["info_hash"]) << command;
	}
}

TEST_F(packed_sources, of_standard_input_are_named_as_the_torrent)
{
	auto const piped =
		run_in_shell("\"$0\" create --compress - -o \"$1/out/lab 3.torrent\" <\"$1/disk.img\"", m_dir);
	ASSERT_TRUE(exits_with(piped, exit_code::done));
	EXPECT_NE(read_file(m_dir / "out/lab 3.torrent").find("4:name5:lab 3"), std::string::npos);
}

TEST_F(packed_sources, image_a_loop_device_through_a_swarm)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	auto const name = packed("zstd");
	auto const image = made(name, {"--compress", "--skip-zeros", "--piece-size", "64K"});
	ASSERT_LT(image["bytes"], m_content.size() / 2);
	seeding_agent const seeder(m_dir / "out/disk.torrent", m_dir / "out/disk.zst");
	m_content.resize((m_content.size() + 511) / 512 * 512); // what stands behind the image is left alone
	write_sparse_file(m_dir / "backing", m_content.size());
	loop_device const device(m_dir / "backing");
	fill_with_pattern(device.path(), m_content.size());
	auto const before = read_file(m_dir / "backing");
	auto job = loopback_job({seeder.port()});
	job["targets"].push_back(image_target(m_dir / "out/disk.torrent", device.path()));
	ASSERT_TRUE(exits_with(run_job(m_dir, job), exit_code::done));
	auto const end = some_content().size();
	m_content.replace(end, std::string::npos, before, end);
	EXPECT_TRUE(content_equals(device.path(), m_content));
}

TEST_F(packed_sources, of_several_parts_are_taken_as_one)
{
	auto const half = m_content.size() / 2;
	write_file(m_dir / "a", m_content.substr(0, half));
	write_file(m_dir / "b", m_content.substr(half));
	auto const raw = made(m_dir / "disk.img", {"--compress", "--piece-size", "256K", "--name", "x"});
	for (auto const* const pack : {"zstd -qc", "gzip -c"})
	{
		ASSERT_TRUE(exits_with(
			run_in_shell(std::string("cd \"$1\" && for f in a b; do ") + pack + " $f; done >packed", m_dir),
			0));
		auto const both = made(m_dir / "packed", {"--compress", "--piece-size", "256K", "--name", "x"});
		EXPECT_EQ(both["info_hash"], raw["info_hash"]) << pack;
	}
}

TEST_F(packed_sources, of_a_disk_with_a_partition_table_say_what_it_counts_in)
{
	SKIP_WITHOUT("sfdisk");
	write_sparse_file(m_dir / "disk.img", 8 * mib);
	auto const made_table = run_in_shell("printf 'label: gpt\n,\n' | sfdisk -q \"$1/disk.img\"", m_dir);
	ASSERT_TRUE(exits_with(made_table, 0));
	std::vector<std::string> const options{"--compress", "--skip-zeros", "--piece-size", "256K"};
	auto const says_sector = [this] {
		return read_file(m_dir / "out/disk.torrent").find("11:sector_sizei512e") != std::string::npos;
	};
	auto const raw = made(m_dir / "disk.img", options);
	EXPECT_TRUE(says_sector());
	auto const from_stream = made(packed("gzip"), options);
	EXPECT_TRUE(says_sector());
	EXPECT_EQ(from_stream["bytes"], raw["bytes"]);
}

TEST_F(packed_sources, without_compress_are_refused_with_what_to_do)
{
	auto const zstd = create(packed("zstd"), {});
	expect_refused(zstd, exit_code::target,
		"it is compressed by zstd, not the bytes of a disk: give --compress, which unpacks it on the way, or "
		"unpack it "
		"with \"zstd -d\"");
	auto const gzip = create(packed("gzip"), {"--skip-zeros"});
	expect_refused(gzip, exit_code::target,
		"give --compress, which unpacks it on the way, or unpack it with \"gzip -d\"");
	write_file(m_dir / "disk.img.xz", std::string("\xfd\x37zXZ\0", 6) + std::string(1000, 'x'));
	auto const xz = create(m_dir / "disk.img.xz", {"--compress"});
	expect_refused(xz, exit_code::target, "not the bytes of a disk: unpack it with \"xz -d\"");
	auto const input = run_in_shell("\"$0\" create - -o \"$1/out/disk.torrent\" <\"$1/disk.img\"", m_dir);
	expect_refused(input, exit_code::usage, "give --compress");
}

TEST_F(packed_sources, that_are_cut_off_are_refused)
{
	for (auto const* const by : {"zstd", "gzip"})
	{
		auto const whole = read_file(packed(by));
		for (auto const length : {std::size_t(12), whole.size() / 2, whole.size() - 4, whole.size() - 1})
		{
			expect_refused("packed", whole.substr(0, length), exit_code::target, "packed at 0x");
			expect_refused("packed", whole.substr(0, length), exit_code::target, "it is cut off");
		}
	}
}

TEST_F(packed_sources, that_something_else_follows_are_refused)
{
	for (auto const* const by : {"zstd", "gzip"})
	{
		auto const whole = read_file(packed(by));
		for (auto const& behind : {std::string("\n"), std::string(512, '\0'), random_bytes(3, 5000)})
		{
			expect_refused("packed", whole + behind, exit_code::target,
				"what is compressed by " + std::string(by) + " ends there, and something else follows");
		}
	}
}

TEST_F(packed_sources, that_are_damaged_are_errors_of_what_was_read)
{
	for (auto const* const by : {"zstd", "gzip"})
	{
		auto const whole = read_file(packed(by));
		auto damaged = whole;
		damaged[damaged.size() - 6] = static_cast<char>(~damaged[damaged.size() - 6]); // gzip's checksum
		damaged[damaged.size() - 2] =
			static_cast<char>(~damaged[damaged.size() - 2]); // zstd's, or gzip's length
		expect_refused("packed", damaged, exit_code::device, "it is damaged: ");
		damaged = whole;
		damaged[mib] = static_cast<char>(~damaged[mib]);
		expect_refused("packed", damaged, exit_code::device, "it is damaged: ");
	}
	auto checksum = read_file(packed("zstd"));
	checksum.back() = static_cast<char>(~checksum.back());
	expect_refused("packed", checksum, exit_code::device, "it is damaged: its checksum is another one");
}

TEST_F(packed_sources, that_take_too_much_memory_are_refused_with_what_to_do)
{
	ASSERT_TRUE(exits_with(run_in_shell("zstd -q --long=28 -1 <\"$1/disk.img\" >\"$1/packed\"", m_dir), 0));
	expect_refused(create(m_dir / "packed", {"--compress"}), exit_code::target,
		"a window of more than 128 MiB: unpack it with \"zstd -d --long=31\"");
	ASSERT_TRUE(exits_with(run_in_shell("zstd -q --long=27 -1 <\"$1/disk.img\" >\"$1/packed\"", m_dir), 0));
	made(m_dir / "packed", {"--compress"});
}

TEST_F(packed_sources, that_hold_no_disk_are_refused)
{
	write_file(m_dir / "disk.qcow2", "QFI\xfb" + std::string(100'000, 'x'));
	run_checked({"zstd", "-q", m_dir / "disk.qcow2"});
	expect_refused(create(m_dir / "disk.qcow2.zst", {"--compress"}), exit_code::target,
		"once unpacked it is a qcow2 image, not the bytes of a disk");
	run_checked({"zstd", "-q", packed("gzip")});
	expect_refused(create(m_dir / "disk.img.gz.zst", {"--compress"}), exit_code::target,
		"once unpacked it is compressed by gzip");
	write_file(m_dir / "disk.vhd", m_content + "conectix" + std::string(504, 'x'));
	run_checked({"gzip", m_dir / "disk.vhd"});
	expect_refused(
		create(m_dir / "disk.vhd.gz", {"--compress"}), exit_code::target, "once unpacked it is a VHD image");
	write_file(m_dir / "empty", "");
	run_checked({"zstd", "-q", m_dir / "empty"});
	expect_refused(create(m_dir / "empty.zst", {"--compress"}), exit_code::target, "empty.zst: it is empty");
}

TEST_F(packed_sources, that_are_payloads_of_torrents_are_no_disks)
{
	made(m_dir / "disk.img", {"--compress", "--skip-zeros"});
	fs::rename(m_dir / "out/disk.zst", m_dir / "made.zst");
	fs::remove(m_dir / "out/disk.torrent");
	expect_refused(create(m_dir / "made.zst", {"--compress"}), exit_code::target,
		"it is a compressed image of a torrent, which may lack parts of the disk");
}

TEST_F(packed_sources, with_a_map_are_told_what_is_taken_or_refused)
{
	auto const zeros = made(m_dir / "disk.img", {"--compress", "--skip-zeros"});
	auto const mapped = create(packed("zstd"), {"--compress", "--map", "auto"});
	ASSERT_TRUE(exits_with(mapped, exit_code::done));
	EXPECT_EQ(json::parse(mapped.out)["info_hash"], zeros["info_hash"]);
	EXPECT_NE(
		mapped.err.find("what is not zero is taken, as its file systems cannot be looked into on the way"),
		std::string::npos)
		<< mapped.err;
	for (auto const* const file : {"out/disk.torrent", "out/disk.zst"})
	{
		fs::remove(m_dir / file);
	}
	write_file(m_dir / "disk.bmap", "");
	expect_refused(create(packed("zstd"), {"--compress", "--map", "bmap:" + (m_dir / "disk.bmap")}),
		exit_code::usage, "a stream is read from front to back");
}

TEST_F(packed_sources, say_the_size_of_pieces_and_keep_their_number_small)
{
	auto const result = create(packed("gzip"), {"--compress"});
	ASSERT_TRUE(exits_with(result, exit_code::done));
	EXPECT_EQ(json::parse(result.out)["piece_size"], mib);
	EXPECT_NE(
		result.err.find("disk.img.gz: pieces of 1.0 MiB, chosen before its size is known"), std::string::npos)
		<< result.err;
	EXPECT_EQ(made(packed("zstd"), {"--compress"})["piece_size"], mib / 4)
		<< "that of the raw image: it says its size";
}

} // namespace

} // namespace rawswarm::test
