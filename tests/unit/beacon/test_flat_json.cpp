// SPDX-License-Identifier: BSD-3-Clause
#include "agent/beacon/flat_json.hpp"
#include "tests/support/base/source_tree.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rawswarm
{

namespace
{

using nlohmann::json;

bool is_json(std::string_view const bytes)
{
	return bool(flat_json(bytes).root());
}

std::optional<std::string> text_in(std::string const& bytes)
{
	return flat_json(bytes).root().text();
}

json_value element(json_value const& list, std::size_t const index)
{
	auto found = list.first();
	for (std::size_t i = 0; i < index; ++i)
	{
		found = found.next();
	}
	return found;
}

// What stands at a pointer (RFC 6901) of nlohmann's.
json_value value_at(json_value value, json::json_pointer pointer)
{
	std::vector<std::string> path;
	for (; !pointer.empty(); pointer.pop_back())
	{
		path.insert(path.begin(), pointer.back());
	}
	for (auto const& name : path)
	{
		value = value.is(json_kind::array) ? element(value, std::stoul(name)) : value.find(name);
	}
	return value;
}

void expect_the_same(json_value const& read, json const& expected)
{
	EXPECT_EQ(read.is(json_kind::text), expected.is_string()) << expected;
	EXPECT_EQ(read.is(json_kind::number), expected.is_number()) << expected;
	EXPECT_EQ(read.text(), expected.is_string() ? std::optional(expected.get<std::string>()) : std::nullopt);
	EXPECT_EQ(read.number(), expected.is_number() ? std::optional(expected.get<double>()) : std::nullopt);
	EXPECT_EQ(read.whole_number(),
		expected.is_number_unsigned() ? std::optional(expected.get<std::uint64_t>()) : std::nullopt);
}

// As nlohmann reads it.
void expect_as_usual(std::string const& bytes)
{
	auto const usual = json::parse(bytes, nullptr, false);
	flat_json const read(bytes);
	ASSERT_EQ(bool(read.root()), !usual.is_discarded()) << bytes;
	if (usual.is_structured() && !usual.empty())
	{
		auto const flat = usual.flatten();
		for (auto const& [pointer, value] : flat.items())
		{
			expect_the_same(value_at(read.root(), json::json_pointer(pointer)), value);
		}
	}
}

std::vector<std::string> samples()
{
	std::vector<std::string> all;
	for (auto const* folder : {"tests/fixtures/beacon", "tests/fuzz/corpus/beacon"})
	{
		for (auto const& file : std::filesystem::directory_iterator(test::source_tree() / folder))
		{
			std::ifstream in(file.path(), std::ios::binary);
			all.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
		}
	}
	return all;
}

} // namespace

TEST(flat_json, beacons_are_read_as_by_the_usual_reader)
{
	auto const all = samples();
	EXPECT_GE(all.size(), 10U);
	for (auto const& bytes : all)
	{
		expect_as_usual(bytes);
	}
}

TEST(flat_json, what_is_cut_off_or_has_a_wrong_byte_is_refused_as_by_the_usual_reader)
{
	std::string const bytes = R"( {"a":[1,-2.5e+3,true,null,[],{}],"b\n":{"c":"\ud83d\ude00 )"
							  "k\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80"
							  R"(","d":0},"e":[{"f":false}, "g" ]} )";
	expect_as_usual(bytes);
	for (std::size_t i = 0; i < bytes.size(); ++i)
	{
		expect_as_usual(bytes.substr(0, i));
		for (char const c : std::string("\"\\{}[]:,0-.eEu \x01\x80\xc3\xed\xff"))
		{
			auto wrong = bytes;
			wrong[i] = c;
			expect_as_usual(wrong);
		}
	}
}

TEST(flat_json, numbers_are_what_the_grammar_says)
{
	for (auto const* number : {"0", "-0", "7", "-7", "0.5", "1e3", "1E-3", "1.5e+10", "18446744073709551615",
			 "18446744073709551616", "1e308", "01", "1.", ".5", "-", "+1", "1e", "1e+", "0x1", "1e999",
			 "-1e999", "NaN", "Infinity"})
	{
		expect_as_usual("[" + std::string(number) + "]");
	}
	expect_as_usual("[" + std::string(400, '9') + "]");
}

TEST(flat_json, escapes_become_characters_and_half_a_surrogate_is_refused)
{
	EXPECT_EQ(text_in(R"("a\"\\\/\b\f\n\r\t\u0041\u00fc\u20ac\ud83d\ude00z")"),
		"a\"\\/\b\f\n\r\tA\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80z");
	for (auto const* wrong : {R"("\ud83d")", R"("\ude00")", R"("\ud83d\u0041")", R"("\ud83dx")", R"("\u12")",
			 R"("\u12g4")", R"("\x")", R"("\)", R"("\u+123")"})
	{
		EXPECT_FALSE(is_json(wrong)) << wrong;
		expect_as_usual(wrong);
	}
}

TEST(flat_json, of_members_with_one_name_the_last_counts)
{
	flat_json const read(R"({"a":1,"b":{"a":2},"\u0061":3,"c":4})");
	EXPECT_EQ(read.root().find("a").whole_number(), 3U);
	EXPECT_EQ(read.root().find("b").find("a").whole_number(), 2U);
	EXPECT_FALSE(read.root().find("d"));
	EXPECT_FALSE(read.root().find("d").find("a").text());
}

TEST(flat_json, nesting_and_length_have_an_end_without_harm)
{
	constexpr std::size_t depth = flat_json::max_bytes / 2;
	EXPECT_TRUE(is_json(std::string(depth, '[') + std::string(depth, ']')));
	EXPECT_FALSE(is_json(std::string(depth, '[') + std::string(depth - 1, ']')));
	EXPECT_FALSE(is_json(std::string(depth, '[') + std::string(depth, ']') + " "));
}

} // namespace rawswarm
