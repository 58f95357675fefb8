// SPDX-License-Identifier: BSD-3-Clause
// What a person at the machine sees: the bar, the last screen, and a failure that can be read across a room.
// `script` gives the program a terminal, whose output it copies.
#include "agent/progress/big_letters.hpp"
#include "base/text.hpp"
#include "tests/support/base/skip.hpp"
#include "tests/support/device/loop_device.hpp"
#include "tests/support/network/free_port.hpp"
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <regex>

namespace rawswarm::test
{

namespace
{

using namespace std::chrono_literals;
namespace fs = std::filesystem;

// The command on a terminal of this size. before: what the shell does first.
child_options on_terminal(
	child_options command, int const columns, int const rows, std::string const& before = "true")
{
	command.argv = {"script", "-qec",
		fmt::format("{}; stty cols {} rows {}; exec {}", before, columns, rows, fmt::join(command.argv, " ")),
		"/dev/null"};
	command.env.try_emplace("TERM", "linux");
	return command;
}

// What was printed since the last carriage return of each line, without escape sequences.
std::vector<std::string> lines_on(std::string const& output)
{
	std::vector<std::string> lines;
	auto const plain = std::regex_replace(output, std::regex("\x1b\\[[0-9;]*[a-zA-Z]"), "");
	for (auto line : split(plain, '\n'))
	{
		line = trim(line, "\r");
		lines.emplace_back(line.substr(line.rfind('\r') + 1));
	}
	return lines;
}

bool shows(std::vector<std::string> const& lines, std::string const& text, std::size_t const scale,
	letter_ink const ink)
{
	auto const letters = enlarge(draw_letters(text), scale, ink);
	return std::search(lines.begin(), lines.end(), letters.begin(), letters.end()) != lines.end();
}

class failed_boot : public ::testing::Test
{
protected:
	failed_boot()
	{
		write_file(m_dir / "kmsg", "");
		write_file(m_dir / "job.json", "{}");
	}

	child_options boot(std::string const& parameters = {}) const
	{
		write_file(m_dir / "cmdline",
			fmt::format(
				"rd.rawswarm.job={} BOOTIF=01-52-54-00-12-ab-ef {}\n", m_dir / "job.json", parameters));
		return rawswarm_command({"boot", "--cmdline", m_dir / "cmdline", "--kmsg", m_dir / "kmsg"});
	}

	// The characters on the screen take no more columns than it has; colours of the log take none.
	static std::size_t widest_letters(std::vector<std::string> const& lines)
	{
		std::size_t widest = 0;
		for (auto const& line : lines)
		{
			if (line.find_first_not_of(" \xe2\x96\x88\x80\x84#") == std::string::npos)
			{
				widest = std::max<std::size_t>(widest,
					static_cast<std::size_t>(std::ranges::count_if(
						line, [](char const c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; })));
			}
		}
		return widest;
	}

	temp_dir m_dir;
};

// BOOTIF's, though this machine has no such card.
constexpr auto address = "52:54:00:12:AB:EF";

} // namespace

TEST_F(failed_boot, shows_its_exit_code_and_its_address_across_a_screen_of_80_by_25)
{
	SKIP_WITHOUT("script");
	auto const ended = run(on_terminal(boot(), 80, 25), 25s);
	EXPECT_TRUE(exits_with(ended, exit_code::refused));
	auto const lines = lines_on(ended.out);
	EXPECT_TRUE(shows(lines, "FAILED 3", 2, letter_ink::blocks)) << ended.out;
	EXPECT_TRUE(shows(lines, address, 1, letter_ink::blocks)) << ended.out;
	EXPECT_LT(widest_letters(lines), 80U);
	EXPECT_NE(ended.out.find("\x1b[1m"), std::string::npos) << "not bold";
	auto const last = ended.out.rfind("this machine was not imaged: ");
	EXPECT_NE(last, std::string::npos) << ended.out;
	EXPECT_GT(last, ended.out.rfind("█")) << "the reason stands below";
}

TEST_F(failed_boot, shows_them_larger_on_a_larger_screen)
{
	SKIP_WITHOUT("script");
	auto const ended = run(on_terminal(boot(), 200, 60), 25s);
	auto const lines = lines_on(ended.out);
	EXPECT_TRUE(shows(lines, "FAILED 3", 5, letter_ink::blocks)) << ended.out;
	EXPECT_TRUE(shows(lines, address, 2, letter_ink::blocks)) << ended.out;
	EXPECT_LT(widest_letters(lines), 200U);
}

TEST_F(failed_boot, shows_ascii_alone_where_the_terminal_knows_no_more)
{
	SKIP_WITHOUT("script");
	auto command = boot();
	command.env["TERM"] = "dumb"; // as a serial line is taken for one
	auto const ended = run(on_terminal(command, 80, 24), 25s);
	EXPECT_TRUE(shows(lines_on(ended.out), "FAILED 3", 2, letter_ink::hashes)) << ended.out;
	EXPECT_TRUE(std::ranges::all_of(ended.out, [](char const c) {
		return (c >= ' ' && c < 127) || c == '\n' || c == '\r' || c == '\t';
	})) << ended.out;
}

TEST_F(failed_boot, is_not_bold_where_the_environment_says_so)
{
	SKIP_WITHOUT("script");
	auto command = boot();
	command.env["NO_COLOR"] = "1";
	auto const ended = run(on_terminal(command, 80, 25), 25s);
	EXPECT_TRUE(shows(lines_on(ended.out), "FAILED 3", 2, letter_ink::blocks)) << ended.out;
	EXPECT_FALSE(std::regex_search(ended.out, std::regex("\x1b\\[[0-9;]*m"))) << ended.out;
}

TEST_F(failed_boot, shows_letters_neither_in_a_file_nor_if_the_boot_goes_on)
{
	SKIP_WITHOUT("script");
	auto const filed = run(boot(), 25s);
	EXPECT_EQ(filed.err.find("##"), std::string::npos) << filed.err;
	EXPECT_NE(filed.err.find("rawswarm: this machine was not imaged: "), std::string::npos) << filed.err;
	auto const goes_on = run(on_terminal(boot("rd.rawswarm.on_failure=continue"), 80, 25), 25s);
	EXPECT_EQ(goes_on.out.find("█"), std::string::npos) << goes_on.out;
}

// The root is in memory there, as the kernel's first root is.
TEST(failed_run, shows_its_exit_code_large_in_an_initramfs_alone)
{
	SKIP_WITHOUT("script");
	SKIP_WITHOUT_ROOT();
	prepared_image const image(extent_layout{.count = 20});
	scoped_tmpfs const root(256 * 1024 * 1024);
	auto const program = rawswarm_command({}).argv.front();
	fs::copy_file(program, root / "rawswarm");
	fs::copy_file(image.torrent_path, root / "image.torrent");
	child_options inside;
	inside.argv = {"chroot", root.path(), "/rawswarm", "run", "--torrent", "/image.torrent", "--device",
		"/dev/vdz", "--no-lsd"};
	auto const large = run(on_terminal(inside, 80, 25), 25s);
	EXPECT_TRUE(shows(lines_on(large.out), "FAILED 4", 2, letter_ink::blocks)) << large.out;
	auto const error = large.out.rfind("/dev/vdz: ");
	EXPECT_TRUE(error != std::string::npos && error > large.out.rfind("█")) << large.out;
	auto const outside = run(on_terminal(rawswarm_command({"run", "--torrent", image.torrent_path, "--device",
											 "/dev/vdz", "--no-lsd"}),
								 80, 25),
		25s);
	EXPECT_EQ(outside.out.find("█"), std::string::npos) << outside.out;
	EXPECT_NE(outside.out.find("/dev/vdz: "), std::string::npos) << outside.out;
}

TEST(bar_of_a_job, is_as_wide_as_its_terminal_from_one_moment_to_the_next)
{
	SKIP_WITHOUT("script");
	prepared_image const image(extent_layout{.count = 200});
	auto job = loopback_job({free_port()}); // nobody is there
	job["timeout_seconds"] = 4;
	job["targets"].push_back(image_target(image.torrent_path, image.dir / "target.img"));
	auto command = run_command(image.dir, job);
	command.env["NO_COLOR"] = "1";
	auto const ended =
		run(on_terminal(command, 70, 25, "t=$(tty); (sleep 2; stty -F $t cols 34) & true"), 25s);
	std::vector<std::size_t> widths;
	for (auto const drawn : split(ended.out, '\r'))
	{
		if (drawn.starts_with("downloading"))
		{
			widths.push_back(drawn.find("\x1b[K"));
		}
	}
	ASSERT_GE(widths.size(), 2U) << ended.out;
	EXPECT_LT(widths.front(), 70U);
	EXPECT_GT(widths.front(), 34U);
	EXPECT_LT(widths.back(), 34U) << ended.out;
}

TEST(last_screen, of_a_job_says_how_long_its_phases_took_and_so_does_the_report)
{
	SKIP_WITHOUT("script");
	prepared_image const image(extent_layout{.count = 40});
	seeding_agent const seeder(image.torrent_path, image.source_path);
	auto job = loopback_job({seeder.port()});
	job["verify"] = "readback";
	job["after"] = {{{"exec", {"sleep", "0.3"}}}};
	job["targets"].push_back(image_target(image.torrent_path, image.dir / "target.img"));
	auto const screen = run(on_terminal(run_command(image.dir, job), 80, 25), 25s);
	EXPECT_TRUE(exits_with(screen, exit_code::done));
	EXPECT_TRUE(std::regex_search(screen.out, std::regex("\n[0-9.]+s in all: .*finishing 0\\.[0-9]s")))
		<< screen.out;
	EXPECT_NE(screen.out.find("\nthe limit was nothing in particular: too short to tell"), std::string::npos)
		<< screen.out;

	auto command = run_command(image.dir, job);
	command.argv.emplace_back("--json");
	auto const result = run(command, 25s);
	EXPECT_NE(result.err.find("rawswarm: the limit was nothing in particular"), std::string::npos)
		<< result.err;
	auto const report = nlohmann::json::parse(result.out);
	EXPECT_EQ(report.at("limit").at("by"), "unclear");
	std::vector<std::string> states;
	for (auto const& phase : report.at("phases"))
	{
		states.push_back(phase.at("state"));
	}
	EXPECT_EQ(states, (std::vector<std::string>{"starting", "planning", "finishing"}));
	EXPECT_GE(report.at("phases").back().at("elapsed_ms"), 300);
	std::vector<std::string> steps;
	for (auto const& step : report.at("targets").at(0).at("steps"))
	{
		steps.push_back(step.at("step"));
	}
	EXPECT_EQ(steps, (std::vector<std::string>{"flush", "sync"}));
}

} // namespace rawswarm::test
