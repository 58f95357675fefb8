// SPDX-License-Identifier: BSD-3-Clause
// Files on their way to clients of every kind.
#include "agent/http_server/served_file.hpp"
#include "tests/support/base/random_bytes.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/unit/http_server/running_server.hpp"

#include <csignal>
#include <deque>
#include <filesystem>

#include <fcntl.h>

namespace rawswarm
{

namespace
{

using namespace std::chrono_literals;
using test::raw_client;
using test::running_server;
using test::status_of;

constexpr std::size_t large = std::size_t(32) * 1024 * 1024; // more than two sockets hold

std::string get(std::string const& name, std::string const& headers = {})
{
	return "GET /" + name + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n";
}

// A folder by HTTP.
class file_server
{
public:
	explicit file_server(http_server_options options = {})
		: m_folder(::open(m_dir.path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC))
		, m_server(std::move(options),
			  [this](http_question const& q) { return serve_file(m_folder.get(), q.path.substr(1), q); })
	{}

	std::filesystem::path operator/(std::string_view name) const { return m_dir.path() / name; }
	running_server& server() { return m_server; }

private:
	test::temp_dir m_dir;
	unique_fd m_folder;
	running_server m_server;
};

// Small buffers in the kernel, so that the client's reading is what is sent.
void keep_little(raw_client& c)
{
	c.socket().set_option(boost::asio::socket_base::receive_buffer_size(64 * 1024));
}

std::size_t read_some(raw_client& c)
{
	std::array<char, 65'536> part{};
	auto const n = ::recv(c.socket().native_handle(), part.data(), part.size(), 0);
	return n > 0 ? static_cast<std::size_t>(n) : 0;
}

void wait_for_no_connection(running_server& server)
{
	for (int i = 0; i < 100 && server.connections() > 0; ++i)
	{
		std::this_thread::sleep_for(50ms);
	}
	EXPECT_EQ(server.connections(), 0u);
}

} // namespace

TEST(http_files, a_file_arrives_whole_and_the_connection_goes_on)
{
	file_server files;
	auto const content = test::random_bytes(1, 3'000'000);
	test::write_file(files / "image", content);
	test::write_file(files / "empty", "");
	raw_client c(files.server());
	c.send(get("image") + get("empty") + get("image", "Range: bytes=1000000-1999999\r\n")
		+ get("missing", "Connection: close\r\n"));
	auto const answers = c.read_all();
	auto const body = answers.find("\r\n\r\n") + 4;
	EXPECT_NE(answers.substr(0, body).find("Content-Length: 3000000\r\n"), std::string::npos);
	EXPECT_TRUE(answers.compare(body, content.size(), content) == 0);
	auto rest = answers.substr(body + content.size());
	EXPECT_NE(rest.find("Content-Length: 0\r\n"), std::string::npos);
	rest.erase(0, rest.find("\r\n\r\n") + 4);
	EXPECT_EQ(status_of(rest), "HTTP/1.1 206 Partial Content");
	EXPECT_TRUE(rest.compare(rest.find("\r\n\r\n") + 4, 1'000'000, content, 1'000'000, 1'000'000) == 0);
	EXPECT_TRUE(rest.ends_with("there is no such file\n"));
}

TEST(http_files, head_has_the_length_and_no_content)
{
	file_server files;
	test::write_file(files / "image", "0123456789");
	raw_client c(files.server());
	c.send("HEAD /image HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
	auto const answer = c.read_all();
	EXPECT_NE(answer.find("Content-Length: 10\r\n"), std::string::npos) << answer;
	EXPECT_TRUE(answer.ends_with("\r\n\r\n")) << answer;
}

TEST(http_files, a_range_under_a_condition_is_the_whole_file)
{
	file_server files;
	test::write_file(files / "image", "0123456789");
	raw_client c(files.server());
	c.send(get("image", "Range: bytes=1-2\r\nIf-Range: \"x\"\r\nConnection: close\r\n"));
	EXPECT_TRUE(c.read_all().ends_with("\r\n\r\n0123456789"));
}

TEST(http_files, a_client_that_takes_nothing_holds_up_nobody_and_is_let_go)
{
	file_server files({.pace_window = 500ms});
	test::write_sparse_file(files / "image", large);
	test::write_file(files / "small", "small");
	std::deque<raw_client> stuck;
	for (int i = 0; i < 20; ++i)
	{
		keep_little(stuck.emplace_back(files.server()));
		stuck.back().send(get("image"));
	}
	raw_client c(files.server());
	EXPECT_TRUE(c.send(get("small", "Connection: close\r\n")).read_all().ends_with("small"));
	wait_for_no_connection(files.server());
}

TEST(http_files, a_client_that_is_slow_and_steady_may_take_many_windows)
{
	file_server files({.min_pace = 64 * 1024, .pace_window = 300ms});
	test::write_sparse_file(files / "image", large);
	raw_client c(files.server());
	keep_little(c);
	c.send(get("image", "Connection: close\r\n"));
	std::size_t got = 0;
	for (auto n = read_some(c); n > 0; n = read_some(c))
	{
		got += n;
		std::this_thread::sleep_for(2ms); // the client's slowness
	}
	EXPECT_GT(got, large);
}

TEST(http_files, a_client_that_leaves_in_the_middle_is_no_signal)
{
	ASSERT_EQ(::signal(SIGPIPE, SIG_DFL), SIG_DFL); // it would end this program
	file_server files;
	test::write_sparse_file(files / "image", large);
	for (int i = 0; i < 50; ++i)
	{
		raw_client c(files.server());
		c.send(get("image"));
		read_some(c);
	}
	wait_for_no_connection(files.server());
}

TEST(http_files, a_file_that_became_shorter_ends_the_connection)
{
	file_server files;
	test::write_sparse_file(files / "image", large);
	raw_client c(files.server());
	keep_little(c);
	c.send(get("image"));
	read_some(c);
	std::filesystem::resize_file(files / "image", 1000);
	std::size_t got = 0;
	for (auto n = read_some(c); n > 0; n = read_some(c))
	{
		got += n;
	}
	EXPECT_LT(got, large);
	wait_for_no_connection(files.server());
}

TEST(http_files, a_file_is_closed_when_it_was_sent)
{
	file_server files;
	test::write_file(files / "image", "0123456789");
	auto const open_files = [] {
		return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
	};
	raw_client c(files.server());
	c.send(get("image")).read_until("0123456789");
	files.server().connections(); // the server has had its turn
	auto const before = open_files();
	for (int i = 0; i < 20; ++i)
	{
		c.send(get("image")).read_until("0123456789");
	}
	files.server().connections();
	EXPECT_EQ(open_files(), before);
}

} // namespace rawswarm
