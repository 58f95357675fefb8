// SPDX-License-Identifier: BSD-3-Clause
#include "agent/http_server/served_file.hpp"
#include "tests/support/base/temp_dir.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace rawswarm
{

namespace
{

namespace fs = std::filesystem;

class served_folder
{
public:
	served_folder()
	{
		test::write_file(m_dir.path() / "secret", "secret");
		test::write_file(root() / "image.torrent", "0123456789");
		test::write_file(root() / "win 11%" / "a.img", "below");
		test::write_file(root() / "empty", "");
		m_fd = unique_fd(::open(root().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
	}

	fs::path root() const { return m_dir.path() / "images"; }

	http_reply get(std::string_view name, std::string_view range = {}, std::string_view method = "GET") const
	{
		http_question question;
		question.method = method;
		question.range = range;
		return serve_file(m_fd.get(), name, question);
	}

	unsigned status(std::string_view name) const { return get(name).status; }

private:
	test::temp_dir m_dir;
	unique_fd m_fd;
};

std::string content_of(http_reply const& reply)
{
	std::string bytes(reply.file ? reply.file->bytes : 0, '\0');
	auto const n = reply.file
		? ::pread(reply.file->fd->get(), bytes.data(), bytes.size(), static_cast<off_t>(reply.file->offset))
		: 0;
	bytes.resize(static_cast<std::size_t>(n));
	return bytes;
}

} // namespace

TEST(served_file, a_regular_file_is_served)
{
	served_folder const folder;
	auto const reply = folder.get("image.torrent");
	EXPECT_EQ(reply.status, 200u);
	EXPECT_EQ(reply.type, "application/x-bittorrent");
	EXPECT_EQ(reply.headers, "Accept-Ranges: bytes\r\n");
	EXPECT_EQ(content_of(reply), "0123456789");
	EXPECT_EQ(content_of(folder.get("win%2011%25/a.img")), "below");
	EXPECT_EQ(content_of(folder.get("win%2011%25%2fa.img")), "below");
	EXPECT_EQ(folder.get("empty").file->bytes, 0u);
}

TEST(served_file, there_is_no_path_out_of_the_folder)
{
	served_folder const folder;
	for (auto const* const name :
		{"../secret", "%2e%2e/secret", "%2E%2E%2Fsecret", "win%2011%25/../../secret", "./image.torrent",
			"/etc/passwd", "%2fetc%2fpasswd", "//etc/passwd", "..", ".", "", "/",
			"win%2011%25/../image.torrent", "..%5csecret", "win%2011%25\\a.img", "..%00/secret",
			"image.torrent%00", "image.torrent%00.img", "image.torrent/", "win%2011%25//a.img"})
	{
		EXPECT_EQ(folder.status(name), 404u) << name;
	}
	EXPECT_EQ(folder.status("%2"), 400u);
}

TEST(served_file, links_are_not_followed)
{
	served_folder const folder;
	fs::create_symlink("../secret", folder.root() / "link");
	fs::create_symlink("image.torrent", folder.root() / "inner");
	fs::create_directory_symlink("..", folder.root() / "up");
	fs::create_directory_symlink("/", folder.root() / "root");
	for (auto const* const name : {"link", "inner", "up/secret", "root/etc/passwd"})
	{
		EXPECT_EQ(folder.status(name), 404u) << name;
	}
}

TEST(served_file, what_is_no_regular_file_is_not_served)
{
	served_folder const folder;
	ASSERT_EQ(::mkfifo((folder.root() / "fifo").c_str(), 0600), 0);
	unique_fd const socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
	sockaddr_un at{};
	at.sun_family = AF_UNIX;
	auto const path = (folder.root() / "socket").string();
	ASSERT_LT(path.size(), sizeof(at.sun_path));
	path.copy(&at.sun_path[0], path.size());
	ASSERT_EQ(::bind(socket.get(), reinterpret_cast<sockaddr const*>(&at), sizeof(at)), 0);
	for (auto const* const name : {"fifo", "socket", "win%2011%25", "missing", "image.torrent/x"})
	{
		EXPECT_EQ(folder.status(name), 404u) << name;
	}
}

TEST(served_file, a_device_is_not_served)
{
	unique_fd const dev(::open("/dev", O_PATH | O_DIRECTORY | O_CLOEXEC));
	EXPECT_EQ(serve_file(dev.get(), "zero", {}).status, 404u);
}

TEST(served_file, a_range_is_a_part_of_it)
{
	served_folder const folder;
	auto const reply = folder.get("image.torrent", "bytes=2-4");
	EXPECT_EQ(reply.status, 206u);
	EXPECT_EQ(reply.headers, "Accept-Ranges: bytes\r\nContent-Range: bytes 2-4/10\r\n");
	EXPECT_EQ(content_of(reply), "234");
	EXPECT_EQ(content_of(folder.get("image.torrent", "bytes=-3")), "789");
	EXPECT_EQ(content_of(folder.get("image.torrent", "bytes=8-20")), "89");
}

TEST(served_file, a_range_behind_its_end_cannot_be_had)
{
	served_folder const folder;
	auto const reply = folder.get("image.torrent", "bytes=10-");
	EXPECT_EQ(reply.status, 416u);
	EXPECT_EQ(reply.headers, "Content-Range: bytes */10\r\n");
	EXPECT_FALSE(reply.file.has_value());
	EXPECT_EQ(folder.get("empty", "bytes=0-").status, 416u);
}

TEST(served_file, several_ranges_and_a_head_are_answered_as_if_there_were_none)
{
	served_folder const folder;
	EXPECT_EQ(folder.get("image.torrent", "bytes=0-1,4-5").status, 200u);
	auto const head = folder.get("image.torrent", "bytes=0-1", "HEAD");
	EXPECT_EQ(head.status, 200u);
	EXPECT_EQ(head.file->bytes, 10u);
}

} // namespace rawswarm
