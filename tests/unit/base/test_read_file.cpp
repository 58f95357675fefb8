// SPDX-License-Identifier: BSD-3-Clause
#include "base/read_file.hpp"
#include "base/unique_fd.hpp"
#include "tests/support/base/temp_dir.hpp"

#include <gtest/gtest.h>

#include <array>
#include <thread>

#include <unistd.h>

namespace rawswarm
{
namespace
{

TEST(read_file, gives_all_bytes_up_to_the_bound)
{
	test::temp_dir const dir;
	std::string const bytes("a\0b\n", 4);
	test::write_file(dir / "in", bytes);
	auto const read = read_file(dir / "in", bytes.size());
	ASSERT_TRUE(read) << read.error().text;
	EXPECT_EQ(read.value(), bytes);
	test::write_file(dir / "empty", "");
	EXPECT_EQ(read_file(dir / "empty", 0).value(), "");
}

TEST(read_file, a_file_past_the_bound_is_refused_by_name)
{
	test::temp_dir const dir;
	test::write_file(dir / "in", "12345");
	auto const read = read_file(dir / "in", 4);
	ASSERT_FALSE(read);
	EXPECT_EQ(read.error().kind, fault::refused);
	EXPECT_EQ(read.error().text, "reading " + (dir / "in") + ": larger than 4 bytes");
}

TEST(read_file, an_error_says_which_file_of_which_kind_it_is)
{
	test::temp_dir const dir;
	auto const missing = read_file(dir / "none", 10, "the beacon key");
	ASSERT_FALSE(missing);
	EXPECT_EQ(missing.error().kind, fault::refused);
	EXPECT_EQ(missing.error().ec, std::errc::no_such_file_or_directory);
	EXPECT_EQ(
		missing.error().text, "opening the beacon key " + (dir / "none") + ": No such file or directory");
	auto const folder = read_file(dir.path().string(), 10);
	ASSERT_FALSE(folder);
	EXPECT_EQ(folder.error().text, "reading " + dir.path().string() + ": Is a directory");
}

TEST(read_file, a_pipe_is_read_to_its_end_and_within_the_bound)
{
	constexpr std::size_t size = 200'000; // more than one pipe holds
	auto const through_a_pipe = [](std::size_t const max_bytes) {
		std::array<int, 2> ends{-1, -1};
		EXPECT_EQ(::pipe(ends.data()), 0);
		unique_fd const reading(ends[0]);
		unique_fd spare(::dup(ends[0])); // so that the writer never meets a closed pipe
		std::thread writer([fd = ends[1]] {
			unique_fd const writing(fd);
			std::string const bytes(size, 'x');
			for (std::size_t sent = 0; sent < size;)
			{
				auto const n = ::write(writing.get(), bytes.data() + sent, size - sent);
				if (n <= 0)
				{
					return;
				}
				sent += static_cast<std::size_t>(n);
			}
		});
		auto read = read_all(reading.get(), "the pipe", max_bytes);
		std::string rest(size, '\0');
		while (::read(spare.get(), rest.data(), rest.size()) > 0)
		{}
		writer.join();
		return read;
	};
	auto const whole = through_a_pipe(size);
	ASSERT_TRUE(whole) << whole.error().text;
	EXPECT_EQ(whole.value(), std::string(size, 'x'));
	auto const refused = through_a_pipe(size - 1);
	ASSERT_FALSE(refused);
	EXPECT_EQ(refused.error().text, "reading the pipe: larger than 199999 bytes");
}

} // namespace
} // namespace rawswarm
