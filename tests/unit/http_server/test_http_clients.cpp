// SPDX-License-Identifier: BSD-3-Clause
// The server's files as other programs fetch them: our own web seeds, and aria2.
#include "agent/http_server/served_file.hpp"
#include "agent/web_seed/web_seed_connection.hpp"
#include "tests/support/base/child_process.hpp"
#include "tests/support/base/random_bytes.hpp"
#include "tests/support/base/skip.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/unit/http_server/running_server.hpp"

#include <fmt/format.h>

#include <algorithm>

#include <fcntl.h>

namespace rawswarm
{

namespace
{

constexpr std::size_t image_bytes = 9'000'000;

class image_server
{
public:
	image_server()
		: m_content(test::random_bytes(17, image_bytes))
		, m_folder(::open(m_dir.path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC))
		, m_server(
			  {}, [this](http_question const& q) { return serve_file(m_folder.get(), q.path.substr(1), q); })
	{
		test::write_file(m_dir / "disk.img", m_content);
	}

	std::string const& content() const { return m_content; }
	std::string url() const { return fmt::format("http://127.0.0.1:{}/disk.img", m_server.port()); }

private:
	std::string m_content;
	test::temp_dir m_dir;
	unique_fd m_folder;
	test::running_server m_server;
};

} // namespace

TEST(http_clients, a_web_seed_has_its_ranges_by_one_connection)
{
	image_server const server;
	web_seed_connection connection(system_lookup, [](std::size_t) {});
	auto const from = test::value_of(parse_url(server.url()));
	for (std::size_t const offset : {std::size_t(0), std::size_t(5'000'001), image_bytes - 1'000})
	{
		std::string bytes(std::min<std::size_t>(1'000'000, image_bytes - offset), '?');
		web_range const range{.target = "/disk.img",
			.begin = offset,
			.length = bytes.size(),
			.offset = 0,
			.file_size = image_bytes,
			.exact = true};
		auto const failure = connection.get(from, range, bytes.data());
		ASSERT_FALSE(failure) << failure->text;
		EXPECT_TRUE(server.content().compare(offset, bytes.size(), bytes) == 0) << offset;
		EXPECT_EQ(connection.file_size(), image_bytes);
	}
}

TEST(http_clients, aria2_fetches_a_file_by_several_ranges_at_once)
{
	SKIP_WITHOUT("aria2c");
	image_server const server;
	test::temp_dir const dir;
	test::child_options options;
	options.argv = {"aria2c", "--no-conf=true", "--dir=" + dir.path().string(), "--split=4",
		"--max-connection-per-server=4", "--min-split-size=1M", "--file-allocation=none",
		"--summary-interval=0", "--show-console-readout=false", server.url()};
	// A proxy that the machine uses must not be asked for loopback.
	options.env = {{"http_proxy", ""}, {"all_proxy", ""}};
	auto const ran = test::run(options);
	EXPECT_EQ(ran.exit_code, 0) << ran.out << ran.err;
	EXPECT_TRUE(test::read_file(dir / "disk.img") == server.content());
}

} // namespace rawswarm
