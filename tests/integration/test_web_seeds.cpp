// SPDX-License-Identifier: BSD-3-Clause
// Images from a plain HTTP server: no seeder, no tracker, no peer.
#include "tests/support/device/device_content.hpp"
#include "tests/support/device/loop_device.hpp"
#include "tests/support/network/free_port.hpp"
#include "tests/support/network/listeners.hpp"
#include "tests/support/network/loopback_server.hpp"
#include "tests/support/network/nginx_server.hpp"
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <thread>

namespace rawswarm::test
{

namespace
{

using std::chrono::seconds;

constexpr int piece_size = 256 * 1024;
constexpr seconds long_limit{25};

// About 6 MiB in 25 pieces.
prepared_image some_image()
{
	return prepared_image(
		extent_layout{.count = 200, .largest = 64 * 1024}, {.piece_size = piece_size, .shuffled = true});
}

nlohmann::json web_job(prepared_image const& image, std::vector<std::string> const& web_seeds,
	std::vector<std::uint16_t> const& peers = {})
{
	auto job = loopback_job(peers);
	job["swarm"]["web_seeds"] = web_seeds;
	job["targets"].push_back(image_target(image.torrent_path, image.dir / "target.img"));
	return job;
}

::testing::AssertionResult is_imaged(prepared_image const& image)
{
	return device_equals(image.dir / "target.img", image.torrent.files, background::zeros);
}

::testing::AssertionResult mentions(std::string const& text, std::string const& what)
{
	return text.find(what) != std::string::npos ? ::testing::AssertionSuccess()
												: ::testing::AssertionFailure() << text;
}

} // namespace

TEST(web_seeds, an_image_file_on_a_server_reaches_a_device)
{
	SKIP_WITHOUT_NGINX();
	SKIP_WITHOUT_LOOP_DEVICES();
	auto const image = some_image();
	nginx_server const server(image.dir.path());
	loop_device const device(image.device_size);
	fill_with_pattern(device.path(), image.device_size);
	auto job = web_job(image, {server.url("source.img")});
	job["targets"][0]["device"] = device.path();

	ASSERT_TRUE(exits_with(run_job(image.dir, job), exit_code::done));

	EXPECT_TRUE(device_equals(device.path(), image.torrent.files, background::pattern));
	EXPECT_EQ(server.bytes_sent(), total_size(image.torrent.files));
}

TEST(web_seeds, a_folder_of_offset_named_files_is_fetched_file_by_file)
{
	SKIP_WITHOUT_NGINX();
	auto const image = some_image();
	write_files(image.torrent, image.dir.path() / "images");
	nginx_server const server(image.dir.path());

	ASSERT_TRUE(
		exits_with(run_job(image.dir, web_job(image, {server.url("images/" + image.torrent.name + "/")})),
			exit_code::done));

	EXPECT_TRUE(is_imaged(image));
	EXPECT_EQ(server.bytes_sent(), total_size(image.torrent.files));
}

TEST(web_seeds, an_image_comes_by_https)
{
	SKIP_WITHOUT_NGINX();
	auto const image = some_image();
	auto const authority = make_authority();
	write_file(image.dir / "authority.pem", authority.certificate);
	nginx_server const server(image.dir.path(), {.tls = make_server_identity(authority, "IP:127.0.0.1")});
	auto command = run_command(image.dir, web_job(image, {server.url("source.img")}));
	command.env["SSL_CERT_FILE"] = image.dir / "authority.pem";

	ASSERT_TRUE(exits_with(run(command), exit_code::done));

	EXPECT_TRUE(is_imaged(image));
}

TEST(web_seeds, a_server_with_a_certificate_of_nobody_gives_nothing)
{
	SKIP_WITHOUT_NGINX();
	auto const image = some_image();
	write_file(image.dir / "authority.pem", make_authority().certificate);
	nginx_server const server(
		image.dir.path(), {.tls = make_server_identity(make_authority(), "IP:127.0.0.1")});
	auto job = web_job(image, {server.url("source.img")});
	job["timeout_seconds"] = 1;
	auto command = run_command(image.dir, job);
	command.env["SSL_CERT_FILE"] = image.dir / "authority.pem";
	auto const result = run(command);

	EXPECT_TRUE(exits_with(result, exit_code::network));
	EXPECT_TRUE(mentions(result.err, "the certificate is refused"));
	EXPECT_EQ(server.bytes_sent(), 0u);
}

TEST(web_seeds, a_web_seed_is_a_flag_as_well)
{
	SKIP_WITHOUT_NGINX();
	auto const image = some_image();
	nginx_server const server(image.dir.path());

	ASSERT_TRUE(
		exits_with(run_rawswarm({"run", "--torrent", image.torrent_path, "--device", image.dir / "target.img",
					   "--create-file", "--web-seed", server.url("source.img"), "--listen", "127.0.0.1:0",
					   "--no-lsd", "--seed-seconds", "0", "--on-failure", "continue"}),
			exit_code::done));

	EXPECT_TRUE(is_imaged(image));
}

// Pieces that are on the device are not fetched again.
TEST(web_seeds, what_the_device_has_already_is_not_fetched)
{
	SKIP_WITHOUT_NGINX();
	auto const image = some_image();
	nginx_server const server(image.dir.path());
	std::filesystem::copy_file(image.source_path, image.dir / "target.img");
	auto const& extent = image.torrent.files.front();
	write_at(image.dir / "target.img", extent.offset, std::string(1, static_cast<char>(~extent.bytes[0])));
	auto job = web_job(image, {server.url("source.img")});
	job["targets"][0]["existing"] = "verify";

	ASSERT_TRUE(exits_with(run_job(image.dir, job), exit_code::done));

	EXPECT_TRUE(content_equals(image.dir / "target.img", read_file(image.source_path)));
	EXPECT_LE(server.bytes_sent(), std::uint64_t(piece_size));
	EXPECT_GT(server.bytes_sent(), 0u);
}

TEST(web_seeds, two_targets_each_take_the_web_seed_that_has_it)
{
	SKIP_WITHOUT_NGINX();
	auto const first = some_image();
	prepared_image const second(
		extent_layout{.count = 100, .seed = 2}, {.piece_size = piece_size, .name = "other"});
	write_files(first.torrent, first.dir.path() / "images");
	write_files(second.torrent, first.dir.path() / "images");
	nginx_server const server(first.dir.path() / "images");
	auto job = web_job(first, {server.url(first.torrent.name + "/"), server.url("other/")});
	job["targets"].push_back(image_target(second.torrent_path, second.dir / "target.img"));

	auto const result = run_job(first.dir, job);

	ASSERT_TRUE(exits_with(result, exit_code::done));
	EXPECT_TRUE(is_imaged(first));
	EXPECT_TRUE(is_imaged(second));
}

TEST(web_seeds, a_server_that_comes_up_late_is_waited_for)
{
	auto const image = some_image();
	SKIP_WITHOUT_NGINX();
	nginx_server server(image.dir.path());
	server.kill();
	child_process agent(run_command(image.dir, web_job(image, {server.url("source.img")})));
	ASSERT_TRUE(agent.wait_for_text("Connection refused; it is asked again", long_limit)) << agent.err();

	server.start();

	ASSERT_TRUE(exits_with(agent, exit_code::done));
	EXPECT_TRUE(is_imaged(image));
	EXPECT_TRUE(mentions(agent.err(), "it answers again"));
}

TEST(web_seeds, a_server_that_dies_half_way_is_asked_for_the_rest_once_it_is_back)
{
	SKIP_WITHOUT_NGINX();
	auto const image = some_image();
	nginx_server server(image.dir.path(), {.rate = "500k"});
	child_process agent(run_command(image.dir, web_job(image, {server.url("source.img")})));
	while (server.answers() < 4 && agent.running())
	{
		std::this_thread::sleep_for(std::chrono::milliseconds(20));
	}
	server.kill();
	auto const before = server.bytes_sent();
	ASSERT_TRUE(agent.wait_for_text("it is asked again", long_limit)) << agent.err();

	server.start();

	ASSERT_TRUE(exits_with(agent, exit_code::done));
	EXPECT_TRUE(is_imaged(image));
	EXPECT_GT(before, 0u);
	EXPECT_LT(before, total_size(image.torrent.files));
	// complete pieces were not fetched again; two pieces were under way
	EXPECT_LE(server.bytes_sent(), total_size(image.torrent.files) + std::uint64_t(2 * piece_size));
}

TEST(web_seeds, without_a_server_the_job_ends_with_its_time_limit)
{
	auto const image = some_image();
	auto job = web_job(image, {"http://127.0.0.1:" + std::to_string(free_port()) + "/source.img"});
	job["timeout_seconds"] = 1;
	auto const result = run_job(image.dir, job);

	EXPECT_TRUE(exits_with(result, exit_code::network));
	EXPECT_TRUE(mentions(result.err, "no progress for 1 seconds"));
}

TEST(web_seeds, a_wrong_byte_bans_the_server_and_the_rest_comes_from_a_peer)
{
	SKIP_WITHOUT_NGINX();
	auto const image = some_image();
	auto bytes = read_file(image.source_path);
	for (auto const& extent : image.torrent.files) // so that the first piece is wrong, whichever it is
	{
		bytes[extent.offset] = static_cast<char>(~bytes[extent.offset]);
	}
	write_file(image.dir / "wrong.img", bytes);
	nginx_server const server(image.dir.path());
	auto const port = free_port();
	child_process agent(run_command(image.dir, web_job(image, {server.url("wrong.img")}, {port})));
	ASSERT_TRUE(
		agent.wait_for_text("is not what the torrent says; it is not used for disk any more", long_limit))
		<< agent.err();
	EXPECT_TRUE(mentions(agent.err(), server.url("wrong.img")));

	child_process const seeder(rawswarm_command(
		{"seed", image.torrent_path, image.source_path, "--listen", loopback(port), "--no-lsd"}));

	ASSERT_TRUE(exits_with(agent, exit_code::done));
	EXPECT_TRUE(is_imaged(image));
}

// One of the two servers is right.
TEST(web_seeds, what_one_server_has_wrong_comes_from_the_other)
{
	SKIP_WITHOUT_NGINX();
	auto const image = some_image();
	auto bytes = read_file(image.source_path);
	auto const& extent = image.torrent.files.at(100);
	bytes[extent.offset] = static_cast<char>(~bytes[extent.offset]);
	write_file(image.dir / "wrong.img", bytes);
	nginx_server const server(image.dir.path());

	ASSERT_TRUE(
		exits_with(run_job(image.dir, web_job(image, {server.url("wrong.img"), server.url("source.img")})),
			exit_code::done));

	EXPECT_TRUE(is_imaged(image));
}

TEST(web_seeds, a_file_that_is_not_there_or_too_small_or_not_in_ranges_is_named)
{
	SKIP_WITHOUT_NGINX();
	auto const image = some_image();
	write_file(
		image.dir / "small.img", read_file(image.source_path).substr(0, end_of(image.torrent.files) - 1));
	nginx_server const server(image.dir.path());
	auto whole = ok_reply(std::string(1000, 'x'));
	whole.bytes.insert(whole.bytes.find("\r\n") + 2, "Connection: close\r\n");
	loopback_server const without_ranges(always(whole));
	auto job = web_job(
		image, {server.url("nothing.img"), server.url("small.img"), without_ranges.url("/whole.img")});
	job["timeout_seconds"] = 2;
	auto const result = run_job(image.dir, job);

	EXPECT_TRUE(exits_with(result, exit_code::network));
	EXPECT_TRUE(mentions(result.err,
		"web seed " + server.url("nothing.img") + ": asking for /nothing.img: the server answered 404"));
	EXPECT_TRUE(mentions(result.err,
		fmt::format("/small.img: it has {} bytes and the image {}", end_of(image.torrent.files) - 1,
			end_of(image.torrent.files))));
	EXPECT_TRUE(mentions(result.err, "the server sends the whole file, as it serves no ranges"));
	EXPECT_TRUE(mentions(result.err, "no web seed is left"));
}

TEST(web_seeds, a_body_that_never_ends_is_not_read)
{
	auto const image = some_image();
	reply const endless{
		"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n" + std::string(1000, 'x'), after_reply::drip};
	loopback_server const server(always(endless));
	auto job = web_job(image, {server.url("/endless.img")});
	job["timeout_seconds"] = 1;
	auto const result = run_job(image.dir, job);

	EXPECT_TRUE(exits_with(result, exit_code::network));
	EXPECT_TRUE(mentions(result.err, "it serves no ranges"));
}

TEST(web_seeds, the_download_limit_holds)
{
	SKIP_WITHOUT_NGINX();
	auto const image = some_image();
	nginx_server const server(image.dir.path());
	auto job = web_job(image, {server.url("source.img")});
	auto const total = total_size(image.torrent.files);
	job["swarm"]["download_limit"] = total / 2;
	auto const started = std::chrono::steady_clock::now();

	ASSERT_TRUE(exits_with(run_job(image.dir, job), exit_code::done));

	// it takes two seconds at that rate, less the half second that may come in the first burst
	EXPECT_GE(std::chrono::steady_clock::now() - started, std::chrono::milliseconds(1400));
	EXPECT_TRUE(is_imaged(image));
}

// A stop does not wait for a server.
TEST(web_seeds, a_signal_ends_a_job_whose_server_is_silent)
{
	auto const image = some_image();
	silent_server const server;
	child_process agent(
		run_command(image.dir, web_job(image, {fmt::format("http://127.0.0.1:{}/x", server.port())})));
	ASSERT_TRUE(agent.wait_for_text("downloading", long_limit)) << agent.err();

	agent.signal(SIGTERM);

	EXPECT_TRUE(exits_with(agent, exit_code::terminated, seconds(10)));
}

} // namespace rawswarm::test
