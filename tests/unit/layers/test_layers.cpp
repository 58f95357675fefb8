// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/base/source_tree.hpp"
#include "tests/unit/layers/include_graph.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

namespace rawswarm::test
{

namespace
{

using sentences = std::vector<std::string>;

std::vector<layer> table_of_the_project()
{
	std::ifstream in(source_tree() / "toolchain/layers.txt");
	std::string const text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
	return parse_layers(text);
}

constexpr char const* two_floors = "# from the ground up\n"
								   "base      |      | boost\n"
								   "agent/net | base | boost openssl\n";

TEST(layers, every_include_of_the_project_is_named_by_its_line)
{
	EXPECT_EQ(layer_faults(table_of_the_project(), read_includes(source_tree())), sentences{});
}

TEST(layers, no_two_files_of_the_project_include_each_other)
{
	EXPECT_EQ(find_circle(read_includes(source_tree())), sentences{});
}

TEST(layers, an_include_that_climbs_is_a_fault)
{
	include_graph const graph{
		{"base/text.cpp", {"agent/net/url.hpp", "boost/asio.hpp", "string", "sys/stat.h"}},
		{"agent/net/url.cpp", {"base/text.hpp", "agent/net/url.hpp", "boost/asio.hpp", "openssl/ssl.h"}}};
	EXPECT_EQ(layer_faults(parse_layers(two_floors), graph),
		(sentences{"base/text.cpp includes agent/net/url.hpp, which the line of base does not name"}));
}

TEST(layers, a_library_of_others_that_the_line_does_not_name_is_a_fault)
{
	include_graph const graph{{"base/text.cpp", {"boost/asio.hpp", "openssl/ssl.h"}},
		{"agent/net/url.cpp", {"base/text.hpp", "boost/asio.hpp", "openssl/ssl.h"}}};
	EXPECT_EQ(layer_faults(parse_layers(two_floors), graph),
		(sentences{"base/text.cpp includes openssl/ssl.h, which the line of base does not name"}));
}

TEST(layers, a_line_that_names_a_folder_below_itself_in_the_table_is_a_fault)
{
	include_graph const graph{
		{"base/text.cpp", {"agent/net/url.hpp"}}, {"agent/net/url.cpp", {"base/text.hpp"}}};
	EXPECT_EQ(layer_faults(parse_layers("base | agent/net |\nagent/net | base |\n"), graph),
		(sentences{"base names agent/net, which does not stand above it"}));
}

TEST(layers, a_name_that_the_folder_does_not_use_is_a_fault)
{
	include_graph const graph{
		{"base/text.cpp", {"boost/asio.hpp"}}, {"agent/net/url.cpp", {"boost/asio.hpp"}}};
	EXPECT_EQ(layer_faults(parse_layers(two_floors), graph),
		(sentences{"agent/net includes nothing of base, which its line names",
			"agent/net includes nothing of openssl, which its line names"}));
}

TEST(layers, a_file_outside_of_all_folders_is_a_fault_and_main_includes_the_last_folder_alone)
{
	include_graph const graph{{"agent/stray.cpp", {}},
		{"agent/main.cpp", {"base/text.hpp", "agent/net/url.hpp"}}, {"base/text.cpp", {"boost/asio.hpp"}},
		{"agent/net/url.cpp", {"base/text.hpp", "boost/asio.hpp", "openssl/ssl.h"}}};
	EXPECT_EQ(layer_faults(parse_layers(two_floors), graph),
		(sentences{"agent/stray.cpp stands in no folder of the table",
			"agent/main.cpp includes base/text.hpp, which is not of agent/net"}));
}

TEST(layers, a_circle_is_found_through_a_source_file)
{
	EXPECT_EQ(find_circle({{"base/a.hpp", {"base/b.hpp"}}, {"base/b.hpp", {}}, {"base/b.cpp", {"base/c.hpp"}},
				  {"base/c.hpp", {"base/b.hpp"}}}),
		(sentences{"base/b", "base/c", "base/b"}));
	EXPECT_EQ(
		find_circle({{"base/a.hpp", {"base/b.hpp"}}, {"base/b.hpp", {}}, {"base/b.cpp", {"base/b.hpp"}}}),
		sentences{});
}

TEST(layers, a_line_without_its_bars_is_refused)
{
	EXPECT_THROW(parse_layers("base boost\n"), std::runtime_error);
	EXPECT_THROW(parse_layers("base agent | | boost\n"), std::runtime_error);
}

} // namespace

} // namespace rawswarm::test
