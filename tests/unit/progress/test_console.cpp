// SPDX-License-Identifier: BSD-3-Clause
#include "agent/log/log.hpp"
#include "agent/log/terminal.hpp"
#include "agent/progress/console.hpp"
#include "base/bytes.hpp"
#include "tests/support/base/scratch_file.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <string>

#include <sys/sysmacros.h>

namespace rawswarm
{

namespace
{

using namespace std::chrono_literals;

constexpr std::int64_t gib = 1_GiB;
constexpr std::int64_t mib = 1_MiB;

progress at(job_state state, std::int64_t done = 0)
{
	progress p;
	p.state = state;
	target_progress t;
	t.device = "/dev/sda1";
	t.total = 4 * gib;
	t.done = done;
	t.written = done;
	t.down = 112 * mib;
	t.up = 98 * mib;
	t.to_disk = 110 * mib;
	t.peers = 12;
	t.eta_s = 470;
	p.targets = {t};
	return p;
}

class console_test : public ::testing::Test
{
protected:
	std::string text() const { return m_file.text(); }

	test::scratch_file m_file;
};

// A terminal shows this of it at the end: the last line, after \r and erasing.
std::string last_line(std::string text)
{
	text.erase(0, text.rfind('\n') + 1);
	text.erase(0, text.rfind('\r') + 1);
	std::string const erase = "\x1b[K";
	if (auto const at = text.rfind(erase); at != std::string::npos)
	{
		text.erase(at, erase.size());
	}
	return text;
}

} // namespace

TEST_F(console_test, plain_mode_prints_a_line_a_change_of_state)
{
	console c(m_file.get(), false, 1h);
	c.update(at(job_state::starting));
	c.update(at(job_state::downloading, gib));
	c.update(at(job_state::downloading, 2 * gib));
	c.update(at(job_state::done, 4 * gib));
	c.update(at(job_state::done, 4 * gib));
	EXPECT_EQ(text(),
		"rawswarm: starting 0.0%  0 B of 4.0 GiB  7m50s left\n"
		"rawswarm: downloading 25.0%  1.0 GiB of 4.0 GiB  112.0 MiB/s in, 98.0 MiB/s out, 110.0 MiB/s to "
		"disk  "
		"12 peers  7m50s left\n"
		"rawswarm: done 100.0%  4.0 GiB of 4.0 GiB\n");
}

TEST_F(console_test, plain_mode_prints_a_line_an_interval)
{
	console c(m_file.get(), false, 0s);
	c.update(at(job_state::downloading, gib));
	c.update(at(job_state::downloading, 2 * gib));
	EXPECT_NE(text().find("25.0%"), std::string::npos);
	EXPECT_NE(text().find("50.0%"), std::string::npos);
	EXPECT_EQ(text().find('\r'), std::string::npos);
	EXPECT_EQ(text().find('\x1b'), std::string::npos);
}

TEST_F(console_test, a_failure_ends_with_its_text_in_plain_mode)
{
	console c(m_file.get(), false, 0s);
	c.update(at(job_state::downloading, gib));
	auto p = at(job_state::failed, gib);
	p.error = progress_error{5, "writing /dev/sda1: Input/output error\x1b[2J"};
	c.update(p);
	c.update(p);
	auto const all = text();
	auto const tail = all.substr(all.find('\n') + 1);
	EXPECT_EQ(tail, "rawswarm: failed: writing /dev/sda1: Input/output error?[2J\n");
}

TEST_F(console_test, a_failure_takes_the_place_of_the_bar)
{
	console c(m_file.get(), true);
	c.update(at(job_state::downloading, gib));
	auto p = at(job_state::failed, gib);
	p.error = progress_error{5, "writing /dev/sda1: Input/output error"};
	c.update(p);
	c.update(p);
	auto const all = text();
	std::string const tail = "\r\x1b[Kfailed: writing /dev/sda1: Input/output error\n";
	ASSERT_GT(all.size(), tail.size());
	EXPECT_EQ(all.substr(all.size() - tail.size()), tail);
}

TEST_F(console_test, a_bar_is_redrawn_on_its_line_and_ended_with_a_newline)
{
	{
		console c(m_file.get(), true);
		c.update(at(job_state::downloading, gib));
		c.update(at(job_state::downloading, 2 * gib));
		EXPECT_EQ(text().find('\n'), std::string::npos);
		EXPECT_EQ(last_line(text()), format_bar(at(job_state::downloading, 2 * gib), 79));
	}
	EXPECT_EQ(text().back(), '\n');
}

TEST_F(console_test, a_bar_is_written_over_the_one_before_so_that_it_does_not_flicker)
{
	console c(m_file.get(), true);
	c.update(at(job_state::downloading, gib));
	c.update(at(job_state::downloading, gib));
	c.update(at(job_state::downloading, 2 * gib));
	auto const first = format_bar(at(job_state::downloading, gib), 79);
	auto const second = format_bar(at(job_state::downloading, 2 * gib), 79);
	EXPECT_EQ(text(), "\r" + first + "\x1b[K\r" + second + "\x1b[K") << "and not at all if it is the same";
}

TEST_F(console_test, what_a_job_took_stands_below_the_bar_and_as_lines)
{
	auto p = at(job_state::done, 4 * gib);
	p.phases = {{job_state::planning, 2s}};
	p.uptime = 100s;
	p.limit = limit_verdict{job_limit::disk, "the disk: it was slow"};
	{
		console c(m_file.get(), true);
		c.update(at(job_state::downloading, gib));
		c.end(p);
	}
	EXPECT_TRUE(text().ends_with(
		"\x1b[K\n1m40s in all: plan 2.0s\n/dev/sda1: 4.0 GiB\nthe limit was the disk: it was slow\n"))
		<< text();
	test::scratch_file const plain;
	console c(plain.get(), false);
	c.end(p);
	EXPECT_TRUE(plain.text().ends_with("\nrawswarm: the limit was the disk: it was slow\n")) << plain.text();
}

TEST_F(console_test, a_bar_that_is_done_ends_its_line_once)
{
	{
		console c(m_file.get(), true);
		c.update(at(job_state::done, 4 * gib));
		c.update(at(job_state::done, 4 * gib));
	}
	auto const all = text();
	EXPECT_EQ(all.find('\n'), all.size() - 1);
	EXPECT_NE(all.find("100.0%"), std::string::npos);
}

TEST_F(console_test, a_log_line_takes_the_bar_away_first)
{
	log::setup();
	::testing::internal::CaptureStderr();
	{
		console c(m_file.get(), true);
		c.update(at(job_state::downloading, gib));
		EXPECT_NE(last_line(text()), "");
		log::get(log::component::agent).info("a line");
		EXPECT_EQ(last_line(text()), "");
		auto const cleared = text().size();
		log::get(log::component::agent).info("no bar to take away");
		EXPECT_EQ(text().size(), cleared);
		c.update(at(job_state::downloading, 2 * gib));
		EXPECT_NE(last_line(text()), "");
	}
	auto const ended = text().size();
	log::get(log::component::agent).info("the console is gone");
	::testing::internal::GetCapturedStderr();
	EXPECT_EQ(text().size(), ended);
}

TEST(bar, shows_how_far_and_how_fast)
{
	EXPECT_EQ(format_bar(at(job_state::downloading, 2 * gib), 120),
		"downloading [###############>..............]  50.0%  2.0 GiB of 4.0 GiB  112 in 98 out 110 disk "
		"MiB/s  "
		"12 peers  0:07:50");
	EXPECT_EQ(format_bar(at(job_state::seeding, 4 * gib), 200),
		"seeding [########################################] 100.0%  4.0 GiB of 4.0 GiB  98 out MiB/s  12 "
		"peers");
	EXPECT_EQ(format_bar(at(job_state::verifying, 2 * gib), 70),
		"verifying [###########>..........]  50.0%  2.0 GiB of 4.0 GiB  0:07:50");
}

TEST(bar, keeps_its_cells_on_a_narrow_terminal)
{
	EXPECT_EQ(format_bar(at(job_state::downloading, 2 * gib), 79),
		"downloading [####>....]  50.0%  112 in 98 out 110 disk MiB/s  12 peers  0:07:50");
}

TEST(bar, gives_up_one_thing_after_the_other_on_a_narrower_terminal)
{
	auto const p = at(job_state::downloading, 2 * gib);
	EXPECT_EQ(format_bar(p, 77), "downloading  50.0%  112 in 98 out 110 disk MiB/s  12 peers  0:07:50");
	EXPECT_EQ(format_bar(p, 60), "downloading  50.0%  112 MiB/s  12 peers  0:07:50");
	EXPECT_EQ(format_bar(p, 40), "downloading  50.0%  112 MiB/s  0:07:50");
	EXPECT_EQ(format_bar(p, 30), "downloading  50.0%  0:07:50");
	EXPECT_EQ(format_bar(p, 20), "downloading  50.0%");
}

TEST(bar, says_how_many_targets_there_are_and_how_many_are_behind)
{
	auto p = at(job_state::downloading, 2 * gib);
	p.targets.resize(3, p.targets.front());
	EXPECT_EQ(format_bar(p, 100),
		"downloading 3 targets [#########>.........]  50.0%  336 in 294 out 330 disk MiB/s  36 peers  "
		"0:07:50");
	EXPECT_EQ(
		format_bar(p, 79), "downloading 3 targets  50.0%  336 in 294 out 330 disk MiB/s  36 peers  0:07:50");
	p.targets[1].state = job_state::seeding;
	EXPECT_TRUE(format_line(p).starts_with("downloading 2 of 3 targets 50.0%")) << format_line(p);
}

TEST(bar, shows_slow_rates_with_a_decimal)
{
	auto p = at(job_state::downloading, gib);
	p.targets[0].down = mib / 2;
	EXPECT_NE(format_bar(p, 79).find("  0.5 in 98 out"), std::string::npos) << format_bar(p, 79);
}

TEST(bar, is_never_wider_than_asked)
{
	for (std::size_t width = 0; width < 140; ++width)
	{
		for (auto const done : {std::int64_t(0), gib, 4 * gib, 5 * gib})
		{
			auto p = at(job_state::downloading, done);
			EXPECT_LE(format_bar(p, width).size(), width);
			p.targets.resize(100, p.targets.front());
			EXPECT_LE(format_bar(p, width).size(), width);
		}
	}
}

TEST(bar, is_only_the_state_while_the_size_is_unknown)
{
	progress p;
	p.state = job_state::planning;
	EXPECT_EQ(format_bar(p, 80), "planning");
	EXPECT_EQ(format_line(p), "planning");
}

TEST(bar, counts_written_bytes_while_flushing)
{
	auto p = at(job_state::flushing, 4 * gib);
	p.targets[0].written = gib;
	p.targets[0].eta_s.reset();
	EXPECT_EQ(format_line(p), "flushing 25.0%  1.0 GiB of 4.0 GiB  110.0 MiB/s to disk");
}

TEST(bar, targets_are_added_up_and_the_slowest_gives_the_time)
{
	auto p = at(job_state::downloading, 4 * gib);
	p.targets.push_back(p.targets[0]);
	p.targets[1].done = 0;
	p.targets[1].eta_s = 3600;
	EXPECT_EQ(format_line(p),
		"downloading 2 targets 50.0%  4.0 GiB of 8.0 GiB  224.0 MiB/s in, 196.0 MiB/s out, 220.0 MiB/s to "
		"disk  "
		"24 peers  1h00m left");
}

TEST(bar, is_for_no_file_and_no_pipe)
{
	test::scratch_file const file;
	EXPECT_FALSE(wants_bar(file.get()));
}

TEST(bar, is_for_the_screen_and_for_windows_by_the_numbers_of_their_devices)
{
	for (auto const& number :
		{makedev(4, 0), makedev(4, 1), makedev(4, 63), makedev(136, 0), makedev(143, 255)})
	{
		EXPECT_TRUE(is_screen_device(number)) << number;
	}
	// ttyS0, console and ptmx, USB, hvc0, a serial line of ARM
	for (auto const& number :
		{makedev(4, 64), makedev(5, 1), makedev(188, 0), makedev(229, 0), makedev(204, 64)})
	{
		EXPECT_FALSE(is_screen_device(number)) << number;
	}
}

TEST(bar, is_for_no_serial_line)
{
	for (auto const* name :
		{"/dev/ttyS0", "/dev/ttyAMA0", "/dev/console", "/dev/ttyUSB1", "/dev/hvc0", "ttyS0"})
	{
		EXPECT_TRUE(is_serial_line(name)) << name;
	}
	for (auto const* name : {"/dev/tty1", "/dev/tty", "/dev/pts/0", ""})
	{
		EXPECT_FALSE(is_serial_line(name)) << name;
	}
}

TEST(line, says_how_long_peers_waited_for_the_disk_while_data_comes)
{
	auto p = at(job_state::downloading, gib);
	p.storage.stopped_ms = 999;
	EXPECT_EQ(format_line(p).find("waited"), std::string::npos);
	p.storage.stopped_ms = 75'400;
	EXPECT_TRUE(format_line(p).ends_with("  7m50s left  peers waited 1m15s for the disk")) << format_line(p);
	p.state = job_state::seeding;
	EXPECT_EQ(format_line(p).find("waited"), std::string::npos);
}

TEST(line, has_a_length_that_no_message_of_others_exceeds)
{
	auto p = at(job_state::downloading, gib);
	p.targets[0].note = std::string(5000, 'x');
	EXPECT_EQ(format_line(p).size(), 240U);
	EXPECT_TRUE(format_line(p).ends_with("xxx..."));
}

TEST(line, says_what_a_target_waits_for)
{
	auto p = at(job_state::downloading, gib);
	p.targets[0].note = "no peers: 10.0.0.1:6881: Connection refused";
	p.targets[0].eta_s.reset();
	EXPECT_TRUE(format_line(p).ends_with("  no peers: 10.0.0.1:6881: Connection refused")) << format_line(p);
	auto const bar = format_bar(p, 79);
	EXPECT_NE(bar.find("no peers: 10.0.0.1:6881"), std::string::npos) << bar;
	EXPECT_LE(format_bar(p, 30).size(), 30U);
}

} // namespace rawswarm
