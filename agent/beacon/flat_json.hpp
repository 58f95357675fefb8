// SPDX-License-Identifier: BSD-3-Clause
// JSON (RFC 8259) of a datagram, as a list of its values in their order: an allocation for all of them and
// one for their texts, as a watcher reads thousands of datagrams a second. nlohmann reads it, and tells what
// it meets; its tree would take one or two allocations for each value.
//
// Of members with the same name the last counts. Not recursive. Pure; any thread; the document must outlive
// its values.
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
	json_kind kind = json_kind::literal;
	std::uint32_t end = 0; // the place behind it and all that is inside
	std::uint32_t text_begin = 0; // of a text: where it is in those of the document
	std::uint32_t text_size = 0;
	double number = 0;
	std::optional<std::uint64_t> whole_number; // of digits alone, if 64 bits hold it
};

class flat_json;

// One value, or none, of which nothing is true.
class json_value
{
public:
	json_value() = default;
	json_value(flat_json const& document, std::size_t at, std::size_t behind)
		: m_document(&document)
		, m_at(at)
		, m_behind(behind)
	{}

	explicit operator bool() const { return m_document != nullptr && m_at < m_behind; }
	bool is(json_kind const kind) const { return *this && node().kind == kind; }

	// The member of an object.
	json_value find(std::string_view name) const;

	// Of a container the first inside; none if it is empty, or no container.
	json_value first() const;

	// What follows in the container.
	json_value next() const { return {*m_document, node().end, m_behind}; }

	// Empty unless it is one: a text; digits alone, of a number that has 64 bits; any number.
	std::optional<std::string> text() const;
	std::optional<std::uint64_t> whole_number() const;
	std::optional<double> number() const;

private:
	json_node const& node() const;

	flat_json const* m_document = nullptr;
	std::size_t m_at = 0;
	std::size_t m_behind = 0; // of the container that it is in
};

class flat_json
{
public:
	// None if they are not JSON, or longer than max_bytes.
	explicit flat_json(std::string_view bytes);
	flat_json(flat_json const&) = delete; // its values name it
	flat_json& operator=(flat_json const&) = delete;

	json_value root() const { return {*this, 0, m_nodes.size()}; }

	json_node const& node(std::size_t const at) const { return m_nodes[at]; }
	std::string_view text(json_node const& node) const
	{
		return std::string_view(m_texts).substr(node.text_begin, node.text_size);
	}

	static constexpr std::size_t max_bytes = 65'536; // more than any datagram has

private:
	std::vector<json_node> m_nodes;
	std::string m_texts;
};

} // namespace rawswarm
