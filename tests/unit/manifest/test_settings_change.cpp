// SPDX-License-Identifier: BSD-3-Clause
#include "agent/manifest/settings_change.hpp"
#include "tests/support/base/value_of.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace rawswarm
{
namespace
{

using words = std::vector<std::string>;

std::string refusal(words const& w)
{
	auto const parsed = parse_settings_change(w);
	EXPECT_FALSE(parsed);
	EXPECT_TRUE(parsed || parsed.error().kind == fault::usage);
	return parsed ? std::string() : parsed.error().text;
}

TEST(settings_change, has_the_keys_and_the_values_of_a_job)
{
	auto const c = test::value_of(
		parse_settings_change(words{"memory=64M", "writers=4", "readers=2", "coalesce.max_blocks=128",
			"coalesce.min_blocks=8", "coalesce.timeout_ms=500", "log=info,storage=debug"}));
	EXPECT_EQ(c.device, "");
	EXPECT_EQ(c.memory, std::optional(std::optional<std::int64_t>(64 << 20)));
	EXPECT_EQ(c.writers, 4);
	EXPECT_EQ(c.readers, 2);
	EXPECT_EQ(c.coalesce.max_blocks, 128);
	EXPECT_EQ(c.coalesce.min_blocks, 8);
	EXPECT_EQ(c.coalesce.timeout, std::chrono::milliseconds(500));
	EXPECT_EQ(c.log, test::value_of(log::parse_levels("info,storage=debug")));
}

TEST(settings_change, says_nothing_of_what_is_not_named)
{
	auto const c = test::value_of(parse_settings_change(words{"/dev/sda", "writers=4"}));
	EXPECT_EQ(c.device, "/dev/sda");
	EXPECT_FALSE(c.memory || c.readers || c.coalesce.max_blocks || c.log);
	EXPECT_EQ(test::value_of(parse_settings_change(words{"memory=auto"})).memory,
		std::make_optional(std::optional<std::int64_t>()));
}

TEST(settings_change, that_is_wrong_is_refused_in_one_sentence_that_begins_with_its_key)
{
	EXPECT_TRUE(refusal({"memory=1M"}).starts_with("memory: "));
	EXPECT_TRUE(refusal({"memory=64MB"}).starts_with("memory: "));
	EXPECT_TRUE(refusal({"writers=0"}).starts_with("writers: "));
	EXPECT_TRUE(refusal({"readers=65"}).starts_with("readers: "));
	EXPECT_EQ(refusal({"writers=many"}), "writers: must be a number from 1 to 64, not \"many\"");
	EXPECT_TRUE(refusal({"coalesce.max_blocks=1025"}).starts_with("coalesce.max_blocks: "));
	EXPECT_TRUE(refusal({"coalesce.timeout_ms=-1"}).starts_with("coalesce.timeout_ms: "));
	EXPECT_TRUE(refusal({"log=loud"}).starts_with("log: "));
	EXPECT_TRUE(refusal({"threads=4"}).starts_with("threads: none of memory, writers, "));
	EXPECT_EQ(refusal({"writers=1", "writers=2"}), "writers: is there twice");
	EXPECT_TRUE(refusal({"writers=1", "/dev/sda"}).starts_with("\"/dev/sda\": must be KEY=VALUE"));
	EXPECT_TRUE(refusal({"/dev/sda"}).starts_with("nothing to set"));
	EXPECT_TRUE(refusal({}).starts_with("nothing to set"));
	EXPECT_TRUE(refusal({""}).starts_with("\"\": must be KEY=VALUE"));
	EXPECT_TRUE(
		refusal({"/dev/sda", "memory=64M", "writers=2"}).starts_with("/dev/sda: a device has its own"));
}

} // namespace
} // namespace rawswarm
