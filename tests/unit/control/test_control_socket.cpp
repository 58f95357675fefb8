// SPDX-License-Identifier: BSD-3-Clause
#include "agent/control/control_client.hpp"
#include "agent/control/control_socket.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/base/value_of.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace rawswarm
{
namespace
{

using test::temp_dir;
using test::value_of;
using strings = std::vector<std::string>;

mode_t mode_of(std::string const& path)
{
	struct stat st
	{};
	return ::lstat(path.c_str(), &st) == 0 ? st.st_mode & 07777 : 0;
}

// Listened at by a process that ends without removing it.
void leave_socket_behind(std::string const& path)
{
	auto const child = ::fork();
	if (child == 0)
	{
		auto const socket = listening_socket::open(path);
		::_exit(socket ? 0 : 1);
	}
	int status = 0;
	ASSERT_EQ(::waitpid(child, &status, 0), child);
	ASSERT_EQ(status, 0);
	ASSERT_TRUE(std::filesystem::exists(path));
}

// A number that no process has.
pid_t ended_process()
{
	auto const child = ::fork();
	if (child == 0)
	{
		::_exit(0);
	}
	::waitpid(child, nullptr, 0);
	return child;
}

TEST(control_socket, is_for_its_user_alone_and_gone_at_the_end)
{
	temp_dir const dir;
	auto const path = dir / "a.sock";
	auto const before = ::umask(0);
	{
		auto const socket = value_of(listening_socket::open(path));
		EXPECT_EQ(mode_of(path), 0600u);
		EXPECT_TRUE(connect_to_agent(path));
	}
	::umask(before);
	EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(control_socket, one_that_was_left_behind_is_replaced)
{
	temp_dir const dir;
	auto const path = dir / "a.sock";
	leave_socket_behind(path);
	auto const refused = connect_to_agent(path);
	ASSERT_FALSE(refused);
	EXPECT_TRUE(is_nobody(refused.error()));
	auto const socket = value_of(listening_socket::open(path));
	EXPECT_TRUE(connect_to_agent(path));
}

TEST(control_socket, one_that_another_listens_at_and_a_file_are_left_alone)
{
	temp_dir const dir;
	auto const path = dir / "a.sock";
	auto const first = value_of(listening_socket::open(path));
	auto const second = listening_socket::open(path);
	ASSERT_FALSE(second);
	EXPECT_EQ(second.error().text, "listening at " + path + ": Address already in use");
	EXPECT_TRUE(connect_to_agent(path));

	auto const file = dir / "file";
	test::write_file(file, "precious");
	EXPECT_FALSE(listening_socket::open(file));
	EXPECT_EQ(test::read_file(file), "precious");
}

TEST(control_socket, one_that_took_the_place_of_another_is_not_removed_by_it)
{
	temp_dir const dir;
	auto const path = dir / "a.sock";
	auto first = std::make_unique<listening_socket>(value_of(listening_socket::open(path)));
	std::filesystem::remove(path);
	auto const second = value_of(listening_socket::open(path));
	first.reset();
	EXPECT_TRUE(connect_to_agent(path));
}

TEST(control_socket, path_has_at_most_107_bytes)
{
	temp_dir const dir;
	auto const folder = dir.path().string() + "/";
	auto const longest = folder + std::string(107 - folder.size(), 'a');
	auto const socket = value_of(listening_socket::open(longest));
	EXPECT_TRUE(connect_to_agent(longest));
	for (auto const& path : {longest + "a", std::string(), std::string(4096, 'a')})
	{
		EXPECT_EQ(check_socket_path(path).error().kind, fault::usage) << path;
		EXPECT_EQ(listening_socket::open(path).error().kind, fault::usage) << path;
		EXPECT_EQ(connect_to_agent(path).error().kind, fault::usage) << path;
	}
}

TEST(control_socket, folder_lists_agents_by_number_and_nothing_else)
{
	temp_dir const dir;
	auto const folder = dir / "run";
	EXPECT_EQ(value_of(control_sockets(folder)), strings{});
	ASSERT_TRUE(prepare_control_folder(folder));
	EXPECT_EQ(mode_of(folder), 0700u);
	for (auto const* const name : {"900.sock", "1000.sock", "x.sock", "12", "-3.sock", "3.sock.old", ".sock"})
	{
		test::write_file(folder + "/" + name, "");
	}
	EXPECT_EQ(
		value_of(control_sockets(folder)), (strings{control_path(900, folder), control_path(1000, folder)}));
}

TEST(control_socket, folder_is_swept_of_sockets_whose_process_has_ended)
{
	temp_dir const dir;
	auto const folder = dir / "run";
	ASSERT_TRUE(prepare_control_folder(folder));
	auto const ended = ended_process();
	leave_socket_behind(control_path(ended, folder));
	leave_socket_behind(control_path(::getpid(), folder)); // as one that is about to listen
	test::write_file(control_path(ended_process(), folder), ""); // a file is not ours
	ASSERT_TRUE(prepare_control_folder(folder));
	EXPECT_FALSE(std::filesystem::exists(control_path(ended, folder)));
	EXPECT_EQ(value_of(control_sockets(folder)).size(), 2u);
}

TEST(control_socket, folder_that_others_could_read_is_closed_to_them_and_a_link_is_refused)
{
	temp_dir const dir;
	auto const folder = dir / "run";
	ASSERT_EQ(::mkdir(folder.c_str(), 0755), 0);
	ASSERT_TRUE(prepare_control_folder(folder));
	EXPECT_EQ(mode_of(folder), 0700u);
	std::filesystem::create_symlink(folder, dir / "link");
	EXPECT_FALSE(prepare_control_folder(dir / "link"));
	EXPECT_FALSE(prepare_control_folder(dir / "missing/run"));
}

} // namespace
} // namespace rawswarm
