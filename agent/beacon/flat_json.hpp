// SPDX-License-Identifier: BSD-3-Clause
// JSON (RFC 8259) of a datagram, as a list of its values in their order: one allocation for all of them, as a
// watcher reads thousands of datagrams a second. nlohmann's tree takes one or two for each value.
//
// Strict: one value with blanks around it and nothing else, texts in UTF-8, surrogates in pairs, and numbers
// that a double holds. Whatever this reads, nlohmann reads as well. Of members with the same name the last
// counts. Not recursive. Pure; any thread; the values point into the document and into the bytes that it was
// read from, which both must outlive them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rawswarm
{

enum class json_kind : std::uint8_t
{
	literal, // true, false and null
	number,
	text,
	array,
	object,
};

// What is inside a container stands behind it: an array's values, and an object's names, each with its value
// behind it.
struct json_node
{
	std::string_view bytes; // as they came; of a text without the quotes; of a container nothing
	std::uint32_t end = 0; // the place behind it and all that is inside
	json_kind kind = json_kind::literal;
	bool has_escapes = false; // of a text
};

// One value, or none, of which nothing is true.
class json_value
{
public:
	json_value() = default;
	json_value(std::vector<json_node> const& nodes, std::size_t at, std::size_t behind)
		: m_nodes(&nodes)
		, m_at(at)
		, m_behind(behind)
	{}

	explicit operator bool() const { return m_nodes != nullptr && m_at < m_behind; }
	bool is(json_kind const kind) const { return *this && node().kind == kind; }

	// The member of an object.
	json_value find(std::string_view name) const;

	// Of a container the first inside; none if it is empty, or no container.
	json_value first() const;

	// What follows in the container.
	json_value next() const { return {*m_nodes, node().end, m_behind}; }

	// Empty unless it is one: a text; digits alone, of a number that has 64 bits; any number.
	std::optional<std::string> text() const;
	std::optional<std::uint64_t> whole_number() const;
	std::optional<double> number() const;

private:
	json_node const& node() const { return (*m_nodes)[m_at]; }

	std::vector<json_node> const* m_nodes = nullptr;
	std::size_t m_at = 0;
	std::size_t m_behind = 0; // of the container that it is in
};

class flat_json
{
public:
	// None if they are not JSON, or longer than max_bytes.
	explicit flat_json(std::string_view bytes);

	json_value root() const { return {m_nodes, 0, m_nodes.size()}; }

	static constexpr std::size_t max_bytes = 65'536; // more than any datagram has

private:
	std::vector<json_node> m_nodes;
};

} // namespace rawswarm
