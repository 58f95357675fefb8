// SPDX-License-Identifier: BSD-3-Clause
#include "agent/beacon/flat_json.hpp"

#include <nlohmann/json.hpp>

namespace rawswarm
{

namespace
{

using nlohmann::json;

constexpr std::size_t usual_nodes = 96; // a beacon of one target has 80

// Takes what nlohmann meets. Its functions return whether to go on.
class node_list
{
public:
	node_list(std::vector<json_node>& nodes, std::string& texts)
		: m_nodes(nodes)
		, m_texts(texts)
	{}

	bool null() { return add(json_kind::literal); }
	bool boolean(bool /*value*/) { return add(json_kind::literal); }
	bool number_integer(json::number_integer_t const value)
	{
		add(json_kind::number);
		m_nodes.back().number = static_cast<double>(value);
		return true;
	}
	bool number_unsigned(json::number_unsigned_t const value)
	{
		add(json_kind::number);
		m_nodes.back().number = static_cast<double>(value);
		m_nodes.back().whole_number = value;
		return true;
	}
	bool number_float(json::number_float_t const value, std::string const& /*digits*/)
	{
		add(json_kind::number);
		m_nodes.back().number = value;
		return true;
	}
	bool string(std::string const& value)
	{
		add(json_kind::text);
		m_nodes.back().text_begin = static_cast<std::uint32_t>(m_texts.size());
		m_nodes.back().text_size = static_cast<std::uint32_t>(value.size());
		m_texts += value;
		return true;
	}
	bool key(std::string const& name) { return string(name); }
	static bool binary(json::binary_t const& /*value*/) { return false; } // JSON has none

	bool start_object(std::size_t /*count*/) { return open(json_kind::object); }
	bool start_array(std::size_t /*count*/) { return open(json_kind::array); }
	bool end_object() { return close(); }
	bool end_array() { return close(); }

	static bool parse_error(std::size_t /*at*/, std::string const& /*token*/, json::exception const& /*e*/)
	{
		return false;
	}

private:
	bool add(json_kind const kind)
	{
		json_node node;
		node.kind = kind;
		node.end = static_cast<std::uint32_t>(m_nodes.size() + 1);
		m_nodes.push_back(node);
		return true;
	}

	bool open(json_kind const kind)
	{
		m_open.push_back(m_nodes.size());
		return add(kind);
	}

	bool close()
	{
		m_nodes[m_open.back()].end = static_cast<std::uint32_t>(m_nodes.size());
		m_open.pop_back();
		return true;
	}

	std::vector<json_node>& m_nodes;
	std::string& m_texts;
	std::vector<std::size_t> m_open; // the containers that are not closed, the outermost first
};

} // namespace

json_node const& json_value::node() const
{
	return m_document->node(m_at);
}

json_value json_value::find(std::string_view const name) const
{
	json_value found;
	if (is(json_kind::object))
	{
		auto const end = node().end;
		for (std::size_t at = m_at + 1; at < end; at = m_document->node(at + 1).end)
		{
			if (m_document->text(m_document->node(at)) == name)
			{
				found = {*m_document, at + 1, end};
			}
		}
	}
	return found;
}

json_value json_value::first() const
{
	return *this ? json_value(*m_document, m_at + 1, node().end) : json_value();
}

std::optional<std::string> json_value::text() const
{
	return is(json_kind::text) ? std::optional(std::string(m_document->text(node()))) : std::nullopt;
}

std::optional<std::uint64_t> json_value::whole_number() const
{
	return is(json_kind::number) ? node().whole_number : std::nullopt;
}

std::optional<double> json_value::number() const
{
	return is(json_kind::number) ? std::optional(node().number) : std::nullopt;
}

flat_json::flat_json(std::string_view const bytes)
{
	if (bytes.size() > max_bytes)
	{
		return;
	}
	m_nodes.reserve(usual_nodes);
	m_texts.reserve(bytes.size());
	node_list list(m_nodes, m_texts);
	if (!json::sax_parse(bytes, &list))
	{
		m_nodes.clear();
	}
}

} // namespace rawswarm
