// SPDX-License-Identifier: BSD-3-Clause
#include "agent/manifest/job_signature.hpp"
#include "agent/room/job_signer.hpp"
#include "tests/support/base/child_process.hpp"
#include "tests/support/base/skip.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/base/text_of.hpp"
#include "tests/support/base/value_of.hpp"

#include <gtest/gtest.h>

#include <string>

namespace rawswarm
{
namespace
{

using test::text_of;
using test::value_of;

constexpr char const* job = "{ \"version\": 1, \"targets\": [] }\n";

// In minisign's format, from the seed 01 02 03 ... 20 and the id 0123456789abcdef.
std::string const secret_file = "untrusted comment: a secret key\n"
								"RWQAAEIyAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
								"ASNFZ4mrze8BAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4fIHm1Vi6P5lT5QHixEuip"
								"i6eQH4U65pW+1+DjkQutBJZkwKUMbsfBuEtCaDmIX7biMnZqQmX2Jd8E3zp4f1XdZpw=\n";
constexpr char const* public_line = "RWQBI0VniavN73m1Vi6P5lT5QHixEuipi6eQH4U65pW+1+DjkQutBJZk";

std::string refusal_of(std::string const& file)
{
	return text_of(job_signer::parse(file, "job.sec"), fault::refused);
}

std::string replaced(std::string text, std::string const& what, std::string const& with)
{
	auto const at = text.find(what);
	EXPECT_NE(at, std::string::npos) << what;
	return text.replace(at, what.size(), with);
}

TEST(job_signer, what_it_signs_is_taken_by_those_who_trust_its_key)
{
	auto const signer = value_of(job_signer::parse(secret_file, "job.sec"));
	auto const signature = value_of(signer.sign(job, "lab/pc-01/a"));
	auto const key = value_of(parse_public_key(public_line, "trusted.pub"));
	EXPECT_EQ(text_of(verify_signature(key, job, signature, "job.json")), "fine");
	EXPECT_FALSE(verify_signature(key, std::string(job) + " ", signature, "job.json"));
	EXPECT_NE(signature.find("\ntrusted comment: lab/pc-01/a\n"), std::string::npos) << signature;
	EXPECT_EQ(value_of(signer.sign(job, "lab/pc-01/a")), signature);
}

TEST(job_signer, the_minisign_tool_takes_its_signatures)
{
	SKIP_WITHOUT("minisign");
	test::temp_dir const dir;
	test::run_checked({"minisign", "-G", "-W", "-p", dir / "job.pub", "-s", dir / "job.sec"});
	auto const signer = value_of(job_signer::parse(test::read_file(dir / "job.sec"), "job.sec"));
	test::write_file(dir / "job.json", job);
	test::write_file(dir / "job.json.minisig", value_of(signer.sign(job, "lab/pc-01/a")));
	auto const told = test::run_checked({"minisign", "-V", "-p", dir / "job.pub", "-m", dir / "job.json"});
	EXPECT_NE(told.find("Trusted comment: lab/pc-01/a"), std::string::npos) << told;
}

TEST(job_signer, a_key_with_a_password_is_refused)
{
	EXPECT_EQ(refusal_of(replaced(secret_file, "RWQAAEIy", "RWRTY0Iy")),
		"reading the key job.sec: it has a password, which nobody could type here; minisign -G -W makes one "
		"without");
}

TEST(job_signer, what_is_no_key_is_refused)
{
	for (std::string const& file :
		{std::string(), std::string("x"), std::string("x\ny"), std::string(public_line),
			"untrusted comment: x\n" + std::string(public_line), replaced(secret_file, "Zpw=", "")})
	{
		EXPECT_EQ(refusal_of(file), "reading the key job.sec: not a minisign secret key file");
	}
	EXPECT_EQ(refusal_of(replaced(secret_file, "RWQA", "RWUA")),
		"reading the key job.sec: its algorithm is unknown");
}

TEST(job_signer, a_damaged_key_is_refused)
{
	EXPECT_EQ(
		refusal_of(replaced(secret_file, "AgMEBQYH", "AgMEBQYI")), "reading the key job.sec: it is damaged");
}

} // namespace
} // namespace rawswarm
