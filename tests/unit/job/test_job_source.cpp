// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/job_source.hpp"
#include "agent/manifest/job_signature.hpp"
#include "agent/manifest/parse_manifest.hpp"
#include "base/unique_fd.hpp"
#include "tests/support/base/child_process.hpp"
#include "tests/support/base/skip.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/base/throw_errno.hpp"
#include "tests/support/base/value_of.hpp"
#include "tests/support/network/loopback_server.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace rawswarm
{
namespace
{

using test::value_of;

// Made with minisign 0.11: a key pair, and the job below signed with it.
constexpr std::string_view job_text =
	"{\"version\": 1, \"name\": \"lab-3\", \"targets\": [{\"torrent\": \"a.torrent\", "
	"\"device\": \"/tmp/disk.img\"}]}\n";

constexpr std::string_view key_text = "untrusted comment: minisign public key 7599981FC9CEBCBA\n"
									  "RWS6vM7JH5iZddAFRqT2Jt6BTv0DETR2wYp3BYSuXUzO3WQVIw6d0cqx\n";

constexpr std::string_view signature_text =
	"untrusted comment: a job\n"
	"RUS6vM7JH5iZdYLoWG23ApyCJUexHLmXzyES3z32S3RtL2onMNzTQX3a11R5gMSKcV5fACwTGSrrovNqHHPLV3RR0Vorxd3lnw8=\n"
	"trusted comment: made for lab-3\n"
	"gt44AUoezqJZ3oVu2Rjk5Tz1XQHcCpbrOy6le5eXP1mulfuEifUVO4P94Fjh6HzjXdRlZvLmMjLPxSoyWp+WAQ==\n";

// Makes standard input a pipe that holds these bytes and is never closed.
class piped_stdin
{
public:
	explicit piped_stdin(std::string_view bytes)
		: m_before(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3))
	{
		std::array<int, 2> ends{};
		if (::pipe2(ends.data(), O_CLOEXEC) != 0)
		{
			test::throw_errno("making a pipe");
		}
		unique_fd const reading(ends[0]);
		m_writing = unique_fd(ends[1]);
		if (::dup2(reading.get(), STDIN_FILENO) < 0
			|| ::write(m_writing.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()))
		{
			test::throw_errno("replacing standard input");
		}
	}

	~piped_stdin()
	{
		if (m_before)
		{
			::dup2(m_before.get(), STDIN_FILENO);
		}
		else
		{
			::close(STDIN_FILENO);
		}
	}

	piped_stdin(piped_stdin const&) = delete;
	piped_stdin& operator=(piped_stdin const&) = delete;

	void close() { m_writing = unique_fd(); }

	static int unread()
	{
		int bytes = -1;
		::ioctl(STDIN_FILENO, FIONREAD, &bytes);
		return bytes;
	}

private:
	unique_fd m_before;
	unique_fd m_writing;
};

class job_source_test : public ::testing::Test
{
protected:
	void SetUp() override
	{
		test::write_file(path("job.json"), job_text);
		test::write_file(path("trusted.pub"), key_text);
	}

	std::string path(std::string_view name) const { return m_dir / name; }

	// A trusted key of the machine itself would change the result of some tests.
	static bool machine_has_a_key() { return std::filesystem::exists(trusted_key_path); }

	job_source unsigned_job() const { return {path("job.json"), "", {}}; }

	job_source signed_job() const
	{
		test::write_file(path("job.json.minisig"), signature_text);
		return {path("job.json"), path("trusted.pub"), {}};
	}

	error fault_of(job_source const& source) const
	{
		auto const job = load_job(source, m_self);
		return job ? error{fault::internal, {}, "accepted"} : job.error();
	}

	// Expects a refusal whose text names the job and contains these words.
	void expect_refused(job_source const& source, std::string_view words) const
	{
		auto const refusal = fault_of(source);
		EXPECT_EQ(refusal.kind, fault::refused) << refusal.text;
		EXPECT_NE(refusal.text.find(words), std::string::npos) << refusal.text;
		EXPECT_NE(refusal.text.find(source.job), std::string::npos) << refusal.text;
	}

	machine_identity m_self{
		.mac = "52:54:00:12:34:56", .serial = {}, .uuid = {}, .hostname = "pc-07", .ip = {}};

private:
	test::temp_dir m_dir;
};

class job_source_without_key : public job_source_test
{
protected:
	void SetUp() override
	{
		if (machine_has_a_key())
		{
			GTEST_SKIP() << "this machine has a trusted key of its own";
		}
		job_source_test::SetUp();
	}
};

} // namespace

TEST_F(job_source_without_key, a_job_is_read_from_a_file_and_its_paths_are_relative_to_it)
{
	auto const job = value_of(load_job(unsigned_job(), m_self));
	EXPECT_EQ(job.name, "lab-3");
	ASSERT_EQ(job.targets.size(), 1U);
	EXPECT_EQ(to_string(job.targets[0].torrent), path("a.torrent"));
	EXPECT_EQ(job.targets[0].device, "/tmp/disk.img");
}

TEST_F(job_source_without_key, flags_override_the_job)
{
	auto source = unsigned_job();
	source.flags.device = named_device{"/tmp/other.img", {}};
	source.flags.peers = {{"10.0.0.1", 6881}};
	auto const job = value_of(load_job(source, m_self));
	EXPECT_EQ(job.targets[0].device, "/tmp/other.img");
	EXPECT_EQ(to_string(job.targets[0].torrent), path("a.torrent"));
	EXPECT_EQ(job.swarm.peers, (std::vector<host_port>{{"10.0.0.1", 6881}}));
}

TEST_F(job_source_without_key, flags_alone_are_a_job)
{
	job_source source;
	source.flags.torrent = location::of_path("b.torrent");
	source.flags.device = named_device{"/tmp/b.img", {}};
	auto const job = value_of(load_job(source, m_self));
	ASSERT_EQ(job.targets.size(), 1U);
	EXPECT_EQ(to_string(job.targets[0].torrent), "b.torrent");
	EXPECT_EQ(job.targets[0].device, "/tmp/b.img");
}

TEST_F(job_source_without_key, no_job_and_no_flags_are_a_wrong_command_line)
{
	EXPECT_EQ(fault_of({}).kind, fault::usage);
}

TEST_F(job_source_without_key, a_job_is_read_from_standard_input_to_its_end)
{
	piped_stdin input(job_text);
	input.close();
	auto const job = value_of(load_job({"-", "", {}}, m_self));
	EXPECT_EQ(job.name, "lab-3");
	EXPECT_EQ(to_string(job.targets[0].torrent), "a.torrent");
}

TEST_F(job_source_without_key, this_machines_names_are_put_into_the_jobs_path)
{
	test::write_file(path("pc-07/job.json"), job_text);
	EXPECT_EQ(
		to_string(value_of(load_job({path("${hostname}/job.json"), "", {}}, m_self)).targets[0].torrent),
		path("pc-07/a.torrent"));
	EXPECT_EQ(fault_of({path("${serial}/job.json"), "", {}}).kind, fault::refused);
}

TEST_F(job_source_without_key, a_job_that_is_missing_or_malformed_is_refused_by_name)
{
	expect_refused({path("missing.json"), "", {}}, "opening ");
	test::write_file(path("bad.json"), "{\"version\": 1, \"targets\": []}");
	expect_refused({path("bad.json"), "", {}}, "/targets");
	test::write_sparse_file(path("large.json"), max_manifest_bytes + 1);
	expect_refused({path("large.json"), "", {}}, "reading ");
}

TEST_F(job_source_test, a_signed_job_is_accepted)
{
	auto const job = value_of(load_job(signed_job(), m_self));
	EXPECT_EQ(job.name, "lab-3");
	EXPECT_EQ(to_string(job.targets[0].torrent), path("a.torrent"));
}

TEST_F(job_source_test, a_job_that_the_tool_signed_is_accepted)
{
	SKIP_WITHOUT("minisign");
	test::run_checked({"minisign", "-G", "-W", "-p", path("new.pub"), "-s", path("new.key")});
	test::run_checked({"minisign", "-S", "-s", path("new.key"), "-m", path("job.json")});
	EXPECT_EQ(value_of(load_job({path("job.json"), path("new.pub"), {}}, m_self)).name, "lab-3");
	expect_refused({path("job.json"), path("trusted.pub"), {}}, "made with key ");
}

TEST_F(job_source_test, the_trusted_comment_and_the_key_come_with_a_signed_job)
{
	auto const job = value_of(load_job(signed_job(), m_self));
	ASSERT_TRUE(job.fetching.signed_by);
	EXPECT_EQ(job.fetching.signed_by->comment, "made for lab-3");
	EXPECT_EQ(key_id(job.fetching.signed_by->key), "7599981FC9CEBCBA");
}

TEST_F(job_source_without_key, a_job_of_another_machine_is_refused_under_any_name)
{
	auto const with = [this](std::string_view const members) {
		test::write_file(path("job.json"),
			fmt::format(R"({{"version": 1, "targets": [{{"torrent": "a", "device": "/d"}}], {}}})", members));
		return unsigned_job();
	};
	EXPECT_EQ(fault_of(with(R"("for": {"mac": "52:54:00:12:34:56"})")).text, "accepted");
	expect_refused(with(R"("for": {"mac": "52:54:00:00:00:01"})"), "/for/mac: the job is for other machines");
	expect_refused(with(R"("not_after": "2001-01-01T00:00:00Z")"), "/not_after: the job was good until ");
	expect_refused(with(R"("not_before": "9999-01-01T00:00:00Z")"), "/not_before: ");
	auto numbered = with(R"("serial_number": 6)");
	EXPECT_EQ(fault_of(numbered).text, "accepted");
	numbered.least_serial_number = 7;
	expect_refused(numbered, "/serial_number: it is 6, this machine takes 7 or more");
}

TEST_F(job_source_test, a_key_comes_from_no_server)
{
	auto source = signed_job();
	source.key_file = "http://10.0.0.1/trusted.pub?for=me";
	auto const refusal = fault_of(source);
	EXPECT_EQ(refusal.kind, fault::usage);
	EXPECT_EQ(refusal.text,
		"--key: must be a path, not \"http://10.0.0.1/trusted.pub?***\": who sends a key says who is "
		"trusted");
}

TEST_F(job_source_test, a_signature_that_a_busy_server_does_not_send_may_come_later)
{
	test::loopback_server const server(test::by_target({
		{"/job.json", test::ok_reply(std::string(job_text))},
		{"/job.json.minisig", test::empty_reply("503 Service Unavailable")},
	}));
	auto const refusal = fault_of({server.url("/job.json"), path("trusted.pub"), {}});
	EXPECT_EQ(refusal.kind, fault::network) << refusal.text;
	EXPECT_TRUE(refusal.ec);
	EXPECT_NE(refusal.text.find("the job must be signed: "), std::string::npos) << refusal.text;
}

TEST_F(job_source_test, an_unsigned_job_is_refused)
{
	expect_refused({path("job.json"), path("trusted.pub"), {}}, "the job must be signed: ");
}

TEST_F(job_source_test, a_signature_that_is_none_is_refused)
{
	auto const source = signed_job();
	test::write_file(path("job.json.minisig"), "");
	expect_refused(source, "checking the signature of ");
	test::write_sparse_file(path("job.json.minisig"), 1024 * 1024);
	expect_refused(source, "the job must be signed: ");
}

TEST_F(job_source_test, an_altered_job_is_refused_whatever_it_says)
{
	auto const source = signed_job();
	test::write_file(path("job.json"), std::string(job_text) + " ");
	expect_refused(source, "the text is not what was signed");
	test::write_file(path("job.json"), "no JSON");
	expect_refused(source, "the text is not what was signed");
}

TEST_F(job_source_test, a_key_that_is_missing_or_none_is_refused_by_name)
{
	auto source = signed_job();
	for (auto const* const name : {"missing.pub", "none.pub"})
	{
		test::write_file(path("none.pub"), "no key\n");
		source.key_file = path(name);
		auto const refusal = fault_of(source);
		EXPECT_EQ(refusal.kind, fault::refused);
		EXPECT_NE(refusal.text.find(path(name)), std::string::npos) << refusal.text;
	}
}

TEST_F(job_source_test, flags_do_not_change_the_targets_of_a_signed_job)
{
	job_overrides torrent;
	torrent.torrent = location::of_path("b.torrent");
	job_overrides device;
	device.device = named_device{"/tmp/other.img", {}};
	job_overrides role;
	role.role = target_role::seed;
	job_overrides existing;
	existing.existing = existing_data::verify;
	auto source = signed_job();
	for (auto const& flags : {torrent, device, role, existing})
	{
		source.flags = flags;
		expect_refused(source, "its targets cannot be changed by flags");
	}
}

TEST_F(job_source_test, other_flags_override_a_signed_job)
{
	auto source = signed_job();
	source.flags.peers = {{"10.0.0.1", 6881}};
	source.flags.seed_seconds = std::chrono::seconds(7);
	auto const job = value_of(load_job(source, m_self));
	EXPECT_EQ(job.swarm.peers, (std::vector<host_port>{{"10.0.0.1", 6881}}));
	EXPECT_EQ(job.seed_until.total, std::chrono::seconds(7));
}

TEST_F(job_source_test, flags_alone_are_no_job_where_jobs_must_be_signed)
{
	job_source source{"", path("trusted.pub"), {}};
	source.flags.torrent = location::of_path("b.torrent");
	source.flags.device = named_device{"/tmp/b.img", {}};
	expect_refused(source, "jobs must be signed here");
}

TEST_F(job_source_test, standard_input_is_refused_unread_where_jobs_must_be_signed)
{
	piped_stdin const input(job_text);
	auto const refusal = fault_of({"-", path("trusted.pub"), {}});
	EXPECT_EQ(refusal.kind, fault::refused);
	EXPECT_TRUE(refusal.text.starts_with("reading standard input: a job must be signed here"))
		<< refusal.text;
	EXPECT_EQ(piped_stdin::unread(), static_cast<int>(job_text.size()));
}

TEST_F(job_source_test, the_signature_of_a_url_lies_beside_its_path_and_keeps_the_query)
{
	test::loopback_server const server(test::by_target({
		{"/lab/job.json?room=3", test::ok_reply(std::string(job_text))},
		{"/lab/job.json.minisig?room=3", test::ok_reply(std::string(signature_text))},
		{"/lab/other.json", test::ok_reply(std::string(job_text))},
	}));
	auto const job =
		value_of(load_job({server.url("/lab/job.json?room=3"), path("trusted.pub"), {}}, m_self));
	EXPECT_EQ(to_string(job.targets[0].torrent), server.url("/lab/a.torrent"));
	expect_refused({server.url("/lab/other.json"), path("trusted.pub"), {}}, "the job must be signed: ");
	auto const refusal = fault_of({server.url("/lab/none.json?token=secret"), path("trusted.pub"), {}});
	EXPECT_EQ(refusal.text.find("secret"), std::string::npos) << refusal.text;
}

} // namespace rawswarm
