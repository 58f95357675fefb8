// SPDX-License-Identifier: BSD-3-Clause
#include "agent/manifest/job_signature.hpp"
#include "tests/support/base/child_process.hpp"
#include "tests/support/base/skip.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/base/value_of.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace rawswarm
{

namespace
{

using test::value_of;

// Made with minisign 0.11: two key pairs, and the text below signed with the first of them, with and
// without hashing (-l).
constexpr std::string_view text = "{ \"version\": 1, \"targets\": [] }\n";

constexpr std::string_view key_file = "untrusted comment: minisign public key 9A640F0899E40B76\n"
									  "RWR2C+SZCA9kmru4GajvLWM+AgifrRiLXzRh0idP5syzDE2GL5/kIepg\n";

constexpr std::string_view other_key_file = "untrusted comment: minisign public key 6E326E5F840C43C1\n"
											"RWTBQwyEX24ybkb8uD9sJVQ26vb13PrADciTkgBGMIOb5n4n8yHeern1\n";

constexpr std::string_view hashed_signature =
	"untrusted comment: a job\n"
	"RUR2C+SZCA9kmuUoeGeDBAuXWI0tWU+Hdi+Qgqqi0Sl114qmXiodwNb4qj2fO+qwf6k7odPryXA2MdTKq6rVbrcdpkI4cItFCwg=\n"
	"trusted comment: made for lab-3\n"
	"uYvAxUoxFSWuMHJfe0I0cIHSm+KFQLRaILWIeUCxmRNhwVBdXMLtfwi8l1SXzX6vsETCu6iy+SErsDx1VSgDBQ==\n";

constexpr std::string_view plain_signature =
	"untrusted comment: signature from minisign secret key\n"
	"RWR2C+SZCA9kmnG1TpBuyfAVB/Uo1QZdEapbiU+XXrCEp/eg6kaK3AgXGwiqW+3jbyJlE1Dcf+S5U1HPKGqnrOj3zIXs+DEdsQw=\n"
	"trusted comment: made for lab-3\n"
	"pWSxUSmmlI/RTYc4SqFHzuiQDzQtTwb+qrezOgF0wpDNtGaIKZOBVbUiM1iD1eXvCS37NyeaqZy/zPWFvlbdDw==\n";

public_key key_of(std::string_view file)
{
	return value_of(parse_public_key(file, "the key"));
}

// "good", or the refusal without what all of them begin with.
std::string verdict(public_key const& key, std::string_view signed_text, std::string_view signature)
{
	auto const verified = verify_signature(key, signed_text, signature, "job.json");
	if (verified)
	{
		return "good";
	}
	EXPECT_EQ(verified.error().kind, fault::refused);
	std::string const begin = "checking the signature of job.json: ";
	EXPECT_TRUE(verified.error().text.starts_with(begin)) << verified.error().text;
	return verified.error().text.substr(begin.size());
}

std::string verdict(std::string_view signature)
{
	return verdict(key_of(key_file), text, signature);
}

std::string replaced(std::string_view in, std::string_view what, std::string_view with)
{
	std::string out(in);
	auto const at = out.find(what);
	EXPECT_NE(at, std::string::npos) << what;
	return out.replace(at, what.size(), with);
}

std::string with_crlf(std::string_view in)
{
	std::string out;
	for (char const c : in)
	{
		out += c == '\n' ? "\r\n" : std::string(1, c);
	}
	return out;
}

std::string key_refusal(std::string_view file)
{
	auto const parsed = parse_public_key(file, "trusted.pub");
	if (parsed)
	{
		return "good";
	}
	EXPECT_EQ(parsed.error().kind, fault::refused);
	return parsed.error().text;
}

constexpr char const* altered_text = "the text is not what was signed";
constexpr char const* altered_comment = "the trusted comment is not what was signed";
constexpr char const* bad_line_count = "not the four lines of a minisign signature";
constexpr char const* bad_comment_lines = "the comment lines of a minisign signature are missing";
constexpr char const* bad_signature_line = "line 2 is no minisign signature";
constexpr char const* bad_global_line = "line 4 is no signature of the trusted comment";

} // namespace

TEST(trust, key_and_signature_written_on_windows_are_taken)
{
	auto const with_crlf = [](std::string_view in) {
		std::string out = "\xef\xbb\xbf";
		for (char const c : in)
		{
			out += c == '\n' ? "\r\n" : std::string(1, c);
		}
		return out;
	};
	EXPECT_EQ(verdict(key_of(with_crlf(key_file)), text, with_crlf(hashed_signature)), "good");
}

TEST(trust, signatures_of_the_tool_verify)
{
	EXPECT_EQ(verdict(hashed_signature), "good");
	EXPECT_EQ(verdict(plain_signature), "good");
}

TEST(trust, an_altered_text_is_refused)
{
	for (auto const signature : {hashed_signature, plain_signature})
	{
		EXPECT_EQ(verdict(key_of(key_file), replaced(text, "1", "2"), signature), altered_text);
		EXPECT_EQ(verdict(key_of(key_file), std::string(text) + "\n", signature), altered_text);
		EXPECT_EQ(verdict(key_of(key_file), "", signature), altered_text);
	}
}

TEST(trust, an_altered_trusted_comment_is_refused)
{
	for (auto const signature : {hashed_signature, plain_signature})
	{
		EXPECT_EQ(verdict(replaced(signature, "lab-3", "lab-4")), altered_comment);
		EXPECT_EQ(verdict(replaced(signature, "lab-3", "lab-3 ")), altered_comment);
	}
}

TEST(trust, the_untrusted_comment_may_say_anything)
{
	EXPECT_EQ(verdict(replaced(hashed_signature, "a job", "another")), "good");
	EXPECT_EQ(verdict(replaced(hashed_signature, "a job", "")), "good");
}

TEST(trust, another_keys_signature_is_refused_and_both_ids_are_named)
{
	EXPECT_EQ(verdict(key_of(other_key_file), text, hashed_signature),
		"made with key 9A640F0899E40B76, and the trusted one is 6E326E5F840C43C1");
}

TEST(trust, another_key_with_the_same_id_is_refused)
{
	auto key = key_of(other_key_file);
	key.id = key_of(key_file).id;
	EXPECT_EQ(verdict(key, text, hashed_signature), altered_text);
	EXPECT_EQ(verdict(key, text, plain_signature), altered_text);
}

TEST(trust, a_hashed_signature_is_none_of_the_plain_text_nor_the_reverse)
{
	EXPECT_EQ(verdict(replaced(hashed_signature, "RUR2", "RWR2")), altered_text);
	EXPECT_EQ(verdict(replaced(plain_signature, "RWR2", "RUR2")), altered_text);
}

TEST(trust, an_unknown_algorithm_is_refused)
{
	EXPECT_EQ(verdict(replaced(hashed_signature, "RUR2", "RUV2")), "the signature's algorithm is unknown");
	EXPECT_EQ(key_refusal(replaced(key_file, "RWR2", "RUR2")),
		"reading the key trusted.pub: its algorithm is unknown");
}

TEST(trust, line_ends_of_other_systems_are_taken_and_the_last_may_lack)
{
	EXPECT_EQ(verdict(with_crlf(hashed_signature)), "good");
	EXPECT_EQ(verdict(hashed_signature.substr(0, hashed_signature.size() - 1)), "good");
	EXPECT_EQ(key_refusal(with_crlf(key_file)), "good");
	EXPECT_EQ(key_refusal(key_file.substr(0, key_file.size() - 1)), "good");
}

TEST(trust, stray_bytes_are_refused)
{
	std::string const good(hashed_signature);
	EXPECT_EQ(verdict(""), bad_line_count);
	EXPECT_EQ(verdict(good + "\n"), bad_line_count);
	EXPECT_EQ(verdict(good + " "), bad_line_count);
	EXPECT_EQ(verdict("\n" + good), bad_line_count);
	EXPECT_EQ(verdict(good + good), bad_line_count);
	EXPECT_EQ(verdict(good.substr(0, good.find("trusted comment: made"))), bad_line_count);
	EXPECT_EQ(verdict(good.substr(0, good.size() - 1) + '\r'), bad_global_line);
	EXPECT_EQ(verdict(good.substr(0, good.size() - 1) + " \n"), bad_global_line);
	EXPECT_EQ(verdict(" " + good), bad_comment_lines);
	EXPECT_EQ(verdict(replaced(good, "\ntrusted comment: ", "\nTrusted comment: ")), bad_comment_lines);
	EXPECT_EQ(verdict(replaced(good, "RUR2", " RUR2")), bad_signature_line);
	EXPECT_EQ(verdict(replaced(good, "Cwg=", "Cwg")), bad_signature_line);
	EXPECT_EQ(verdict(replaced(good, "Cwg=", "Cwh=")), bad_signature_line);
	EXPECT_EQ(verdict(replaced(good, "RUR2C+SZCA9k", "RUR2C+SZCA9kAAAA")), bad_signature_line);
	EXPECT_EQ(verdict(replaced(good, "uYvA", "")), bad_global_line);
}

TEST(trust, a_key_may_be_the_base64_alone)
{
	auto const line = key_file.substr(key_file.find('\n') + 1);
	EXPECT_EQ(key_of(line).key, key_of(key_file).key);
	EXPECT_EQ(key_of(line.substr(0, line.size() - 1)).id, key_of(key_file).id);
}

TEST(trust, a_malformed_key_is_refused_with_its_name)
{
	std::string const begin = "reading the key trusted.pub: ";
	EXPECT_EQ(key_refusal(""), begin + "not a minisign public key file");
	EXPECT_EQ(key_refusal(std::string(key_file) + "\n"), begin + "not a minisign public key file");
	EXPECT_EQ(key_refusal("untrusted comment: x\n"), begin + "line 1 is no minisign public key");
	EXPECT_EQ(key_refusal(replaced(key_file, "kIepg", "kIe")), begin + "line 2 is no minisign public key");
	EXPECT_EQ(
		key_refusal(replaced(key_file, "RWR2", "RWR2AAAA")), begin + "line 2 is no minisign public key");
	EXPECT_EQ(key_refusal(replaced(key_file, "RWR2", "RWR2 ")), begin + "line 2 is no minisign public key");
}

// Against the tool itself, with keys of this run.
class minisign_tool : public ::testing::Test
{
protected:
	void SetUp() override
	{
		SKIP_WITHOUT("minisign");
		make_key("ours");
		make_key("other");
		test::write_file(path("job.json"), text);
	}

	std::string path(std::string const& name) const { return m_dir / name; }

	void make_key(std::string const& name)
	{
		test::run_checked({"minisign", "-G", "-W", "-p", path(name + ".pub"), "-s", path(name + ".key")});
	}

	std::string sign(std::vector<std::string> const& options)
	{
		std::vector<std::string> command{
			"minisign", "-S", "-s", path("ours.key"), "-m", path("job.json"), "-x", path("job.json.minisig")};
		command.insert(command.end(), options.begin(), options.end());
		test::run_checked(command);
		return test::read_file(path("job.json.minisig"));
	}

	public_key key(std::string const& name) const { return key_of(test::read_file(path(name + ".pub"))); }

	void expect_only_the_original_verifies(std::string const& signature)
	{
		EXPECT_EQ(verdict(key("ours"), text, signature), "good");
		EXPECT_EQ(verdict(key("ours"), std::string(text) + " ", signature), altered_text);
		EXPECT_EQ(
			verdict(key("ours"), text, replaced(signature, "\ntrusted comment: ", "\ntrusted comment: x")),
			altered_comment);
		EXPECT_TRUE(verdict(key("other"), text, signature).starts_with("made with key "));
	}

private:
	test::temp_dir m_dir;
};

TEST_F(minisign_tool, its_signatures_verify_and_altered_ones_do_not)
{
	expect_only_the_original_verifies(sign({}));
	expect_only_the_original_verifies(sign({"-t", "made for lab-3", "-c", "a job"}));
}

TEST_F(minisign_tool, its_signatures_of_the_older_format_verify_and_altered_ones_do_not)
{
	auto const help = test::run(std::vector<std::string>{"minisign", "-h"});
	if ((help.out + help.err).find("[-l]") == std::string::npos)
	{
		GTEST_SKIP() << "this minisign cannot sign in the older format";
	}
	expect_only_the_original_verifies(sign({"-l"}));
}

TEST_F(minisign_tool, it_takes_the_line_ends_that_are_taken_here)
{
	auto const signature = with_crlf(sign({}));
	test::write_file(path("job.json.minisig"), signature);
	test::run_checked({"minisign", "-V", "-q", "-p", path("ours.pub"), "-m", path("job.json")});
	EXPECT_EQ(verdict(key("ours"), text, signature), "good");
}

} // namespace rawswarm
