// SPDX-License-Identifier: BSD-3-Clause
// Blocks that go compressed between rawswarms, and peers that send what is no frame.
#include "storage/device/block_frame.hpp"
#include "storage/device/units.hpp"
#include "tests/support/base/random_bytes.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/network/free_port.hpp"
#include "tests/support/network/raw_peer.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <boost/endian/conversion.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <string>

namespace rawswarm::test
{

namespace
{

using namespace std::chrono_literals;
using json = nlohmann::json;

constexpr std::size_t mib = std::size_t(1024) * 1024;

constexpr char have_all = 14; // BEP 6
constexpr char unchoke = 1;
constexpr char request = 6;
constexpr char extended = 20;
constexpr char our_frame_id = 77; // the peer's own
constexpr char frame_id = 62; // rawswarm's

std::string number(std::size_t const n)
{
	std::array<unsigned char, 4> bytes{};
	boost::endian::store_big_u32(bytes.data(), static_cast<std::uint32_t>(n));
	return {bytes.begin(), bytes.end()};
}

std::size_t number_at(std::string const& text, std::size_t const at)
{
	return boost::endian::load_big_u32(reinterpret_cast<unsigned char const*>(text.data() + at));
}

std::string message(std::string const& body)
{
	return number(body.size()) + body;
}

std::string frame_of(std::string const& block)
{
	std::string frame;
	frame_writer(lowest_compression_level).append(frame, block);
	return frame;
}

std::string text_image(std::size_t const size)
{
	std::string text;
	while (text.size() < size)
	{
		text += fmt::format("line {} of a file\n", text.size());
	}
	text.resize(size);
	return text;
}

class block_frames : public ::testing::Test
{
protected:
	block_frames() { make_image(text_image(8 * mib + 5000)); }

	void make_image(std::string content)
	{
		m_content = std::move(content);
		write_file(m_dir / "disk.img", m_content);
		auto const created = run_rawswarm({"create", m_dir / "disk.img", "-o", m_dir / "disk.torrent",
			"--piece-size", "256K", "--compress=3", "--json"});
		EXPECT_TRUE(exits_with(created, exit_code::done));
		m_info_hash = json::parse(created.out)["info_hash"];
	}

	json job(std::vector<std::uint16_t> const& peers, char const* const compress)
	{
		auto j = loopback_job(peers);
		j["targets"].push_back(image_target(m_dir / "disk.torrent", m_dir / "target.img"));
		j["swarm"]["compress"] = compress;
		return j;
	}

	json run_to_end(json const& j)
	{
		std::filesystem::remove(std::filesystem::path(m_dir / "target.img"));
		auto command = run_command(m_dir, j);
		command.argv.emplace_back("--json");
		auto const result = run(command);
		EXPECT_TRUE(exits_with(result, exit_code::done));
		EXPECT_TRUE(read_file(m_dir / "target.img") == m_content) << "the target differs";
		return json::parse(result.out);
	}

	temp_dir m_dir;
	std::string m_content;
	std::string m_info_hash;
};

// A peer that has everything, and answers the first request with a message of the test's.
class hostile_peer
{
public:
	hostile_peer(
		std::string info_hash, std::function<std::string(std::size_t piece, std::size_t begin)> answer)
		: m_info_hash(std::move(info_hash))
		, m_answer(std::move(answer))
	{}

	std::uint16_t port() const { return m_listener.port(); }

	// True if the other end hung up on the answer.
	bool serve()
	{
		auto peer = m_listener.accept(20s);
		if (!peer)
		{
			return false;
		}
		auto hello = bittorrent_handshake(m_info_hash, "-XX0001-abcdefghijkl");
		hello[25] = 0x10; // BEP 10
		hello[27] = 0x04; // BEP 6
		peer->send(hello
			+ message(std::string{extended, 0} + fmt::format("d1:md8:rs_framei{}eee", int(our_frame_id)))
			+ message({have_all}) + message({unchoke}));
		if (peer->read(raw_peer::handshake_bytes, 10s).size() != raw_peer::handshake_bytes)
		{
			return false;
		}
		bool has_answered = false;
		for (;;)
		{
			auto const got = peer->read_message(10s);
			if (got.empty())
			{
				return has_answered && is_closed(*peer);
			}
			if (got.front() == request && !has_answered)
			{
				has_answered = true;
				peer->send(message(m_answer(number_at(got, 1), number_at(got, 5))));
			}
		}
	}

private:
	// A read returns at once.
	static bool is_closed(raw_peer& peer)
	{
		auto const begin = std::chrono::steady_clock::now();
		return peer.read(1, 10s).empty() && std::chrono::steady_clock::now() - begin < 5s;
	}

	std::string m_info_hash;
	std::function<std::string(std::size_t, std::size_t)> m_answer;
	raw_listener m_listener;
};

std::string frame_message(
	std::size_t const piece, std::size_t const begin, std::size_t const length, std::string const& frame)
{
	return std::string{extended, frame_id} + number(piece) + number(begin) + number(length) + frame;
}

} // namespace

TEST_F(block_frames, carry_less_than_the_image_and_the_report_says_so)
{
	seeding_agent const seeder(m_dir / "disk.torrent", m_dir / "disk.img");
	auto const report = run_to_end(job({seeder.port()}, "on"));
	auto const& target = report["targets"][0];
	EXPECT_EQ(target["fetched"], m_content.size());
	EXPECT_LT(target["wire_fetched"].get<std::size_t>(), m_content.size() / 2);
	EXPECT_GT(target["ratio"].get<double>(), 2);
	EXPECT_GT(report["storage"]["unpacked"].get<int>(), 0);
}

TEST_F(block_frames, are_not_sent_to_who_switches_them_off)
{
	seeding_agent const seeder(m_dir / "disk.torrent", m_dir / "disk.img");
	auto const report = run_to_end(job({seeder.port()}, "off"));
	EXPECT_EQ(report["targets"][0]["wire_fetched"], m_content.size());
	EXPECT_EQ(report["targets"][0]["ratio"], 1.0);
	EXPECT_EQ(report["storage"]["unpacked"], 0);
}

TEST_F(block_frames, of_a_compressed_image_go_out_as_they_are_stored)
{
	make_image(text_image(7 * mib) + random_bytes(1, mib)); // what did not shrink is not tried again
	auto const port = free_port();
	auto serving = loopback_job();
	serving["targets"] = {
		{{"torrent", m_dir / "disk.torrent"}, {"device", m_dir / "disk.zst"}, {"role", "seed"}}};
	serving["swarm"]["listen"] = fmt::format("127.0.0.1:{}", port);
	serving["swarm"]["compress"] = "on";
	serving["seed_until"] = {{"ratio", 1}};
	temp_dir const elsewhere;
	auto command = run_command(elsewhere, serving);
	command.argv.emplace_back("--json");
	child_process seeder(command);
	auto const report = run_to_end(job({port}, "on"));
	auto const stored = read_file(m_dir / "disk.zst").size();
	EXPECT_LE(report["targets"][0]["wire_fetched"].get<std::size_t>(), stored);
	EXPECT_GT(report["targets"][0]["wire_fetched"].get<std::size_t>(), stored * 9 / 10);
	EXPECT_TRUE(exits_with(seeder, exit_code::done)) << seeder.err();
	auto const served = json::parse(seeder.out());
	EXPECT_EQ(served["storage"]["packed"], 0);
	EXPECT_EQ(served["storage"]["stored_frames"].get<std::size_t>(), 7 * mib / block_size);
}

namespace
{

struct bad_answer
{
	char const* name;
	std::function<std::string(std::size_t piece, std::size_t begin, std::string const& block)> make;
};

std::ostream& operator<<(std::ostream& out, bad_answer const& a) // for GoogleTest
{
	return out << a.name;
}

class bad_frames
	: public block_frames
	, public ::testing::WithParamInterface<bad_answer>
{};

std::string gigabyte()
{
	// Magic, a descriptor of one segment with eight bytes of length, a gigabyte, one empty last block (RFC
	// 8878).
	return std::string("\x28\xb5\x2f\xfd\xe0", 5) + std::string("\x00\x00\x00\x40\x00\x00\x00\x00", 8)
		+ std::string("\x01\x00\x00", 3);
}

bad_answer const answers[] = {
	{"truncated",
		[](auto p, auto b, auto const& block) {
			auto const f = frame_of(block);
			return frame_message(p, b, f.size() / 2, f.substr(0, f.size() / 2));
		}},
	{"followed_by_garbage",
		[](auto p, auto b, auto const& block) {
			auto const f = frame_of(block) + "garbage";
			return frame_message(p, b, f.size(), f);
		}},
	{"of_another_length_than_it_says",
		[](auto p, auto b, auto const& block) {
			auto const f = frame_of(block);
			return frame_message(p, b, f.size() + 1, f);
		}},
	{"of_too_many_bytes",
		[](auto p, auto b, auto const& block) {
			auto const f = frame_of(block + block);
			return frame_message(p, b, f.size(), f);
		}},
	{"of_too_few_bytes",
		[](auto p, auto b, auto const& block) {
			auto const f = frame_of(block.substr(1));
			return frame_message(p, b, f.size(), f);
		}},
	{"that_claims_a_gigabyte",
		[](auto p, auto b, auto const&) { return frame_message(p, b, gigabyte().size(), gigabyte()); }},
	{"of_a_block_outside_of_the_torrent",
		[](auto, auto b, auto const& block) {
			auto const f = frame_of(block);
			return frame_message(1'000'000, b, f.size(), f);
		}},
	{"longer_than_a_block",
		[](auto p, auto b, auto const&) { return frame_message(p, b, 900'000, std::string(900'000, 'x')); }},
	{"that_is_no_frame",
		[](auto p, auto b, auto const&) { return frame_message(p, b, 100, std::string(100, 'x')); }},
};

} // namespace

INSTANTIATE_TEST_SUITE_P(
	one, bad_frames, ::testing::ValuesIn(answers), [](auto const& p) { return p.param.name; });

TEST_P(bad_frames, convict_their_sender_and_the_image_is_right)
{
	auto const hash = m_info_hash;
	hostile_peer peer(hash, [this](std::size_t const piece, std::size_t const begin) {
		return GetParam().make(piece, begin, m_content.substr(piece * 256 * 1024 + begin, block_size));
	});
	auto const good = free_port();
	child_process agent(run_command(m_dir, job({peer.port(), good}, "on")));
	EXPECT_TRUE(peer.serve()) << "it was not hung up on";
	child_process const seeder(rawswarm_command(
		{"seed", m_dir / "disk.torrent", m_dir / "disk.img", "--listen", fmt::format("127.0.0.1:{}", good)}));
	EXPECT_TRUE(exits_with(agent, exit_code::done)) << agent.err();
	EXPECT_TRUE(read_file(m_dir / "target.img") == m_content) << "the target differs";
	EXPECT_NE(agent.err().find(fmt::format("banned 127.0.0.1:{}", peer.port())), std::string::npos)
		<< agent.err();
}

} // namespace rawswarm::test
