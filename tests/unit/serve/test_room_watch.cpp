// SPDX-License-Identifier: BSD-3-Clause
#include "agent/room/room_file.hpp"
#include "agent/serve/room_watch.hpp"
#include "tests/unit/room/room_sample.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace rawswarm
{
namespace
{

using test::value_of;

std::string room_named(std::string const& name)
{
	return R"({ "version": 1, "name": ")" + name + R"(" })";
}

class room_watches : public ::testing::Test
{
protected:
	void watch_until_read(std::size_t const times)
	{
		for (int i = 0; i < 2000 && m_read.size() < times; ++i)
		{
			m_ios.run_for(std::chrono::milliseconds(10));
		}
		ASSERT_EQ(m_read.size(), times);
	}

	test::sample_room m_folder{room_named("first")};
	room_description m_room = value_of(read_room(m_folder.path()));
	boost::asio::io_context m_ios;
	std::function<void()> m_after_reading = [] {};
	std::vector<std::string> m_read; // names of the room
	room_watch m_watch{m_ios, m_folder.path(), [this]() -> room_description const& { return m_room; },
		[this](result<room_description> read) {
			m_room = value_of(std::move(read));
			m_read.push_back(m_room.name);
			m_after_reading();
		}};
};

// It changes after the file was read, and before anybody knows that it was.
TEST_F(room_watches, a_change_while_the_folder_is_read_is_read_next)
{
	m_after_reading = [this] {
		if (m_read.size() == 1)
		{
			m_folder.write(room_named("second"));
		}
	};
	m_watch.start();
	m_watch.read_again();
	watch_until_read(2);
	EXPECT_EQ(m_read, (std::vector<std::string>{"first", "second"}));
}

// Between the first reading and the start, in which a server opens its ports.
TEST_F(room_watches, a_change_before_the_start_is_read)
{
	auto const before = room_watch::before_reading(m_folder.path());
	m_room = value_of(read_room(m_folder.path()));
	m_folder.write(room_named("second"));
	m_watch.start(before);
	watch_until_read(1);
	EXPECT_EQ(m_read, (std::vector<std::string>{"second"}));
}

TEST_F(room_watches, an_image_that_is_put_there_is_known_from_its_first_reading_on)
{
	m_folder.add_image("new");
	m_watch.start();
	m_watch.read_again();
	watch_until_read(1);
	ASSERT_NE(m_room.image("new"), nullptr);
	EXPECT_EQ(m_room.image("new")->error, "");
	m_folder.add_image("newer");
	watch_until_read(2);
	EXPECT_NE(m_room.image("newer"), nullptr);
}

} // namespace
} // namespace rawswarm
