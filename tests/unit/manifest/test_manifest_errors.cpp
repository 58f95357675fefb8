// SPDX-License-Identifier: BSD-3-Clause
// Manifests that are refused, with a pointer to the place and in one short line; and that no valid one is.
#include "agent/manifest/json_reader.hpp"
#include "agent/manifest/parse_manifest.hpp"
#include "tests/support/base/source_tree.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/machine/job_text.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <string>

namespace rawswarm
{
namespace
{

namespace fs = std::filesystem;

using test::job_fixtures;
using test::job_refusal;
using test::job_with;
using test::read_file;

void expect_refused_at_its_pointer(fs::path const& path)
{
	auto pointer = path;
	pointer.replace_extension(".pointer");
	auto expected = read_file(pointer);
	expected.resize(expected.find('\n'));

	auto const base = path.filename().string();
	auto const text = job_refusal(read_file(path), base);
	auto const start = "reading " + base + ": " + expected + (expected.empty() ? "" : ": ");
	EXPECT_TRUE(text.starts_with(start)) << text << "\nexpected: " << start;
	EXPECT_GT(text.size(), start.size()) << text;
	EXPECT_FALSE(expected.empty() && text.substr(start.size()).starts_with('/')) << text;
	EXPECT_TRUE(std::ranges::none_of(text, [](char const c) { return c >= 0 && c < ' '; })) << text;
}

TEST(manifest, valid_fixtures_are_accepted)
{
	auto const found = job_fixtures("valid");
	EXPECT_GE(found.size(), 15U);
	for (auto const& path : found)
	{
		EXPECT_EQ(job_refusal(read_file(path), path.filename().string()), "accepted");
	}
}

TEST(manifest, refused_fixtures_are_refused_on_one_line_with_their_pointer)
{
	auto const found = job_fixtures("refused");
	EXPECT_GE(found.size(), 60U);
	for (auto const& path : found)
	{
		expect_refused_at_its_pointer(path);
	}
}

TEST(manifest, fixtures_that_only_the_parser_can_refuse_are_refused_with_their_pointer)
{
	auto const found = job_fixtures("refused_by_parser_only");
	EXPECT_GE(found.size(), 15U);
	for (auto const& path : found)
	{
		expect_refused_at_its_pointer(path);
	}
}

TEST(manifest, own_name_that_the_machine_lacks_is_refused_with_its_pointer)
{
	auto const parsed = parse_manifest(job_with(R"("name": "${serial}")"), location::of_path("job.json"), {});
	ASSERT_FALSE(parsed);
	EXPECT_EQ(parsed.error().text, "reading job.json: /name: substituting ${serial}: this machine has none");
}

TEST(manifest, control_characters_of_own_names_are_refused)
{
	machine_identity odd = test::this_machine();
	odd.serial = "a\nb";
	auto const parsed =
		parse_manifest(job_with(R"("name": "${serial}")"), location::of_path("job.json"), odd);
	ASSERT_FALSE(parsed);
	EXPECT_EQ(
		parsed.error().text, "reading job.json: /name: substituting ${serial}: a?b has control characters");
}

TEST(manifest, errors_say_what_would_be_right)
{
	EXPECT_EQ(job_refusal(job_with(R"("rolle": 1)")), "reading job.json: /rolle: unknown key");
	EXPECT_EQ(job_refusal(job_with(R"("version": 1)")), "reading job.json: /version: duplicate key");
	EXPECT_EQ(job_refusal(R"({"version": 1})"), "reading job.json: \"targets\" is missing");
	EXPECT_EQ(job_refusal(R"({"version": 2, "goal": 1})"), "reading job.json: /version: must be 1");
	EXPECT_EQ(job_refusal(job_with(R"("timeout_seconds": 1e3)")),
		"reading job.json: /timeout_seconds: must be an integer");
	EXPECT_EQ(job_refusal(job_with(R"("beacon": {"interval_ms": 99})")),
		"reading job.json: /beacon/interval_ms: must be from 100 to 3600000");
	EXPECT_EQ(job_refusal(job_with(R"("storage": {"threads": 18446744073709551617})")),
		"reading job.json: /storage/threads: must be from 1 to 64");
	EXPECT_EQ(job_refusal(job_with(R"("storage": {"coalesce": {"min_blocks": 9, "max_blocks": 8}})")),
		"reading job.json: /storage/coalesce/min_blocks: must not be above max_blocks, 8");
	EXPECT_EQ(job_refusal(job_with(R"("storage": {"direct": "always"})")),
		"reading job.json: /storage/direct: must be \"auto\", true or false");
	EXPECT_EQ(job_refusal(job_with(R"("storage": {"profile": "tape"})")),
		"reading job.json: /storage/profile: must be \"auto\", \"hdd\", \"ssd\", \"nvme\", \"virtual\""
		" or \"file\", not \"tape\"");
	EXPECT_EQ(job_refusal(job_with(R"("on_failure": "halt")")),
		"reading job.json: /on_failure: must be \"shell\","
		" \"continue\", \"reboot\" or \"poweroff\", not \"halt\"");
	EXPECT_EQ(job_refusal(job_with(R"("swarm": {"allow": ["10.1.2.3/8"]})")),
		"reading job.json: /swarm/allow/0:"
		" \"10.1.2.3/8\" is no network: the one it lies in is 10.0.0.0/8");
}

TEST(manifest, keys_and_values_of_later_versions_are_named_as_not_supported)
{
	EXPECT_EQ(job_refusal(job_with(R"("storage": {"engine": "io_uring"})")),
		"reading job.json: /storage/engine: \"io_uring\" is not supported by this version");
}

TEST(manifest, syntax_errors_name_line_and_column)
{
	EXPECT_EQ(job_refusal("{\n\t\"version\": x}"),
		"reading job.json: line 2, column 13: while parsing value - invalid literal");
	EXPECT_EQ(job_refusal("").substr(0, 35), "reading job.json: line 1, column 1:");
	auto const nul = job_with(R"("name": "x")") + std::string("\0[]", 3);
	EXPECT_TRUE(job_refusal(nul).ends_with("NUL byte")) << job_refusal(nul);
}

TEST(manifest, errors_stay_short_whatever_the_manifest_says)
{
	std::string const long_text(100'000, 'x');
	EXPECT_LT(job_refusal(job_with("\"" + long_text + "\": 1")).size(), 300U);
	EXPECT_LT(job_refusal(job_with("\"log\": \"" + long_text + "\"")).size(), 400U);
	EXPECT_LT(job_refusal("{\"version\": 1, \"a\": \"" + long_text).size(), 400U);
	EXPECT_LT(job_refusal("{\"version\": 1" + std::string(100'000, '1') + "e9}").size(), 400U);
}

TEST(manifest, text_past_the_limit_is_refused_before_it_is_parsed)
{
	auto text = job_with(R"("name": "x")");
	text.resize(max_manifest_bytes, ' ');
	EXPECT_EQ(job_refusal(text), "accepted");
	EXPECT_EQ(job_refusal(text + "x"), "reading job.json: larger than 1048576 bytes");
}

TEST(manifest, nesting_is_bounded)
{
	auto const nested = [](std::size_t levels) {
		nlohmann::json out;
		auto const text = std::string(levels, '[') + std::string(levels, ']');
		return parse_json(text, {1000, 3}, json_location::in_document("x"), out);
	};
	EXPECT_TRUE(nested(3));
	auto const refused = nested(4);
	ASSERT_FALSE(refused);
	EXPECT_EQ(refused.error().text, "reading x: /0/0/0: nested deeper than 3 levels");
}

TEST(manifest, cut_off_text_is_refused_wherever_it_is_cut)
{
	auto const text = read_file(test::fixture_folder() / "manifest/valid/full.json");
	auto const end = text.rfind('}');
	for (std::size_t length = 0; length <= end; ++length)
	{
		EXPECT_NE(job_refusal(text.substr(0, length)), "accepted") << length;
	}
}

TEST(manifest, standard_input_is_named_in_words)
{
	EXPECT_EQ(job_refusal("[]", "-"), "reading standard input: must be an object");
}

TEST(manifest, base_and_keys_are_printed_without_control_characters)
{
	auto const parsed =
		parse_manifest(R"({"a\u001b[2J": 1})", location::of_path("a\nb"), test::this_machine());
	ASSERT_FALSE(parsed);
	EXPECT_EQ(parsed.error().text, "reading a?b: /a?[2J: unknown key");
}

} // namespace
} // namespace rawswarm
