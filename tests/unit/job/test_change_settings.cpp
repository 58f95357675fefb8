// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/change_settings.hpp"
#include "tests/support/base/value_of.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <string>

namespace rawswarm
{
namespace
{

result<void> changed(std::string const& word, storage_context& context)
{
	std::array const words{word};
	return change_settings(test::value_of(parse_settings_change(words)), context, {}, {});
}

TEST(change_settings, what_is_of_devices_is_refused_while_the_job_uses_none)
{
	storage_context context(storage_settings{});
	for (auto const* const word :
		{"writers=3", "readers=5", "coalesce.max_blocks=96", "coalesce.min_blocks=2"})
	{
		auto const done = changed(word, context);
		ASSERT_FALSE(done) << word;
		EXPECT_EQ(done.error().kind, fault::target);
		EXPECT_EQ(done.error().text,
			"changing writers, readers or coalesce: the job uses no device yet, or no more");
	}
	EXPECT_FALSE(context.settings().coalesce.max_blocks);
}

TEST(change_settings, memory_is_taken_before_there_is_a_device)
{
	storage_context context(storage_settings{});
	ASSERT_TRUE(changed("memory=48M", context));
	EXPECT_EQ(context.settings().memory, std::size_t(48) * 1024 * 1024);
}

} // namespace
} // namespace rawswarm
