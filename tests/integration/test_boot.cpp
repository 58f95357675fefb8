// SPDX-License-Identifier: BSD-3-Clause
// `rawswarm boot` with a command line of the test's own, as an initramfs starts it.
#include "tests/support/base/skip.hpp"
#include "tests/support/device/device_content.hpp"
#include "tests/support/network/beacon_listener.hpp"
#include "tests/support/network/free_port.hpp"
#include "tests/support/network/listeners.hpp"
#include "tests/support/network/loopback_server.hpp"
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>

namespace rawswarm::test
{

namespace
{

using namespace std::chrono_literals;

class boot : public ::testing::Test
{
protected:
	boot() { write_file(m_dir / "kmsg", ""); }

	child_options command(std::string const& command_line)
	{
		write_file(m_dir / "cmdline", "BOOT_IMAGE=/vmlinuz quiet " + command_line + "\n");
		return rawswarm_command({"boot", "--cmdline", m_dir / "cmdline", "--kmsg", m_dir / "kmsg"});
	}

	// In a PID namespace of its own: a power-off ends the namespace's first process with SIGINT instead of
	// the machine, a reboot ends it with SIGHUP (reboot(2)).
	run_result run_boot_as_a_machine(std::string const& command_line)
	{
		auto options = command(command_line);
		options.argv.insert(options.argv.begin(), {"unshare", "--pid", "--fork"});
		return run(options, 25s);
	}

	run_result run_boot(std::string const& command_line) { return run(command(command_line), 25s); }

	// The parameters that send beacons to this test.
	std::string beacons() const { return "rd.rawswarm.beacon=" + m_listener.address() + " "; }

	std::string job_file(std::string const& text)
	{
		write_file(m_dir / "job.json", text);
		return "rd.rawswarm.job=" + (m_dir / "job.json") + " ";
	}

	std::string kmsg() const { return read_file(m_dir / "kmsg"); }

	// The error of the beacon that says `failed`.
	std::string reported_error() const
	{
		auto const last = m_listener.wait_for_state("failed", 5s);
		return last ? last->json.value("/error/text"_json_pointer, "no text") : "no beacon";
	}

	temp_dir m_dir;
	beacon_listener m_listener;
};

constexpr int powered_off = 128 + SIGINT;
constexpr int rebooted = 128 + SIGHUP;

// With a job that images a file, and a seeder.
class boot_images : public boot
{
protected:
	boot_images()
		: m_image(extent_layout{.count = 40})
		, m_seeder(m_image.torrent_path, m_image.source_path)
	{
		auto job = loopback_job({m_seeder.port()});
		// relative to the job, which may come from a file or a server
		job["targets"].push_back(image_target("image.torrent", m_image.dir / "target.img"));
		write_file(m_dir / "image.torrent", torrent());
		job["on_failure"] = "shell"; // with "continue" the exit code would be 0
		m_job = job.dump();
	}

	std::string torrent() const { return read_file(m_image.torrent_path); }

	::testing::AssertionResult imaged() const
	{
		return device_equals(m_image.dir / "target.img", m_image.torrent.files, background::zeros);
	}

	prepared_image m_image;
	seeding_agent m_seeder;
	std::string m_job;
};

} // namespace

TEST_F(boot, without_a_job_it_ends_at_once_and_says_nothing)
{
	auto const ended = run_boot("root=/dev/sda1 BOOTIF=nonsense");
	EXPECT_TRUE(exits_with(ended, exit_code::done));
	EXPECT_EQ(ended.out + ended.err + kmsg(), "");
}

TEST_F(boot, an_unknown_parameter_is_an_error_that_names_it)
{
	auto const ended = run_boot("rd.rawswarm.jbo=http://10.0.0.1/job.json " + beacons());
	EXPECT_TRUE(exits_with(ended, exit_code::usage));
	EXPECT_NE(ended.err.find("rd.rawswarm.jbo: unknown kernel parameter"), std::string::npos) << ended.err;
	EXPECT_EQ(reported_error(), "rd.rawswarm.jbo: unknown kernel parameter");
}

TEST_F(boot, a_check_says_what_is_wrong_with_the_command_line_and_starts_nothing)
{
	auto checked = command("rd.rawswarm.jbo=http://10.0.0.1/job.json " + beacons());
	checked.argv.emplace_back("--check");
	auto const wrong = run(checked, 25s);
	EXPECT_TRUE(exits_with(wrong, exit_code::usage));
	EXPECT_EQ(wrong.err, "rawswarm: rd.rawswarm.jbo: unknown kernel parameter\n");

	checked = command(job_file("{") + beacons());
	checked.argv.emplace_back("--check");
	auto const right = run(checked, 25s);
	EXPECT_TRUE(exits_with(right, exit_code::done));
	EXPECT_EQ(right.err + kmsg(), "");
	EXPECT_TRUE(m_listener.beacons().empty());
}

TEST_F(boot, a_check_refuses_what_a_boot_refuses_of_the_command_line)
{
	auto const checked = [this](std::string const& command_line, std::vector<std::string> const& options) {
		auto with_check = command(command_line);
		with_check.argv.emplace_back("--check");
		with_check.argv.insert(with_check.argv.end(), options.begin(), options.end());
		return run(with_check, 25s);
	};
	struct wrong_line
	{
		std::string text;
		std::vector<std::string> options;
		std::string why;
	};
	std::vector<wrong_line> const wrong_lines{
		{"rd.rawswarm.job=http://10.0.0.1/${macc}.json", {}, "substituting ${macc}: unknown name"},
		{"rd.rawswarm.job=http://10.0.0.1/${mac", {}, "the brace is not closed"},
		{"rd.rawswarm.job=ftp://10.0.0.1/job.json", {}, "must be a path or an http or https URL"},
		{"rd.rawswarm.job=http:///job.json", {}, "reading the job"},
		{"rd.rawswarm.job=http://10.0.0.1/j rd.rawswarm.key=/none.pub", {}, "opening /none.pub"},
		{"rd.rawswarm.job=http://10.0.0.1/j BOOTIF=eth0", {}, "BOOTIF: must be a hardware address"},
		{"rd.rawswarm.job=http://10.0.0.1/j", {"--log", "loud"}, "--log"},
	};
	for (auto const& wrong : wrong_lines)
	{
		auto const refused = checked(wrong.text, wrong.options);
		EXPECT_NE(refused.err.find(wrong.why), std::string::npos) << wrong.text << ": " << refused.err;
		auto booting = command("rd.rawswarm.on_failure=shell rd.rawswarm.timeout=1 " + wrong.text);
		booting.argv.insert(booting.argv.end(), wrong.options.begin(), wrong.options.end());
		EXPECT_EQ(refused.exit_code, run(booting, 25s).exit_code) << wrong.text;
		EXPECT_NE(refused.exit_code, 0) << wrong.text;
	}
	// what the network has not told yet is no mistake
	for (auto const* const name : {"${mac}", "${mac:hexhyp}", "${mac:hexraw}", "${ip}", "${hostname}"})
	{
		EXPECT_TRUE(exits_with(
			checked(fmt::format("rd.rawswarm.job=http://10.0.0.1/{}.json", name), {}), exit_code::done));
	}
}

TEST_F(boot, a_job_that_no_server_gives_is_told_by_beacons_and_ends_in_the_shell)
{
	auto const url = fmt::format("http://127.0.0.1:{}/job.json", free_port());
	auto const ended = run_boot("rd.rawswarm.timeout=1 rd.rawswarm.job=" + url + " " + beacons());
	EXPECT_TRUE(exits_with(ended, exit_code::network));
	EXPECT_NE(ended.err.find("waiting for the job, 1 s at most: fetching " + url), std::string::npos)
		<< ended.err;
	EXPECT_NE(ended.err.find("to try again: rawswarm boot --cmdline '" + (m_dir / "cmdline") + "'"),
		std::string::npos)
		<< ended.err;
	EXPECT_NE(reported_error().find("Connection refused"), std::string::npos) << reported_error();
}

TEST_F(boot, a_token_in_the_jobs_url_is_told_nowhere)
{
	loopback_server const server(by_target({}));
	auto const ended = run_boot("rd.rawswarm.job=" + server.url("/job.json?token=SECRET") + " " + beacons());
	EXPECT_TRUE(exits_with(ended, exit_code::network));
	auto const told = ended.out + ended.err + kmsg() + reported_error();
	EXPECT_EQ(told.find("SECRET"), std::string::npos) << told;
	EXPECT_NE(reported_error().find("/job.json?***: the server answered 404"), std::string::npos)
		<< reported_error();
	EXPECT_EQ(server.requests().front().target(), "/job.json?token=SECRET");
}

TEST_F(boot, a_wrong_command_line_is_to_be_corrected_before_it_is_tried_again)
{
	auto const ended =
		run_boot("rd.rawswarm.key=http://10.0.0.1/key.pub rd.rawswarm.job=http://10.0.0.1/job");
	EXPECT_TRUE(exits_with(ended, exit_code::usage));
	EXPECT_NE(
		ended.err.find("rd.rawswarm.key: must be a path, not \"http://10.0.0.1/key.pub\""), std::string::npos)
		<< ended.err;
	EXPECT_NE(ended.err.find("to try again: rawswarm boot --cmdline FILE, FILE being a corrected copy of "),
		std::string::npos)
		<< ended.err;
}

TEST_F(boot, a_job_of_another_machine_is_refused)
{
	auto const ended = run_boot(job_file(R"({"version": 1, "for": {"mac": "52:54:00:ff:ff:ff"},
		"targets": [{"torrent": "a.torrent", "device": "/dev/null"}]})")
		+ beacons());
	EXPECT_TRUE(exits_with(ended, exit_code::refused));
	EXPECT_NE(reported_error().find("/for/mac: the job is for other machines"), std::string::npos)
		<< reported_error();
}

TEST_F(boot, a_job_has_at_least_the_serial_number_of_the_command_line)
{
	auto const job = job_file(R"({"version": 1, "serial_number": 6,
		"targets": [{"torrent": "a.torrent", "device": "/dev/null"}]})");
	EXPECT_TRUE(exits_with(run_boot(job + beacons() + "rd.rawswarm.serial_number=7"), exit_code::refused));
	EXPECT_NE(
		reported_error().find("/serial_number: it is 6, this machine takes 7 or more"), std::string::npos)
		<< reported_error();
	EXPECT_TRUE(exits_with(run_boot(job + "rd.rawswarm.serial_number=-1"), exit_code::usage));
}

TEST_F(boot, a_job_that_is_no_json_is_told_by_beacons)
{
	EXPECT_TRUE(exits_with(run_boot(job_file("{") + beacons()), exit_code::refused));
	EXPECT_EQ(reported_error().substr(0, 8), "reading ");
	EXPECT_EQ(m_listener.beacons().size(), 3u) << "as at the end of any job";
}

TEST_F(boot, after_a_failure_the_boot_goes_on_where_the_parameter_says_so)
{
	auto const ended = run_boot(job_file("{") + beacons() + "rd.rawswarm.on_failure=continue");
	EXPECT_TRUE(exits_with(ended, exit_code::done));
	EXPECT_EQ(ended.err.find("to try again"), std::string::npos) << ended.err;
	EXPECT_NE(reported_error(), "no beacon");
}

TEST_F(boot, without_a_job_the_machine_ends_as_the_parameter_says)
{
	SKIP_WITHOUT_ROOT();
	auto const wrong = job_file("{") + beacons();
	EXPECT_TRUE(exits_with(run_boot_as_a_machine(wrong + "rd.rawswarm.on_failure=reboot"), rebooted));
	EXPECT_NE(reported_error(), "no beacon");
	EXPECT_TRUE(exits_with(run_boot_as_a_machine(wrong + "rd.rawswarm.on_failure=poweroff"), powered_off));
	EXPECT_TRUE(
		exits_with(run_boot_as_a_machine("rd.rawswarm.oops=1 rd.rawswarm.on_failure=poweroff"), powered_off));
}

TEST_F(boot, the_log_goes_to_the_kernel_with_its_priorities)
{
	auto const ended = run_boot(job_file("{"));
	EXPECT_EQ(kmsg().substr(0, 10), "<3>agent: ") << kmsg();
	EXPECT_NE(ended.err.find("[agent] error: reading "), std::string::npos) << ended.err;
}

TEST_F(boot_images, the_job_of_the_server_is_carried_out)
{
	loopback_server const server(
		by_target({{"/52:54:00:ab:cd:ef.json", ok_reply(m_job)}, {"/image.torrent", ok_reply(torrent())}}));
	auto const ended = run_boot(
		"rd.rawswarm.job=" + server.url("/${mac}.json") + " " + beacons() + "BOOTIF=01-52-54-00-AB-CD-EF");
	EXPECT_TRUE(exits_with(ended, exit_code::done));
	EXPECT_TRUE(imaged());
	auto const last = m_listener.wait_for_state("done", 5s);
	ASSERT_TRUE(last);
	EXPECT_EQ(last->json.value("agent", ""), "52:54:00:ab:cd:ef");
}

TEST_F(boot_images, the_machine_is_switched_off_as_the_job_says_unless_the_parameter_says_otherwise)
{
	SKIP_WITHOUT_ROOT();
	auto job = nlohmann::json::parse(m_job);
	job["on_success"] = "poweroff";
	auto const line = job_file(job.dump());
	EXPECT_TRUE(exits_with(run_boot_as_a_machine(line), powered_off));
	EXPECT_TRUE(imaged());
	EXPECT_TRUE(exits_with(run_boot_as_a_machine(line + "rd.rawswarm.on_success=reboot"), rebooted));
}

TEST_F(boot_images, another_program_follows_where_the_job_says_so)
{
	auto job = nlohmann::json::parse(m_job);
	job["on_success"] = {{"exec", {"sh", "-c", "exit 42"}}};
	EXPECT_TRUE(exits_with(run_boot(job_file(job.dump())), 42));
	EXPECT_TRUE(imaged());
}

TEST_F(boot_images, with_a_key_only_a_signed_job_is_carried_out)
{
	SKIP_WITHOUT("minisign");
	run_checked({"minisign", "-G", "-W", "-p", m_dir / "key.pub", "-s", m_dir / "key"});
	auto const line = job_file(m_job) + beacons() + "rd.rawswarm.key=" + (m_dir / "key.pub");
	EXPECT_TRUE(exits_with(run_boot(line), exit_code::refused));
	EXPECT_NE(reported_error().find("the job must be signed"), std::string::npos) << reported_error();

	auto const sign = [this](std::string const& name) {
		run_checked({"minisign", "-S", "-s", m_dir / "key", "-m", m_dir / name, "-t", "made for pc-07"});
	};
	sign("job.json");
	auto const unpinned = run_boot(line);
	EXPECT_TRUE(exits_with(unpinned, exit_code::refused))
		<< "whoever serves the torrent would choose the image";
	EXPECT_NE(unpinned.err.find("the job is signed and has no info_hash for it"), std::string::npos)
		<< unpinned.err;
	EXPECT_FALSE(std::filesystem::exists(m_image.dir / "target.img"));

	sign("image.torrent");
	auto const taken = run_boot(line);
	EXPECT_TRUE(exits_with(taken, exit_code::done));
	EXPECT_NE(taken.err.find(": made for pc-07"), std::string::npos) << taken.err;
	EXPECT_TRUE(imaged());
}

TEST_F(boot_images, what_is_said_to_try_again_needs_the_key_as_well)
{
	SKIP_WITHOUT("minisign");
	run_checked({"minisign", "-G", "-W", "-p", m_dir / "key.pub", "-s", m_dir / "key"});
	auto const refused = run_boot(job_file(m_job) + "rd.rawswarm.key=" + (m_dir / "key.pub"));
	EXPECT_TRUE(exits_with(refused, exit_code::refused));
	constexpr std::string_view before = "to try again: rawswarm ";
	auto const at = refused.err.find(before);
	ASSERT_NE(at, std::string::npos) << refused.err;
	auto said = rawswarm_command({});
	auto const words = refused.err.substr(at + before.size());
	said.argv = {"sh", "-c", said.argv.front() + " " + words.substr(0, words.find('\n'))};
	EXPECT_TRUE(exits_with(run(said, 25s), exit_code::refused)) << said.argv.back();
	EXPECT_FALSE(std::filesystem::exists(m_image.dir / "target.img"));
}

// A room boots together, and a server says 503 to some.
TEST_F(boot_images, a_busy_server_is_asked_again_for_the_job_its_signature_and_the_torrent)
{
	SKIP_WITHOUT("minisign");
	run_checked({"minisign", "-G", "-W", "-p", m_dir / "key.pub", "-s", m_dir / "key"});
	job_file(m_job);
	for (auto const* const name : {"job.json", "image.torrent"})
	{
		run_checked({"minisign", "-S", "-s", m_dir / "key", "-m", m_dir / name});
	}
	std::set<std::string> asked;
	loopback_server const server([&](http_request const& request) {
		std::string const target(request.target());
		return asked.insert(target).second ? empty_reply("503 Service Unavailable")
										   : ok_reply(read_file(m_dir / target.substr(1)));
	});
	auto const ended = run_boot("rd.rawswarm.job=" + server.url("/job.json") + " " + beacons()
		+ "rd.rawswarm.key=" + (m_dir / "key.pub"));
	EXPECT_TRUE(exits_with(ended, exit_code::done));
	EXPECT_EQ(asked.size(), 4U) << "both signatures as well";
	EXPECT_TRUE(imaged());
}

TEST_F(boot_images, the_server_may_come_up_later)
{
	auto const port = free_port();
	child_process agent(command(fmt::format("rd.rawswarm.job=http://127.0.0.1:{}/job.json", port)));
	ASSERT_TRUE(agent.wait_for_text("waiting for the job, 60 s at most: ", 10s));
	write_file(m_dir / "job.json", m_job);
	child_process const server({.argv = {"busybox", "httpd", "-f", "-p", loopback(port), "-h", m_dir.path()},
		.env = {},
		.stdin_text = {},
		.stdout_path = {},
		.stderr_path = {}});
	EXPECT_TRUE(exits_with(agent, exit_code::done));
	EXPECT_TRUE(imaged());
}

TEST_F(boot_images, a_failure_of_the_job_ends_as_the_job_says_unless_the_parameter_says_otherwise)
{
	auto job = nlohmann::json::parse(m_job);
	job["on_failure"] = "continue";
	job["targets"][0]["device"] = m_dir / "no-such-folder/target.img";
	auto const failing = job_file(job.dump()) + beacons();
	EXPECT_TRUE(exits_with(run_boot(failing), exit_code::done)) << "the job says continue";
	EXPECT_NE(reported_error().find("no-such-folder"), std::string::npos) << reported_error();
	auto const ended = run_boot(failing + "rd.rawswarm.on_failure=shell");
	EXPECT_TRUE(exits_with(ended, exit_code::target));
	EXPECT_NE(ended.err.find("this machine was not imaged: "), std::string::npos) << ended.err;
}

} // namespace rawswarm::test
