// SPDX-License-Identifier: BSD-3-Clause
// What a running agent may still do, and what the programs that it starts get of it.
#include "tests/support/base/random_bytes.hpp"
#include "tests/support/base/wait_until.hpp"
#include "tests/support/network/free_port.hpp"
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <sstream>

#include <linux/capability.h>
#include <unistd.h>

namespace rawswarm::test
{

namespace
{

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr std::uint64_t mib = 1024 * 1024;

// A line of /proc/PID/status.
std::string status_of(std::string const& process, std::string const& key)
{
	std::istringstream lines(read_file("/proc/" + process + "/status"));
	for (std::string line; std::getline(lines, line);)
	{
		if (line.starts_with(key + ":\t"))
		{
			return line.substr(key.size() + 2);
		}
	}
	return {};
}

std::string capabilities(std::initializer_list<int> const numbers)
{
	unsigned long long bits = 0;
	for (int const n : numbers)
	{
		bits |= 1ULL << static_cast<unsigned>(n);
	}
	return fmt::format("{:016x}", bits);
}

class least_powers : public ::testing::Test
{
protected:
	least_powers()
		: m_image(prepared_image({torrent_file{0, random_bytes(1, mib)}}))
	{}

	nlohmann::json job(std::uint16_t const seeder) const
	{
		auto job = loopback_job({seeder});
		job["targets"].push_back(image_target(m_image.torrent_path, m_image.dir / "target.img"));
		return job;
	}

	prepared_image m_image;
};

} // namespace

TEST_F(least_powers, of_an_agent_that_only_serves_are_in_every_thread_what_its_socket_and_its_source_need)
{
	seeding_agent seeder(m_image.torrent_path, m_image.source_path);
	auto const worker = std::to_string(worker_of(seeder.process()));
	int threads = 0;
	for (auto const& thread : fs::directory_iterator("/proc/" + worker + "/task"))
	{
		auto const of = worker + "/task/" + thread.path().filename().string();
		EXPECT_EQ(status_of(of, "NoNewPrivs"), "1");
		EXPECT_EQ(status_of(of, "Seccomp"), "2");
		if (::geteuid() == 0)
		{
			auto const few = capabilities({CAP_NET_BIND_SERVICE, CAP_DAC_OVERRIDE});
			EXPECT_EQ(status_of(of, "CapPrm"), few);
			EXPECT_EQ(status_of(of, "CapEff"), few);
			EXPECT_EQ(status_of(of, "CapBnd"), few);
		}
		++threads;
	}
	EXPECT_GT(threads, 2);
}

TEST_F(least_powers, are_not_given_up_where_the_command_line_says_so)
{
	seeding_agent seeder(m_image.torrent_path, m_image.source_path, {"--no-sandbox"});
	auto const worker = std::to_string(worker_of(seeder.process()));
	for (auto const* const key : {"NoNewPrivs", "Seccomp", "CapEff", "CapBnd"})
	{
		EXPECT_EQ(status_of(worker, key), status_of("self", key)) << key;
	}
}

TEST_F(least_powers, of_a_watcher_are_none)
{
	child_process watcher(rawswarm_command({"watch", "--plain", "--listen",
		fmt::format("127.0.0.1:{}", free_port()), "--http", fmt::format("127.0.0.1:{}", free_port())}));
	auto const pid = std::to_string(watcher.pid());
	EXPECT_TRUE(wait_until([&] { return !watcher.running() || status_of(pid, "Seccomp") == "2"; }));
	ASSERT_TRUE(watcher.running()) << watcher.err();
	EXPECT_EQ(status_of(pid, "NoNewPrivs"), "1");
	EXPECT_EQ(status_of(pid, "CapEff"), capabilities({}));
	watcher.signal(SIGTERM);
	EXPECT_TRUE(exits_with(watcher, 128 + SIGTERM));
}

TEST_F(least_powers, of_an_agent_do_not_bind_the_programs_of_its_job)
{
	seeding_agent const seeder(m_image.torrent_path, m_image.source_path);
	auto job = this->job(seeder.port());
	auto const told = m_image.dir / "status";
	job["after"] = {{{"exec", {"sh", "-c", "cat /proc/self/status > " + told}}}};
	ASSERT_TRUE(exits_with(run_job(m_image.dir, job), exit_code::done));
	auto const text = read_file(told);
	for (auto const* const key : {"NoNewPrivs", "Seccomp", "CapEff", "CapBnd"})
	{
		auto const line = fmt::format("\n{}:\t{}\n", key, status_of("self", key));
		EXPECT_NE(text.find(line), std::string::npos) << line << text;
	}
}

TEST_F(least_powers, of_a_program_of_the_job_are_the_standard_streams_and_no_other_descriptor)
{
	seeding_agent const seeder(m_image.torrent_path, m_image.source_path);
	auto job = this->job(seeder.port());
	job["beacon"] = {{"to", {fmt::format("127.0.0.1:{}", free_port())}}};
	job["after"] = {{{"exec", {"ls", "/proc/self/fd"}}}};
	auto const result = run_job(m_image.dir, job);
	ASSERT_TRUE(exits_with(result, exit_code::done));
	EXPECT_NE(result.err.find("ls: 3"), std::string::npos) << "its own, for the folder: " << result.err;
	EXPECT_EQ(result.err.find("ls: 4"), std::string::npos) << result.err;
}

TEST_F(least_powers, of_the_program_that_takes_the_place_of_this_one_are_those_of_who_started_it)
{
	seeding_agent const seeder(m_image.torrent_path, m_image.source_path);
	auto job = this->job(seeder.port());
	job["on_success"] = {{"exec", {"sh", "-c", "ls /proc/self/fd; cat /proc/self/status"}}};
	auto const result = run_job(m_image.dir, job);
	ASSERT_TRUE(exits_with(result, exit_code::done));
	EXPECT_TRUE(result.out.starts_with("0\n1\n2\n3\nName:")) << "the last is its own: " << result.out;
	for (auto const* const key : {"NoNewPrivs", "Seccomp", "CapEff", "CapBnd"})
	{
		auto const line = fmt::format("\n{}:\t{}\n", key, status_of("self", key));
		EXPECT_NE(result.out.find(line), std::string::npos) << line << result.out;
	}
}

TEST_F(least_powers, leave_no_key_in_logs_command_lines_and_environments)
{
	seeding_agent const seeder(m_image.torrent_path, m_image.source_path);
	std::string const secret = "a-key-that-nobody-is-told";
	write_file(m_image.dir / "key", secret);
	auto job = this->job(seeder.port());
	job["beacon"] = {{"to", {fmt::format("127.0.0.1:{}", free_port())}}, {"key_file", m_image.dir / "key"}};
	job["log"] = "trace";
	auto const told = m_image.dir / "told";
	job["after"] = {
		{{"exec", {"sh", "-c", "cat /proc/$PPID/cmdline /proc/$PPID/environ /proc/$$/environ > " + told}}}};
	auto const result = run_job(m_image.dir, job);
	ASSERT_TRUE(exits_with(result, exit_code::done));
	EXPECT_FALSE(read_file(told).empty());
	for (auto const& text : {result.out, result.err, read_file(told)})
	{
		EXPECT_EQ(text.find(secret), std::string::npos) << text;
	}
}

} // namespace rawswarm::test
