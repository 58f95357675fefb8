// SPDX-License-Identifier: BSD-3-Clause
#include "agent/serve/order_token.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/base/value_of.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include <sys/stat.h>

namespace rawswarm
{
namespace
{

namespace fs = std::filesystem;
using test::value_of;

class order_token : public ::testing::Test
{
protected:
	void write(std::string_view const text, fs::perms const mode = fs::perms(0600)) const
	{
		test::write_file(m_path, text);
		fs::permissions(m_path, mode);
	}

	test::temp_dir m_dir;
	std::string m_path = m_dir / "token";
};

TEST_F(order_token, first_start_makes_one_for_its_owner_alone_and_later_ones_keep_it)
{
	auto const made = value_of(open_order_token(m_path));
	EXPECT_EQ(made.size(), 23u) << made;
	EXPECT_EQ(fs::status(m_path).permissions(), fs::perms(0600));
	EXPECT_EQ(value_of(open_order_token(m_path)), made);
	EXPECT_NE(value_of(open_order_token(m_dir / "another")), made);
}

TEST_F(order_token, one_of_a_persons_own_is_taken)
{
	write("correct-horse-battery\n");
	EXPECT_EQ(value_of(open_order_token(m_path)), "correct-horse-battery");
}

TEST_F(order_token, file_that_others_may_read_is_refused_and_stays)
{
	write("correct-horse-battery\n", fs::perms(0640));
	auto const opened = open_order_token(m_path);
	ASSERT_FALSE(opened);
	EXPECT_EQ(opened.error().kind, fault::refused);
	EXPECT_EQ(opened.error().text,
		"reading the token " + m_path + ": others than its owner may read it (mode 0640)");
	EXPECT_EQ(test::read_file(m_path), "correct-horse-battery\n");
}

TEST_F(order_token, what_is_no_token_is_refused_and_stays)
{
	for (auto const& text : {std::string(), std::string("short"), std::string("with a blank in the middle"),
			 std::string(129, 'x'), std::string("sixteen-bytes-and\0", 18), std::string(5000, 'x')})
	{
		write(text);
		EXPECT_FALSE(open_order_token(m_path)) << text;
		EXPECT_EQ(test::read_file(m_path), text);
	}
}

TEST_F(order_token, link_is_not_followed)
{
	fs::create_symlink("/etc/hostname", m_path);
	EXPECT_FALSE(open_order_token(m_path));
}

TEST_F(order_token, folder_that_is_not_there_is_an_error_that_names_it)
{
	auto const opened = open_order_token(m_dir / "none/token");
	ASSERT_FALSE(opened);
	EXPECT_NE(opened.error().text.find("none/token"), std::string::npos) << opened.error().text;
}

} // namespace
} // namespace rawswarm
