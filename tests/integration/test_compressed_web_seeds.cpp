// SPDX-License-Identifier: BSD-3-Clause
// Images from a plain HTTP server that has them compressed, as `rawswarm create --compress` writes them.
#include "agent/bittorrent/torrent_frames.hpp"
#include "storage/device/seek_table.hpp"
#include "tests/support/base/random_bytes.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/network/free_port.hpp"
#include "tests/support/network/listeners.hpp"
#include "tests/support/network/nginx_server.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <libtorrent/bdecode.hpp>
#include <libtorrent/bencode.hpp>
#include <libtorrent/entry.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <string>
#include <vector>

namespace rawswarm::test
{

namespace
{

using json = nlohmann::json;
using std::chrono::seconds;

constexpr std::size_t mib = std::size_t(1024) * 1024;
constexpr seconds long_limit{60};

// Bytes that compress by about two.
std::string half_random(std::uint64_t const seed, std::size_t const size)
{
	auto bytes = random_bytes(seed, size);
	std::ranges::for_each(bytes, [](char& c) { c = static_cast<char>(c & 0x0f); });
	return bytes;
}

constexpr std::size_t blocks_of(std::size_t const size)
{
	constexpr std::size_t block = 16384;
	return (size + block - 1) / block;
}

constexpr std::size_t some_frames = blocks_of(4 * mib);

// Where the table of its compressed file has the length of a frame, in two bytes that are not zero.
std::size_t entry_of(std::string const& file, std::size_t const frame)
{
	return file.size() - 9 - (some_frames - frame) * 8;
}

std::size_t length_of(std::string const& file, std::size_t const frame)
{
	auto const at = entry_of(file, frame);
	return static_cast<unsigned char>(file[at]) + std::size_t(256) * static_cast<unsigned char>(file[at + 1]);
}

void set_length(std::string& file, std::size_t const frame, std::size_t const length)
{
	auto const at = entry_of(file, frame);
	file[at] = static_cast<char>(length % 256);
	file[at + 1] = static_cast<char>(length / 256);
}

class compressed_web_seeds : public ::testing::Test
{
protected:
	void SetUp() override { SKIP_WITHOUT_NGINX(); }

	// Makes NAME.torrent and NAME.zst of the source.
	void create(std::string const& source, std::string const& name = "disk",
		std::vector<std::string> const& options = {})
	{
		std::vector<std::string> arguments{
			"create", source, "-o", m_dir / (name + ".torrent"), m_compress, "--piece-size", "256K"};
		arguments.insert(arguments.end(), options.begin(), options.end());
		ASSERT_TRUE(exits_with(run_rawswarm(arguments), exit_code::done));
	}

	void create_image(std::string const& content, std::vector<std::string> const& options = {})
	{
		m_content = content;
		write_file(m_dir / "disk.img", content);
		create(m_dir / "disk.img", "disk", options);
	}

	json job(std::vector<std::string> const& web_seeds, std::vector<std::uint16_t> const& peers = {}) const
	{
		auto job = loopback_job(peers);
		job["swarm"]["web_seeds"] = web_seeds;
		job["targets"].push_back(image_target(m_dir / "disk.torrent", m_dir / "target.img"));
		return job;
	}

	// The torrent as others would make it: the table of the compressed image is needed.
	void forget_lengths()
	{
		auto const bytes = read_file(m_dir / "disk.torrent");
		lt::entry torrent(lt::bdecode(bytes));
		ASSERT_EQ(torrent.dict().erase(frames_key), 1U);
		std::string without;
		lt::bencode(std::back_inserter(without), torrent);
		write_file(m_dir / "disk.torrent", without);
	}

	std::uint64_t compressed_size(std::string const& name = "disk.zst") const
	{
		return std::filesystem::file_size(m_dir / name);
	}

	// The target as it is before the job.
	void fill_target() { write_file(m_dir / "target.img", std::string(m_content.size(), '\xff')); }

	void expect_imaged()
	{
		EXPECT_TRUE(read_file(m_dir / "target.img") == m_content) << "the target differs";
	}

	// A server that has this as disk.zst gives nothing, is named once with the reason, and the target stays
	// as it was.
	void expect_refused(std::string const& file, std::string const& why)
	{
		write_file(m_dir / "disk.zst", file);
		fill_target();
		nginx_server const server(m_dir.path());
		auto limited = job({server.url("disk.zst")});
		limited["timeout_seconds"] = 2;
		auto const result = run_job(m_dir, limited, long_limit);
		EXPECT_TRUE(exits_with(result, exit_code::network));
		auto const line = fmt::format("web seed {}: {}", server.url("disk.zst"), why);
		EXPECT_NE(result.err.find(line), std::string::npos) << "not said: " << line << "\n" << result.err;
		EXPECT_NE(result.err.find("it is not used for disk.img any more"), std::string::npos) << result.err;
		EXPECT_EQ(result.err.find("warning: web seed"), result.err.rfind("warning: web seed")) << result.err;
		EXPECT_TRUE(read_file(m_dir / "target.img") == std::string(m_content.size(), '\xff'))
			<< "something was written";
		EXPECT_LT(server.bytes_sent(), mib);
	}

	temp_dir m_dir;
	std::string m_content;
	std::string m_compress = "--compress";
};

} // namespace

TEST_F(compressed_web_seeds, image_comes_for_the_compressed_bytes)
{
	create_image(half_random(1, 12 * mib + 5000));
	nginx_server const server(m_dir.path());
	auto command = run_command(m_dir, job({server.url("disk.zst")}));
	command.argv.emplace_back("--json");

	auto const result = run(command, long_limit);

	ASSERT_TRUE(exits_with(result, exit_code::done));
	expect_imaged();
	EXPECT_LE(server.bytes_sent(), compressed_size() * 11 / 10);
	EXPECT_LE(server.bytes_sent(), m_content.size() * 7 / 10);
	auto const target = json::parse(result.out).at("targets").at(0);
	EXPECT_EQ(target.at("fetched"), m_content.size());
	// all frames; the table is not needed
	EXPECT_GE(target.at("wire_fetched"), compressed_size() - seek_table_size(blocks_of(m_content.size())));
	EXPECT_LE(target.at("wire_fetched"), server.bytes_sent());
	auto const ratio = static_cast<double>(m_content.size()) / target.at("wire_fetched").get<double>();
	EXPECT_NEAR(target.at("ratio").get<double>(), ratio, 0.01);
	EXPECT_NE(result.err.find("a compressed image, "), std::string::npos) << result.err;
}

TEST_F(compressed_web_seeds, frames_go_on_to_peers_as_they_came)
{
	m_compress = "--compress=19";
	create_image(half_random(1, 6 * mib));
	nginx_server const server(m_dir.path());
	auto const port = free_port();
	auto first = job({server.url("disk.zst")});
	first["swarm"]["listen"] = loopback(port);
	first["swarm"]["compress"] = "on";
	first["seed_until"] = {{"idle_seconds", 5}};
	auto command = run_command(m_dir, first);
	command.argv.emplace_back("--json");
	child_process agent(command);
	ASSERT_TRUE(agent.wait_for_text("a compressed image, ", long_limit)) << agent.err();
	auto second = job({}, {port});
	second["swarm"]["compress"] = "on";
	second["targets"] = json::array({image_target(m_dir / "disk.torrent", m_dir / "second.img")});
	temp_dir const other;

	ASSERT_TRUE(exits_with(run_job(other, second, long_limit), exit_code::done));

	EXPECT_TRUE(read_file(m_dir / "second.img") == m_content);
	ASSERT_TRUE(exits_with(agent, exit_code::done, long_limit));
	auto const report = json::parse(agent.out());
	EXPECT_EQ(report.at("storage").at("packed"), 0) << "compressed what it had as frames";
	EXPECT_LE(report.at("targets").at(0).at("wire_uploaded"), compressed_size() * 102 / 100);
}

// Extents with gaps, and blocks that lie in two extents.
TEST_F(compressed_web_seeds, image_without_its_zeros_comes_too)
{
	create_image(half_random(1, mib + 4096) + std::string(3 * mib, '\0') + half_random(2, 2 * mib + 512)
			+ std::string(mib, '\0') + half_random(3, 70'000),
		{"--skip-zeros"});
	nginx_server const server(m_dir.path());
	fill_target();

	ASSERT_TRUE(exits_with(run_job(m_dir, job({server.url("disk.zst?key=1")}), long_limit), exit_code::done));

	expect_imaged();
	EXPECT_LE(server.bytes_sent(), compressed_size() * 11 / 10);
}

// The URL of a torrent of many files that does not end in a slash.
TEST_F(compressed_web_seeds, folder_of_offset_named_files_is_one_compressed_file)
{
	std::filesystem::create_directory(m_dir / "folder");
	m_content.assign(5 * mib, '\0');
	for (std::size_t const offset : {std::size_t(0), mib + 512, 4 * mib})
	{
		auto const bytes = half_random(offset, 700'001);
		write_file(m_dir / fmt::format("folder/{:#x}", offset), bytes);
		m_content.replace(offset, bytes.size(), bytes);
	}
	m_content.resize(4 * mib + 700'001);
	create(m_dir / "folder");
	nginx_server const server(m_dir.path());

	ASSERT_TRUE(exits_with(run_job(m_dir, job({server.url("disk.zst")}), long_limit), exit_code::done));

	expect_imaged();
	EXPECT_LE(server.bytes_sent(), compressed_size() * 11 / 10);
}

// It is longer than the raw one, so that only its bytes can tell.
TEST_F(compressed_web_seeds, image_that_did_not_shrink_is_known_all_the_same)
{
	create_image(random_bytes(1, 4 * mib));
	ASSERT_GT(compressed_size(), m_content.size());
	nginx_server const server(m_dir.path());

	auto const result = run_job(m_dir, job({server.url("disk.zst")}), long_limit);

	ASSERT_TRUE(exits_with(result, exit_code::done));
	expect_imaged();
	EXPECT_EQ(result.err.find("any more"), std::string::npos) << result.err;
}

TEST_F(compressed_web_seeds, targets_each_take_the_compressed_image_that_is_theirs)
{
	write_file(m_dir / "other.img", half_random(9, 3 * mib));
	create(m_dir / "other.img", "other");
	create_image(half_random(1, 5 * mib));
	nginx_server const server(m_dir.path());
	auto both = job({server.url("other.zst"), server.url("disk.zst")});
	both["targets"].push_back(image_target(m_dir / "other.torrent", m_dir / "other_target.img"));

	ASSERT_TRUE(exits_with(run_job(m_dir, both, long_limit), exit_code::done));

	expect_imaged();
	EXPECT_TRUE(read_file(m_dir / "other_target.img") == read_file(m_dir / "other.img"));
}

TEST_F(compressed_web_seeds, raw_and_compressed_ones_serve_together)
{
	create_image(half_random(1, 8 * mib));
	nginx_server const server(m_dir.path());

	auto const result = run_job(m_dir, job({server.url("disk.img"), server.url("disk.zst")}), long_limit);

	ASSERT_TRUE(exits_with(result, exit_code::done));
	expect_imaged();
	EXPECT_LT(server.bytes_sent(), m_content.size() + compressed_size());
	EXPECT_EQ(result.err.find("any more"), std::string::npos) << result.err;
}

TEST_F(compressed_web_seeds, ones_that_were_cut_off_or_lie_are_refused_and_nothing_is_written)
{
	create_image(half_random(1, 4 * mib));
	forget_lengths();
	auto const whole = read_file(m_dir / "disk.zst");
	expect_refused(whole.substr(0, whole.size() / 2),
		"asking for /disk.zst: compressed by zstd, without a seek table: cut off, or not made by rawswarm "
		"create --compress; it is not used");
	expect_refused(whole.substr(0, 1000) + whole, "asking for /disk.zst: its seek table lists frames of ");

	auto lie = whole;
	auto const footer = lie.size() - 9;
	lie[footer + 3] = 7; // more frames than any table lists in so few bytes
	expect_refused(lie, "asking for /disk.zst: its seek table is damaged");

	write_file(m_dir / "other.img", m_content.substr(mib));
	create(m_dir / "other.img", "other");
	expect_refused(
		read_file(m_dir / "other.zst"), "asking for /disk.zst: it holds 192 blocks, the torrent 256");
}

// A table whose sums are right and whose frames end elsewhere; frames that hold another image; a frame that
// claims a gigabyte.
TEST_F(compressed_web_seeds, ones_with_wrong_frames_are_refused_and_nothing_is_written)
{
	create_image(half_random(1, 4 * mib));
	forget_lengths();
	auto const whole = read_file(m_dir / "disk.zst");
	auto shifted = whole;
	for (std::size_t frame = 0; frame < some_frames; frame += 2)
	{
		set_length(shifted, frame, length_of(whole, frame) - 1);
		set_length(shifted, frame + 1, length_of(whole, frame + 1) + 1);
	}
	expect_refused(shifted, "reading /disk.zst at 0x");

	write_file(m_dir / "other.img", half_random(2, 4 * mib));
	create(m_dir / "other.img", "other");
	expect_refused(read_file(m_dir / "other.zst"), "piece ");

	auto bombs = whole;
	std::string const bomb("\x28\xb5\x2f\xfd\xa0\x00\x00\x00\x40", 9); // a frame that claims a gigabyte
	for (std::size_t frame = 0, at = 0; frame < some_frames; ++frame)
	{
		bombs.replace(at, bomb.size(), bomb);
		at += length_of(whole, frame);
	}
	expect_refused(bombs, "reading /disk.zst at 0x");
}

TEST_F(compressed_web_seeds, one_damaged_frame_ends_its_server_and_the_rest_comes_from_a_peer)
{
	create_image(half_random(1, 4 * mib));
	auto bytes = read_file(m_dir / "disk.zst");
	bytes[bytes.size() / 2] = static_cast<char>(~bytes[bytes.size() / 2]);
	write_file(m_dir / "disk.zst", bytes);
	nginx_server const server(m_dir.path());
	auto const port = free_port();
	child_process agent(run_command(m_dir, job({server.url("disk.zst")}, {port})));
	ASSERT_TRUE(agent.wait_for_text("the frame is damaged", long_limit)) << agent.err();
	child_process const seeder(rawswarm_command(
		{"seed", m_dir / "disk.torrent", m_dir / "disk.img", "--listen", loopback(port), "--no-lsd"}));

	ASSERT_TRUE(exits_with(agent, exit_code::done, long_limit));

	expect_imaged();
}

TEST_F(compressed_web_seeds, one_that_dies_half_way_is_asked_for_the_rest)
{
	create_image(half_random(1, 6 * mib));
	nginx_server server(m_dir.path(), {.rate = "500k"});
	child_process agent(run_command(m_dir, job({server.url("disk.zst")})));
	ASSERT_TRUE(agent.wait_for_text("a compressed image, ", long_limit)) << agent.err();
	server.kill();
	ASSERT_TRUE(agent.wait_for_text("it is asked again", long_limit)) << agent.err();

	server.start();

	ASSERT_TRUE(exits_with(agent, exit_code::done, long_limit));
	expect_imaged();
	// its table was read once; two pieces were under way
	EXPECT_LE(server.bytes_sent(), compressed_size() + 2 * 256 * 1024 + 32 * 1024);
}

// Each of a room would fetch all of it: eight bytes for each block.
TEST_F(compressed_web_seeds, one_that_was_made_with_the_torrent_is_not_asked_for_its_table)
{
	constexpr std::size_t size = 64 * mib;
	create_image(std::string(size, 'a'));
	auto const sent = [this] {
		fill_target();
		nginx_server const server(m_dir.path());
		EXPECT_TRUE(exits_with(run_job(m_dir, job({server.url("disk.zst")}), long_limit), exit_code::done));
		expect_imaged();
		return server.bytes_sent();
	};
	// to find out that it is no raw image: a block, or the answer that there is none at that place
	constexpr std::size_t to_find_out = 16384 + 1000;
	EXPECT_LE(sent(), compressed_size() - seek_table_size(blocks_of(size)) + to_find_out);

	forget_lengths();
	EXPECT_GE(sent(), compressed_size());
}

// Of its size: a server has another image with as many bytes, or its frames in another order.
TEST_F(compressed_web_seeds, one_that_the_torrent_says_wrong_things_of_is_read_by_its_table)
{
	create_image(half_random(1, 4 * mib));
	auto torrent = read_file(m_dir / "disk.torrent");
	auto const lengths = torrent.find(':', torrent.find("7:lengths") + 9) + 1;
	torrent[lengths] = static_cast<char>(torrent[lengths] + 1);
	torrent[lengths + 4] = static_cast<char>(torrent[lengths + 4] - 1);
	write_file(m_dir / "disk.torrent", torrent);
	nginx_server const server(m_dir.path());

	auto const result = run_job(m_dir, job({server.url("disk.zst")}), long_limit);

	ASSERT_TRUE(exits_with(result, exit_code::done));
	expect_imaged();
	EXPECT_EQ(result.err.find("any more"), std::string::npos) << result.err;
}

// Of the bytes that the network carries.
TEST_F(compressed_web_seeds, download_limit_holds)
{
	create_image(half_random(1, 6 * mib));
	nginx_server const server(m_dir.path());
	auto limited = job({server.url("disk.zst")});
	limited["swarm"]["download_limit"] = compressed_size() / 2;
	auto const started = std::chrono::steady_clock::now();

	ASSERT_TRUE(exits_with(run_job(m_dir, limited, long_limit), exit_code::done));

	// it takes two seconds at that rate, less the half second that may come in the first burst
	EXPECT_GE(std::chrono::steady_clock::now() - started, std::chrono::milliseconds(1400));
	expect_imaged();
}

} // namespace rawswarm::test
