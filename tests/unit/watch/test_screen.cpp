// SPDX-License-Identifier: BSD-3-Clause
// A screen on a pseudo-terminal, which is read or not.
#include "agent/watch/screen.hpp"
#include "base/unique_fd.hpp"
#include "tests/support/program/screen_model.hpp"

#include <gtest/gtest.h>

#include <array>
#include <chrono>

#include <fcntl.h>
#include <poll.h>
#include <pty.h>

namespace rawswarm
{

namespace
{

using namespace std::chrono_literals;

constexpr unsigned short rows = 200;
constexpr unsigned short columns = 400;

class pseudo_terminal
{
public:
	pseudo_terminal()
	{
		int outer = -1;
		int inner = -1;
		winsize const size{rows, columns, 0, 0};
		if (::openpty(&outer, &inner, nullptr, nullptr, &size) != 0)
		{
			throw std::runtime_error("no pseudo-terminal");
		}
		m_outer = unique_fd(outer);
		m_inner = unique_fd(inner);
	}

	int inner() const { return m_inner.get(); }

	// What has come until now.
	std::string read_all() const
	{
		std::string text;
		std::array<char, 65'536> part{};
		pollfd ready{m_outer.get(), POLLIN, 0};
		while (::poll(&ready, 1, 50) > 0)
		{
			auto const n = ::read(m_outer.get(), part.data(), part.size());
			if (n <= 0)
			{
				break;
			}
			text.append(part.data(), static_cast<std::size_t>(n));
		}
		return text;
	}

	void hang_up() { m_outer = {}; }

private:
	unique_fd m_outer;
	unique_fd m_inner;
};

// A full screen, of which each line differs from that of another number.
std::vector<std::string> picture(int const number)
{
	std::vector<std::string> lines;
	for (int i = 0; i < rows; ++i)
	{
		auto line = std::to_string(number) + ":" + std::to_string(i) + " ";
		line.resize(columns - 1, static_cast<char>('a' + number % 26));
		lines.push_back(std::move(line));
	}
	return lines;
}

} // namespace

// It would hang here.
TEST(screen, a_terminal_that_stops_reading_is_not_waited_for)
{
	pseudo_terminal const terminal;
	screen shown(terminal.inner(), terminal.inner());
	for (int i = 0; i < 50; ++i)
	{
		EXPECT_TRUE(shown.show(picture(i)));
	}
	test::screen_model model(rows, columns);
	auto const expected = picture(49);
	for (int i = 0; i < 50 && model.lines() != expected; ++i)
	{
		EXPECT_TRUE(shown.show(expected));
		model.write(terminal.read_all());
	}
	EXPECT_EQ(model.lines(), expected);
}

TEST(screen, a_terminal_that_stops_reading_does_not_keep_the_program)
{
	pseudo_terminal const terminal;
	screen shown(terminal.inner(), terminal.inner());
	for (int i = 0; i < 50; ++i)
	{
		shown.show(picture(i));
	}
	shown.leave();
	auto const flags = ::fcntl(terminal.inner(), F_GETFL);
	EXPECT_EQ(flags & O_NONBLOCK, 0); // it is others' as well
}

TEST(screen, a_terminal_that_reads_is_put_back_at_the_end)
{
	pseudo_terminal const terminal;
	screen shown(terminal.inner(), terminal.inner());
	shown.show({"room"});
	shown.leave();
	auto const text = terminal.read_all();
	EXPECT_NE(text.find("room"), std::string::npos);
	EXPECT_TRUE(text.ends_with("\x1b[?1049l")) << text;
}

TEST(screen, a_terminal_that_is_gone_is_told)
{
	pseudo_terminal terminal;
	screen shown(terminal.inner(), terminal.inner());
	EXPECT_TRUE(shown.show({"room"}));
	terminal.hang_up();
	EXPECT_FALSE(shown.show({"later"}));
}

} // namespace rawswarm
