// SPDX-License-Identifier: BSD-3-Clause
#include "agent/http_server/held_bytes.hpp"

#include <gtest/gtest.h>

namespace rawswarm
{

TEST(held_bytes, a_text_of_several_counts_once_until_the_last_has_it)
{
	held_bytes held;
	auto const text = std::make_shared<std::string const>(100, 'x');
	held.add(text);
	held.add(text);
	EXPECT_EQ(held.total(), 100u);
	held.remove(text);
	EXPECT_EQ(held.total(), 100u);
	held.remove(text);
	EXPECT_EQ(held.total(), 0u);
}

TEST(held_bytes, texts_and_bodies_add_up)
{
	held_bytes held;
	auto const a = std::make_shared<std::string const>(100, 'x');
	auto const b = std::make_shared<std::string const>(100, 'x');
	held.add(a);
	held.add(b);
	held.add(1000);
	held.add(nullptr);
	EXPECT_EQ(held.total(), 1200u);
	held.remove(1000);
	held.remove(a);
	held.remove(nullptr);
	EXPECT_EQ(held.total(), 100u);
}

} // namespace rawswarm
