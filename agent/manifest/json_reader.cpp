// SPDX-License-Identifier: BSD-3-Clause
#include "agent/manifest/json_reader.hpp"

#include "base/byte_order_mark.hpp"
#include "base/clean_text.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

namespace rawswarm
{

namespace
{

using nlohmann::json;

// nlohmann's own document builder silently keeps the last of several equal keys and does not know the
// location of what it builds.
class strict_builder final : public nlohmann::json_sax<json>
{
public:
	strict_builder(std::string_view text, json_limits const& limits, json_location const& root, json& out)
		: m_text(text)
		, m_limits(limits)
		, m_root(root)
		, m_out(out)
	{}

	std::optional<error> take_failure() { return std::exchange(m_failure, {}); }

	bool null() override { return add(nullptr); }
	bool boolean(bool value) override { return add(value); }
	bool number_integer(number_integer_t value) override { return add(value); }
	bool number_unsigned(number_unsigned_t value) override { return add(value); }
	bool number_float(number_float_t value, string_t const& digits) override;
	bool string(string_t& value) override { return add(std::move(value)); }
	bool binary(binary_t&) override { return false; } // not in JSON text
	bool start_object(std::size_t) override { return open(json::object()); }
	bool end_object() override { return close(); }
	bool start_array(std::size_t) override { return open(json::array()); }
	bool end_array() override { return close(); }
	bool key(string_t& name) override;
	bool parse_error(
		std::size_t position, std::string const& token, nlohmann::detail::exception const& e) override;

private:
	struct level
	{
		json* node;
		std::string key; // the one that is being read, if node is an object
	};

	json* attach(json value);
	bool add(json value);
	bool open(json value);
	bool close();
	json_location here() const;

	std::string_view m_text;
	json_limits m_limits;
	json_location const& m_root;
	json& m_out;
	std::vector<level> m_levels;
	std::optional<error> m_failure;
};

json* strict_builder::attach(json value)
{
	if (m_levels.empty())
	{
		m_out = std::move(value);
		return &m_out;
	}
	auto& parent = m_levels.back();
	if (parent.node->is_array())
	{
		parent.node->push_back(std::move(value));
		return &parent.node->back();
	}
	auto& slot = (*parent.node)[parent.key];
	slot = std::move(value);
	return &slot;
}

bool strict_builder::add(json value)
{
	attach(std::move(value));
	return true;
}

bool strict_builder::open(json value)
{
	auto* const node = attach(std::move(value));
	if (m_levels.size() == m_limits.max_depth)
	{
		m_failure = here().refuse("nested deeper than {} levels", m_limits.max_depth);
		return false;
	}
	m_levels.push_back({node, {}});
	return true;
}

bool strict_builder::close()
{
	m_levels.pop_back();
	return true;
}

bool strict_builder::key(string_t& name)
{
	auto& object = m_levels.back();
	object.key = name;
	if (object.node->contains(name))
	{
		m_failure = here().refuse("duplicate key");
		return false;
	}
	return true;
}

bool strict_builder::number_float(number_float_t value, string_t const& digits)
{
	if (digits.find_first_of(".eE") != std::string::npos)
	{
		return add(value);
	}
	return digits.front() == '-' ? add(std::numeric_limits<number_integer_t>::min())
								 : add(std::numeric_limits<number_unsigned_t>::max());
}

json_location strict_builder::here() const
{
	auto at = m_root;
	for (auto const& [node, key] : m_levels)
	{
		at = node->is_array() ? at.element(node->size() - 1) : at.member(key);
	}
	return at;
}

// position: the number of the last byte that was read, from 1; one past the text at its end.
error syntax_error(
	std::string_view text, std::size_t position, json_location const& root, std::string_view what)
{
	auto const last = position == 0 ? 0 : std::min(position - 1, text.size());
	auto const before = text.substr(0, last);
	auto const line = 1 + std::count(before.begin(), before.end(), '\n');
	auto const line_start = before.rfind('\n');
	auto const column = line_start == std::string_view::npos ? last + 1 : last - line_start;
	return root.refuse("line {}, column {}: {}", line, column, printable(what));
}

// "[json.exception.parse_error.101] parse error at line 1, column 2: syntax error while … - invalid
// literal; last read: '…'": the reason alone. What was read last may be long and not UTF-8.
std::string_view reason_of(std::string_view what)
{
	if (auto const tail = what.find("; last read: "); tail != std::string_view::npos)
	{
		what = what.substr(0, tail);
	}
	for (std::string_view const lead : {"] ", "parse error at ", ": ", "syntax error "})
	{
		if (auto const found = what.find(lead); found != std::string_view::npos)
		{
			what.remove_prefix(found + lead.size());
		}
	}
	return what;
}

bool strict_builder::parse_error(
	std::size_t position, std::string const&, nlohmann::detail::exception const& e)
{
	m_failure = syntax_error(m_text, position, m_root, reason_of(e.what()));
	return false;
}

// Refuses what nlohmann accepts: it skips a byte order mark (a second one, as the first is gone) and takes a
// NUL for the end of the text.
result<void> check_bytes(std::string_view text, json_location const& at)
{
	if (text.starts_with(byte_order_mark))
	{
		return syntax_error(text, 1, at, "byte order mark");
	}
	if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff"))
	{
		return syntax_error(text, 1, at, "UTF-16; save it as UTF-8");
	}
	if (auto const nul = text.find('\0'); nul != std::string_view::npos)
	{
		return syntax_error(text, nul + 1, at, "NUL byte");
	}
	return success();
}

} // namespace

result<void> parse_json(
	std::string_view const bytes, json_limits const& limits, json_location const& at, json& out)
{
	if (bytes.size() > limits.max_bytes)
	{
		return at.refuse("larger than {} bytes", limits.max_bytes);
	}
	auto const text = without_byte_order_mark(bytes);
	BOOST_OUTCOME_TRYV(check_bytes(text, at));
	strict_builder builder(text, limits, at, out);
	if (!json::sax_parse(text, &builder))
	{
		return builder.take_failure().value_or(at.refuse("no JSON"));
	}
	return success();
}

result<bool> read_bool(json const& value, json_location const& at)
{
	if (!value.is_boolean())
	{
		return at.refuse("must be true or false");
	}
	return value.get<bool>();
}

result<std::string> read_string(json const& value, json_location const& at)
{
	if (!value.is_string())
	{
		return at.refuse("must be a string");
	}
	return value.get<std::string>();
}

result<std::int64_t> read_integer(json const& value, json_location const& at)
{
	if (!value.is_number_integer())
	{
		return at.refuse("must be an integer");
	}
	constexpr auto largest = std::numeric_limits<std::int64_t>::max();
	if (value.is_number_unsigned() && value.get<std::uint64_t>() > std::uint64_t(largest))
	{
		return largest;
	}
	return value.get<std::int64_t>();
}

result<double> read_number(json const& value, json_location const& at)
{
	if (!value.is_number())
	{
		return at.refuse("must be a number");
	}
	return value.get<double>();
}

result<void> check_keys(json const& value, json_location const& at, std::span<json_key_name const> keys)
{
	if (!value.is_object())
	{
		return at.refuse("must be an object");
	}
	for (auto const& item : value.items())
	{
		if (std::ranges::find(keys, std::string_view(item.key()), &json_key_name::name) == keys.end())
		{
			return at.member(item.key()).refuse("unknown key");
		}
	}
	for (auto const& key : keys)
	{
		if (key.required && !value.contains(key.name))
		{
			return at.refuse("\"{}\" is missing", key.name);
		}
	}
	return success();
}

} // namespace rawswarm
