// SPDX-License-Identifier: BSD-3-Clause
// What is printed, and what happens if it cannot be: full and closed standard streams, the bar on a terminal,
// words that are no command.
#include "tests/support/base/random_bytes.hpp"
#include "tests/support/base/skip.hpp"
#include "tests/support/device/device_content.hpp"
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <regex>

namespace rawswarm::test
{

namespace
{

// Runs `rawswarm ARGUMENTS… REDIRECTIONS` in a shell.
run_result run_redirected(std::vector<std::string> const& arguments, std::string const& redirections)
{
	auto command = rawswarm_command(arguments);
	auto const line = fmt::format("exec '{}' {}", fmt::join(command.argv, "' '"), redirections);
	command.argv = {"sh", "-c", line};
	return run(command, std::chrono::seconds(25));
}

class output : public ::testing::Test
{
protected:
	output()
		: m_image(extent_layout{.count = 20})
	{
		auto job = loopback_job();
		job["targets"].push_back(image_target(m_image.torrent_path, m_image.dir / "target.img"));
		write_file(m_image.dir / "job.json", job.dump());
		write_file(m_image.dir / "raw.img", random_bytes(1, 100'000));
	}

	// Everything that prints on standard output and ends by itself.
	std::vector<std::vector<std::string>> printing_commands() const
	{
		return {{"--help"}, {"--version"}, {"run", "--help"}, {"help"}, {"help", "--man"},
			{"help", "--completion", "bash"}, {"devices"}, {"devices", "--json"},
			{"check", m_image.dir / "job.json"}, {"check", m_image.dir / "job.json", "--json"},
			{"verify", "--torrent", m_image.torrent_path, "--device", m_image.source_path},
			{"verify", "--torrent", m_image.torrent_path, "--device", m_image.source_path, "--json"},
			{"create", m_image.dir / "raw.img", "-o", m_image.dir / "made.torrent"},
			{"create", m_image.dir / "raw.img", "-o", m_image.dir / "made.torrent", "--json"},
			{"watch", "--listen", "127.0.0.1:0", "--expect", "1", "--timeout", "1"}};
	}

	prepared_image m_image;
};

} // namespace

TEST_F(output, that_a_full_disk_refuses_is_no_success_of_any_command)
{
	for (auto const& arguments : printing_commands())
	{
		auto const ended = run_redirected(arguments, ">/dev/full");
		EXPECT_TRUE(exits_with(ended, exit_code::internal)) << fmt::format("{}", arguments);
		EXPECT_NE(ended.err.find("No space left on device"), std::string::npos)
			<< fmt::format("{}", arguments) << ended.err;
	}
}

TEST_F(output, into_a_stream_that_is_closed_is_no_success_either)
{
	auto const ended = run_redirected({"devices"}, ">&-");
	EXPECT_TRUE(exits_with(ended, exit_code::internal));
	EXPECT_EQ(ended.err, "rawswarm: writing standard output: Bad file descriptor\n");
}

TEST_F(output, of_a_report_that_cannot_be_written_is_no_success_of_a_job_that_is_done)
{
	seeding_agent const seeder(m_image.torrent_path, m_image.source_path);
	auto job = loopback_job({seeder.port()});
	job["targets"].push_back(image_target(m_image.torrent_path, m_image.dir / "target.img"));
	job["on_success"] = {{"exec", {"touch", m_image.dir / "end_action"}}};
	write_file(m_image.dir / "job.json", job.dump());

	auto const ended = run_redirected({"run", m_image.dir / "job.json", "--json"}, ">/dev/full");

	EXPECT_NE(ended.err.find("writing standard output: No space left"), std::string::npos) << ended.err;
	EXPECT_TRUE(device_equals(m_image.dir / "target.img", m_image.torrent.files, background::zeros));
	EXPECT_TRUE(std::filesystem::exists(m_image.dir / "end_action"));

	job["on_success"] = "continue";
	write_file(m_image.dir / "job.json", job.dump());
	EXPECT_TRUE(exits_with(
		run_redirected({"run", m_image.dir / "job.json", "--json"}, ">/dev/full"), exit_code::internal));
}

// The numbers 0 to 2 must not become those of the target.
TEST_F(output, never_goes_to_the_target_though_all_standard_streams_are_closed)
{
	seeding_agent const seeder(m_image.torrent_path, m_image.source_path);
	auto job = loopback_job({seeder.port()});
	job["targets"].push_back(image_target(m_image.torrent_path, m_image.dir / "target.img"));
	write_file(m_image.dir / "job.json", job.dump());

	auto const ended =
		run_redirected({"run", m_image.dir / "job.json", "--json", "--log", "debug"}, "<&- >&- 2>&-");

	EXPECT_TRUE(exits_with(ended, exit_code::internal)); // the report went nowhere
	EXPECT_TRUE(device_equals(m_image.dir / "target.img", m_image.torrent.files, background::zeros));
}

TEST_F(output, of_errors_that_cannot_be_written_leaves_the_exit_code)
{
	EXPECT_TRUE(exits_with(run_redirected({"check", "/none.json"}, "2>/dev/full"), exit_code::refused));
	EXPECT_TRUE(exits_with(run_redirected({"rnu"}, "2>/dev/full"), exit_code::usage));
	EXPECT_TRUE(exits_with(run_redirected({"devices", "--log", "x"}, "2>/dev/full"), exit_code::usage));
}

// `script` gives the program a terminal, whose output it copies.
TEST_F(output, of_create_stands_on_a_line_of_its_own_below_the_bar)
{
	SKIP_WITHOUT("script");
	auto command = rawswarm_command({"create", m_image.dir / "raw.img", "-o", m_image.dir / "made.torrent"});
	command.argv = {"script", "-qec", fmt::format("{}", fmt::join(command.argv, " ")), "/dev/null"};
	command.env["TERM"] = "xterm";
	auto const ended = run(command, std::chrono::seconds(25));
	EXPECT_TRUE(exits_with(ended, exit_code::done));
	EXPECT_NE(ended.out.find("reading ["), std::string::npos) << "no bar: " << ended.out;
	EXPECT_TRUE(std::regex_search(ended.out, std::regex("\n[^\r\n]*made\\.torrent: 97\\.7 KiB of")))
		<< ended.out;
}

TEST_F(output, has_no_colours_where_the_environment_says_so)
{
	SKIP_WITHOUT("script");
	auto command = rawswarm_command({"seed", m_image.torrent_path, m_image.source_path, "--listen",
		"127.0.0.1:0", "--no-lsd", "--seed-seconds", "1"});
	command.argv = {"script", "-qec", fmt::format("{}", fmt::join(command.argv, " ")), "/dev/null"};
	command.env["TERM"] = "xterm";
	EXPECT_NE(run(command, std::chrono::seconds(25)).out.find("\x1b[32minfo"), std::string::npos);
	command.env["NO_COLOR"] = "1";
	auto const plain = run(command, std::chrono::seconds(25)).out;
	EXPECT_NE(plain.find("info: "), std::string::npos) << plain;
	EXPECT_FALSE(std::regex_search(plain, std::regex("\x1b\\[[0-9;]*m"))) << plain;
}

TEST(command_line, names_a_word_that_is_no_command_and_what_was_probably_meant)
{
	auto const near = run_rawswarm({"deivces", "--json"});
	EXPECT_TRUE(exits_with(near, exit_code::usage));
	EXPECT_EQ(near.err,
		"rawswarm: unknown command \"deivces\": did you mean \"devices\"? \"rawswarm --help\" lists them\n");
	auto const far = run_rawswarm({"deploy"});
	EXPECT_TRUE(exits_with(far, exit_code::usage));
	EXPECT_EQ(far.err, "rawswarm: unknown command \"deploy\"; \"rawswarm --help\" lists them\n");
}

TEST(command_line, says_which_option_was_probably_meant)
{
	auto const near = run_rawswarm({"devices", "--jsno"});
	EXPECT_TRUE(exits_with(near, exit_code::usage));
	EXPECT_NE(near.err.find("--jsno"), std::string::npos) << near.err;
	EXPECT_NE(near.err.find("Did you mean --json?"), std::string::npos) << near.err;
	EXPECT_EQ(run_rawswarm({"devices", "--tape"}).err.find("Did you mean"), std::string::npos);
}

TEST(command_line, a_time_limit_of_watch_that_limits_nothing_is_refused)
{
	auto const ended = run_rawswarm({"watch", "--timeout", "1", "--listen", "127.0.0.1:0"});
	EXPECT_TRUE(exits_with(ended, exit_code::usage));
	EXPECT_NE(ended.err.find("--timeout requires --expect"), std::string::npos) << ended.err;
}

TEST_F(output, of_a_torrent_with_marks_that_turn_the_direction_is_safe_to_show)
{
	std::string const turned = "\xe2\x80\xae"
							   "gmi.knid";
	run_rawswarm({"create", m_image.dir / "raw.img", "-o", m_image.dir / "made.torrent", "--name", turned});
	auto const info = run_rawswarm({"info", m_image.dir / "made.torrent"});
	EXPECT_NE(info.out.find("gmi.knid\""), std::string::npos) << info.out << info.err;
	auto job = loopback_job();
	job["targets"].push_back(image_target(m_image.torrent_path, m_image.dir / turned));
	write_file(m_image.dir / "job.json", job.dump());
	auto const checked = run_rawswarm({"check", m_image.dir / "job.json"});
	EXPECT_NE(checked.out.find("/?gmi.knid"), std::string::npos) << checked.out << checked.err;
	auto const missing = run_rawswarm({"info", m_image.dir / turned});
	EXPECT_NE(missing.err.find("?gmi.knid"), std::string::npos) << missing.err;
	for (auto const* const text : {&info.out, &checked.out, &missing.err})
	{
		EXPECT_EQ(text->find(turned), std::string::npos) << *text;
	}
}

} // namespace rawswarm::test
