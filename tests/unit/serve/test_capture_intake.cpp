// SPDX-License-Identifier: BSD-3-Clause
#include "agent/serve/capture_intake.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/torrent/torrent_maker.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace rawswarm
{

namespace
{

namespace fs = std::filesystem;

// The swarm is the test: what is fetched comes when it says so.
class capture_intakes : public ::testing::Test
{
protected:
	static std::string torrent(std::string const& name = "golden")
	{
		test::torrent_options options;
		options.name = name;
		return test::make_torrent({{0, "abc"}}, options).bytes;
	}

	capture_intake::environment environment(std::chrono::seconds const silence = std::chrono::seconds(60))
	{
		capture_intake::environment env{m_ios, m_pool, m_dir.path().string(), {}, {}, {}, silence};
		env.fetch = [this](std::string const& name, std::string const& bytes, std::string destination,
						capture_intake::done_handler on_done) {
			EXPECT_EQ(bytes, torrent(name));
			m_destination = std::move(destination);
			m_on_done = std::move(on_done);
		};
		env.cancel = [this](std::string const& name) {
			m_cancelled.push_back(name);
			m_on_done(fail(fault::network, "fetching {}: cancelled", name));
		};
		env.captured = [this](std::string const& token) { m_captured.push_back(token); };
		return env;
	}

	// Until the answer to the machine has this status.
	intake_answer answer_of(capture_intake& intake, unsigned const status, std::string const& name = "golden")
	{
		auto answer = intake.tell("token", name);
		for (int i = 0; i < 2000 && answer.status != status; ++i)
		{
			m_ios.run_for(std::chrono::milliseconds(10));
			answer = intake.tell("token", name);
		}
		EXPECT_EQ(answer.status, status) << answer.text;
		return answer;
	}

	void run_until_it_is_fetched()
	{
		for (int i = 0; i < 2000 && !m_on_done; ++i)
		{
			m_ios.run_for(std::chrono::milliseconds(10));
		}
		ASSERT_TRUE(m_on_done);
	}

	bool is_empty() const { return fs::is_empty(m_dir.path()); }

	test::temp_dir m_dir;
	boost::asio::io_context m_ios;
	boost::asio::thread_pool m_pool{1};
	std::string m_destination;
	capture_intake::done_handler m_on_done;
	std::vector<std::string> m_cancelled;
	std::vector<std::string> m_captured;
};

} // namespace

TEST_F(capture_intakes, an_image_that_was_fetched_is_there_with_its_torrent)
{
	capture_intake intake(environment());
	EXPECT_EQ(intake.take("token", "golden", torrent()).status, 202U);
	run_until_it_is_fetched();
	EXPECT_EQ(m_destination, m_dir / ".golden.img.part");
	EXPECT_EQ(intake.tell("token", "golden").status, 202U);
	test::write_file(m_destination, "abc");
	m_on_done(success());
	answer_of(intake, 200);
	EXPECT_EQ(test::read_file(m_dir / "golden.torrent"), torrent());
	EXPECT_EQ(test::read_file(m_dir / "golden.img"), "abc");
	EXPECT_EQ(m_captured, std::vector<std::string>{"token"});
	EXPECT_EQ(intake.take("token", "golden", torrent()).status, 202U) << "an answer that was lost";
	answer_of(intake, 200);
	EXPECT_EQ(m_captured.size(), 1U);
}

TEST_F(capture_intakes, a_torrent_that_comes_twice_is_fetched_once)
{
	capture_intake intake(environment());
	intake.take("token", "golden", torrent());
	run_until_it_is_fetched();
	m_on_done = {};
	EXPECT_EQ(intake.take("token", "golden", torrent()).status, 202U);
	m_ios.run_for(std::chrono::milliseconds(50));
	EXPECT_FALSE(m_on_done);
}

TEST_F(capture_intakes, who_has_not_sent_a_torrent_is_asked_for_it)
{
	capture_intake intake(environment());
	EXPECT_EQ(intake.tell("token", "golden").status, 404U);
	intake.take("token", "golden", torrent());
	EXPECT_EQ(intake.tell("another", "golden").status, 404U);
}

TEST_F(capture_intakes, two_machines_are_not_captured_as_one_image)
{
	capture_intake intake(environment());
	intake.take("token", "golden", torrent());
	auto const answer = intake.take("another", "golden", torrent());
	EXPECT_EQ(answer.status, 409U);
	EXPECT_EQ(answer.text, "capturing golden: another machine is being captured as this");
}

// Two thirds of what is free each: both torrents are here before the first is looked at.
TEST_F(capture_intakes, space_is_promised_once)
{
	constexpr std::uint64_t piece = 16 * 1024 * 1024;
	auto const pieces = fs::space(m_dir.path()).available / 3 * 2 / piece;
	auto const large = [&](std::string const& name) {
		std::string const hashes(pieces * 20, 'h');
		return fmt::format(
			"d4:infod5:filesld6:lengthi{}e4:pathl10:0x00000000eee4:name{}:{}12:piece lengthi{}e"
			"6:pieces{}:{}ee",
			pieces * piece, name.size(), name, piece, hashes.size(), hashes);
	};
	auto env = environment();
	int fetched = 0;
	env.fetch = [&](std::string const&, std::string const&, std::string const&,
					capture_intake::done_handler const&) { ++fetched; };
	capture_intake intake(std::move(env));
	intake.take("token", "golden", large("golden"));
	intake.take("token", "silver", large("silver"));
	auto const answer = answer_of(intake, 507, "silver");
	EXPECT_TRUE(answer.text.starts_with("capturing silver: it takes ")) << answer.text;
	EXPECT_EQ(intake.tell("token", "golden").status, 202U);
	EXPECT_EQ(fetched, 1);
}

TEST_F(capture_intakes, a_torrent_that_is_refused_says_why_and_is_never_fetched)
{
	capture_intake intake(environment());
	intake.take("token", "golden", torrent("other"));
	EXPECT_EQ(answer_of(intake, 400).text, "capturing golden: its torrent is that of \"other\"");
	EXPECT_FALSE(m_on_done);
	EXPECT_EQ(intake.take("token", "../golden", torrent()).status, 400U);
	EXPECT_TRUE(is_empty());
}

TEST_F(capture_intakes, an_image_of_that_name_is_never_replaced)
{
	test::write_file(m_dir / "golden.img", "old");
	capture_intake intake(environment());
	intake.take("token", "golden", torrent());
	EXPECT_EQ(answer_of(intake, 409).text,
		fmt::format("capturing golden: {} has golden.img already", m_dir.path().string()));
	EXPECT_EQ(test::read_file(m_dir / "golden.img"), "old");
}

TEST_F(capture_intakes, a_fetch_that_fails_is_told_and_may_be_tried_again)
{
	capture_intake intake(environment());
	intake.take("token", "golden", torrent());
	run_until_it_is_fetched();
	m_on_done(fail(fault::target, "writing: No space left on device"));
	EXPECT_EQ(answer_of(intake, 410).text, "capturing golden: writing: No space left on device");
	m_on_done = {};
	intake.take("token", "golden", torrent());
	run_until_it_is_fetched();
	EXPECT_TRUE(m_captured.empty());
	EXPECT_TRUE(is_empty());
}

TEST_F(capture_intakes, a_machine_that_does_not_ask_any_more_is_gone)
{
	capture_intake intake(environment(std::chrono::seconds(0)));
	intake.take("token", "golden", torrent());
	run_until_it_is_fetched();
	while (m_cancelled.empty())
	{
		m_ios.run_for(std::chrono::milliseconds(50));
	}
	m_ios.run_for(std::chrono::milliseconds(50));
	EXPECT_EQ(m_cancelled, std::vector<std::string>{"golden"});
	EXPECT_EQ(answer_of(intake, 410).text, "capturing golden: the machine has not been heard of for 0 s");
}

TEST_F(capture_intakes, an_image_whose_file_is_not_there_leaves_nothing)
{
	capture_intake intake(environment());
	intake.take("token", "golden", torrent());
	run_until_it_is_fetched();
	m_on_done(success());
	answer_of(intake, 507);
	EXPECT_TRUE(is_empty());
	EXPECT_TRUE(m_captured.empty());
}

} // namespace rawswarm
