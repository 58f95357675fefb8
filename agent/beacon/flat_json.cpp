// SPDX-License-Identifier: BSD-3-Clause
#include "agent/beacon/flat_json.hpp"

#include "base/parse_number.hpp"
#include "base/text.hpp"
#include "base/utf8.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

namespace rawswarm
{

namespace
{

constexpr std::size_t usual_nodes = 96; // a beacon of one target has 80
constexpr std::size_t digits_of_a_code = 4; // behind \u
constexpr std::uint32_t first_high = 0xd800; // of the surrogates of UTF-16
constexpr std::uint32_t first_low = 0xdc00;
constexpr std::uint32_t behind_low = 0xe000;
constexpr std::string_view escapes = "\"\\/bfnrt";
constexpr std::string_view escaped = "\"\\/\b\f\n\r\t";

constexpr bool is_json_blank(char const c) noexcept
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// A byte of a text that stands for itself.
constexpr bool is_plain(char const c) noexcept
{
	auto const byte = static_cast<unsigned char>(c);
	return byte >= 0x20 && byte < 0x80 && c != '"' && c != '\\';
}

double double_of(std::string_view const digits)
{
	return std::strtod(std::string(digits).c_str(), nullptr);
}

std::optional<std::uint32_t> take_code(std::string_view& rest)
{
	auto const digits = rest.substr(0, digits_of_a_code);
	auto const code =
		digits.size() == digits_of_a_code ? parse_number<std::uint32_t>(digits, 16) : std::nullopt;
	rest.remove_prefix(code ? digits_of_a_code : 0);
	return code;
}

// The code point of what begins behind \u; of a surrogate without the other half none.
std::optional<std::uint32_t> take_code_point(std::string_view& rest)
{
	auto const code = take_code(rest);
	if (!code || *code < first_high || *code >= behind_low)
	{
		return code;
	}
	if (*code >= first_low || !rest.starts_with("\\u"))
	{
		return std::nullopt;
	}
	rest.remove_prefix(2);
	auto const low = take_code(rest);
	constexpr unsigned bits = 10; // of each half
	return low && *low >= first_low && *low < behind_low
		? std::optional(0x10000U + ((*code - first_high) << bits) + (*low - first_low))
		: std::nullopt;
}

void append_utf8(std::string& text, std::uint32_t const code)
{
	auto const tail = [&](unsigned const shift) {
		text += static_cast<char>(0x80U | ((code >> shift) & 0x3fU));
	};
	if (code < 0x80)
	{
		text += static_cast<char>(code);
	}
	else if (code < 0x800)
	{
		text += static_cast<char>(0xc0U | code >> 6U);
		tail(0);
	}
	else if (code < 0x10000)
	{
		text += static_cast<char>(0xe0U | code >> 12U);
		tail(6);
		tail(0);
	}
	else
	{
		text += static_cast<char>(0xf0U | code >> 18U);
		tail(12);
		tail(6);
		tail(0);
	}
}

// Of a text that was found valid.
std::string without_escapes(std::string_view rest)
{
	std::string text;
	text.reserve(rest.size());
	while (!rest.empty())
	{
		auto const plain = std::min(rest.find('\\'), rest.size());
		text.append(rest.substr(0, plain));
		rest.remove_prefix(plain);
		if (rest.empty())
		{
			break;
		}
		auto const kind = rest[1];
		rest.remove_prefix(2);
		if (kind == 'u')
		{
			append_utf8(text, take_code_point(rest).value_or(0));
		}
		else
		{
			text += escaped[escapes.find(kind)];
		}
	}
	return text;
}

class json_reader
{
public:
	json_reader(std::string_view const bytes, std::vector<json_node>& nodes)
		: m_rest(bytes)
		, m_nodes(nodes)
	{}

	bool read();

private:
	enum class step
	{
		wrong,
		opened, // a container, and the next value is inside
		whole,
	};

	static constexpr std::uint32_t none = ~std::uint32_t(0);

	void skip_blanks();
	bool take(char c);
	std::string_view taken_since(std::string_view before) const;
	json_node& add(json_kind kind, std::string_view bytes);
	step read_value();
	step open(json_kind kind);
	bool read_name();
	bool read_text();
	bool read_escape();
	bool read_number();
	bool read_digits();
	bool read_literal();
	bool close();
	bool continue_container();

	std::string_view m_rest;
	std::vector<json_node>& m_nodes;
	std::uint32_t m_open = none; // the innermost container; its `end` is the one around it until it is closed
};

bool json_reader::read()
{
	for (;;)
	{
		switch (read_value())
		{
		case step::wrong: return false;
		case step::opened: break;
		case step::whole:
			while (m_open != none && close())
			{}
			if (m_open == none)
			{
				skip_blanks();
				return m_rest.empty();
			}
			if (!continue_container())
			{
				return false;
			}
			break;
		}
	}
}

void json_reader::skip_blanks()
{
	while (!m_rest.empty() && is_json_blank(m_rest.front()))
	{
		m_rest.remove_prefix(1);
	}
}

bool json_reader::take(char const c)
{
	bool const found = m_rest.starts_with(c);
	m_rest.remove_prefix(found ? 1 : 0);
	return found;
}

std::string_view json_reader::taken_since(std::string_view const before) const
{
	return before.substr(0, before.size() - m_rest.size());
}

json_node& json_reader::add(json_kind const kind, std::string_view const bytes)
{
	auto const end = static_cast<std::uint32_t>(m_nodes.size() + 1);
	return m_nodes.emplace_back(json_node{.bytes = bytes, .end = end, .kind = kind});
}

json_reader::step json_reader::read_value()
{
	skip_blanks();
	switch (m_rest.empty() ? '\0' : m_rest.front())
	{
	case '{': return open(json_kind::object);
	case '[': return open(json_kind::array);
	case '"': return read_text() ? step::whole : step::wrong;
	case 't':
	case 'f':
	case 'n': return read_literal() ? step::whole : step::wrong;
	default: return read_number() ? step::whole : step::wrong;
	}
}

json_reader::step json_reader::open(json_kind const kind)
{
	m_rest.remove_prefix(1);
	add(kind, {}).end = m_open;
	m_open = static_cast<std::uint32_t>(m_nodes.size() - 1);
	if (close())
	{
		return step::whole;
	}
	return kind == json_kind::array || read_name() ? step::opened : step::wrong;
}

bool json_reader::close()
{
	skip_blanks();
	auto& container = m_nodes[m_open];
	if (!take(container.kind == json_kind::object ? '}' : ']'))
	{
		return false;
	}
	m_open = container.end;
	container.end = static_cast<std::uint32_t>(m_nodes.size());
	return true;
}

bool json_reader::continue_container()
{
	return take(',') && (m_nodes[m_open].kind == json_kind::array || read_name());
}

bool json_reader::read_name()
{
	skip_blanks();
	if (!m_rest.starts_with('"') || !read_text())
	{
		return false;
	}
	skip_blanks();
	return take(':');
}

bool json_reader::read_text()
{
	m_rest.remove_prefix(1);
	auto const before = m_rest;
	bool has_escapes = false;
	for (;;)
	{
		auto const* const special = std::find_if_not(m_rest.begin(), m_rest.end(), is_plain);
		m_rest.remove_prefix(static_cast<std::size_t>(special - m_rest.begin()));
		if (m_rest.starts_with('"'))
		{
			add(json_kind::text, taken_since(before)).has_escapes = has_escapes;
			m_rest.remove_prefix(1);
			return true;
		}
		if (take('\\'))
		{
			has_escapes = true;
			if (!read_escape())
			{
				return false;
			}
			continue;
		}
		auto const size = m_rest.empty() ? 0 : first_utf8_character(m_rest).size;
		if (size < 2) // a control character, no UTF-8, or the end
		{
			return false;
		}
		m_rest.remove_prefix(size);
	}
}

bool json_reader::read_escape()
{
	if (take('u'))
	{
		return take_code_point(m_rest).has_value();
	}
	bool const known = !m_rest.empty() && escapes.find(m_rest.front()) != std::string_view::npos;
	m_rest.remove_prefix(known ? 1 : 0);
	return known;
}

bool json_reader::read_digits()
{
	auto const* const end = std::find_if_not(m_rest.begin(), m_rest.end(), is_digit);
	bool const any = end != m_rest.begin();
	m_rest.remove_prefix(static_cast<std::size_t>(end - m_rest.begin()));
	return any;
}

bool json_reader::read_number()
{
	constexpr std::size_t always_finite = 300; // digits, without an exponent
	auto const before = m_rest;
	take('-');
	if (!take('0') && !read_digits())
	{
		return false;
	}
	if (take('.') && !read_digits())
	{
		return false;
	}
	bool const has_exponent = take('e') || take('E');
	if (has_exponent)
	{
		static_cast<void>(take('+') || take('-'));
		if (!read_digits())
		{
			return false;
		}
	}
	auto const bytes = taken_since(before);
	add(json_kind::number, bytes);
	return (!has_exponent && bytes.size() < always_finite) || std::isfinite(double_of(bytes));
}

bool json_reader::read_literal()
{
	for (std::string_view const word : {"true", "false", "null"})
	{
		if (m_rest.starts_with(word))
		{
			add(json_kind::literal, word);
			m_rest.remove_prefix(word.size());
			return true;
		}
	}
	return false;
}

bool is_named(json_node const& node, std::string_view const name)
{
	return node.has_escapes ? without_escapes(node.bytes) == name : node.bytes == name;
}

} // namespace

json_value json_value::find(std::string_view const name) const
{
	json_value found;
	if (is(json_kind::object))
	{
		auto const end = node().end;
		for (auto at = m_at + 1; at < end; at = (*m_nodes)[at + 1].end)
		{
			if (is_named((*m_nodes)[at], name))
			{
				found = {*m_nodes, at + 1, end};
			}
		}
	}
	return found;
}

json_value json_value::first() const
{
	return *this ? json_value(*m_nodes, m_at + 1, node().end) : json_value();
}

std::optional<std::string> json_value::text() const
{
	if (!is(json_kind::text))
	{
		return std::nullopt;
	}
	return node().has_escapes ? without_escapes(node().bytes) : std::string(node().bytes);
}

std::optional<std::uint64_t> json_value::whole_number() const
{
	return is(json_kind::number) ? parse_number<std::uint64_t>(node().bytes) : std::nullopt;
}

std::optional<double> json_value::number() const
{
	return is(json_kind::number) ? std::optional(double_of(node().bytes)) : std::nullopt;
}

flat_json::flat_json(std::string_view const bytes)
{
	if (bytes.size() > max_bytes)
	{
		return;
	}
	m_nodes.reserve(usual_nodes);
	if (!json_reader(bytes, m_nodes).read())
	{
		m_nodes.clear();
	}
}

} // namespace rawswarm
