// SPDX-License-Identifier: BSD-3-Clause
#include "agent/cli/key_manual.hpp"

#include "agent/cli/roff.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <deque>
#include <map>
#include <utility>

namespace rawswarm
{

namespace
{

using json = nlohmann::ordered_json; // keys in the order of the schema

constexpr std::string_view other_file = "../manifest.schema.json"; // as the room's schema names it

// NOLINTBEGIN(misc-no-recursion): as deep as the schemas, which are ours

// With every reference to itself named as one to that file, so that it can be followed from elsewhere.
json qualified(json schema)
{
	for (auto const& entry : schema.items())
	{
		auto& node = entry.value();
		if (entry.key() == "$ref" && node.get<std::string>().starts_with('#'))
		{
			node = std::string(other_file) + node.get<std::string>();
		}
		else if (node.is_structured())
		{
			node = qualified(std::move(node));
		}
	}
	return schema;
}

// Writes the sections of one schema. Objects inside of it have a section each, under the path at which they
// are met first.
class key_writer
{
public:
	key_writer(json schema, json other)
		: m_schema(std::move(schema))
		, m_other(qualified(std::move(other)))
	{}

	json const& schema() const { return m_schema; }

	std::string sections()
	{
		std::string out;
		section_of(m_schema, "");
		for (; !m_due.empty(); m_due.pop_front())
		{
			auto const& [path, node] = m_due.front();
			out += path.empty() ? ".SH KEYS\n" : fmt::format(".SS Keys of {}\n", roff_bold(path));
			if (!path.empty())
			{
				out += description(*node, 0);
			}
			out += keys(*node, path);
		}
		return out;
	}

private:
	json const& target(json const& node) const
	{
		auto const place = node.at("$ref").get<std::string>();
		auto const& file = place.starts_with(other_file) ? m_other : m_schema;
		return file.at(json::json_pointer(place.substr(place.find('#') + 1)));
	}

	static bool is_elsewhere(json const& node)
	{
		return node.contains("$ref") && node["$ref"].get<std::string>().starts_with(other_file);
	}

	// What the node says of itself, or what it refers to.
	std::string description(json const& node, int const depth) const
	{
		if (node.contains("description"))
		{
			return roff_lines(node["description"].get<std::string>());
		}
		if (depth > 4)
		{
			return {};
		}
		if (node.contains("$ref"))
		{
			return description(target(node), depth + 1);
		}
		for (auto const* const several : {"allOf", "anyOf"})
		{
			if (node.contains(several))
			{
				return description(node[several].front(), depth + 1);
			}
		}
		return {};
	}

	// Remembers that the object is to be described, and returns the path at which it is.
	std::string section_of(json const& object, std::string const& path)
	{
		auto const [known, is_new] = m_paths.try_emplace(&object, path);
		if (is_new)
		{
			m_due.emplace_back(path, &object);
		}
		return known->second;
	}

	static std::string range(json const& node, std::string_view const what)
	{
		if (node.contains("maximum") && node["maximum"] == node.value("minimum", json(0)))
		{
			return node["maximum"].dump();
		}
		if (node.contains("maximum"))
		{
			return fmt::format(
				"{} from {} to {}", what, node.value("minimum", json(0)).dump(), node["maximum"].dump());
		}
		return node.contains("minimum") ? fmt::format("{}, {} at least", what, node["minimum"].dump())
										: std::string(what);
	}

	// What a value of this node may be: "image, seed", "a list: text". Empty: only what a machine makes of
	// its own name, which every text may have, or what is said by the description.
	std::string form(json const& node, std::string const& path)
	{
		if (node.contains("$ref"))
		{
			return form_of_reference(node, path);
		}
		if (node.contains("const"))
		{
			return node["const"].is_string() ? node["const"].get<std::string>() : node["const"].dump();
		}
		if (node.contains("enum"))
		{
			return fmt::format("{}", fmt::join(node["enum"].get<std::vector<std::string>>(), ", "));
		}
		if (node.contains("allOf") && !node.contains("anyOf"))
		{
			return form(node["allOf"].front(), path);
		}
		if (node.contains("properties") || node.contains("additionalProperties"))
		{
			return form_of_object(node, path);
		}
		if (node.contains("anyOf"))
		{
			return form_of_any(node["anyOf"], path);
		}
		return form_of_type(node, path);
	}

	std::string form_of_reference(json const& node, std::string const& path)
	{
		auto const place = node["$ref"].get<std::string>();
		if (place.ends_with("/with_own_name"))
		{
			return {};
		}
		return is_elsewhere(node) && !place.ends_with("/text") ? "as in rawswarm-job(5)"
															   : form(target(node), path);
	}

	std::string form_of_object(json const& node, std::string const& path)
	{
		if (node.contains("properties"))
		{
			return fmt::format("an object with the keys of {}", section_of(node, path));
		}
		auto const& values = node["additionalProperties"];
		return fmt::format("for each name {}", form(values, path + ".NAME"));
	}

	std::string form_of_any(json const& alternatives, std::string const& path)
	{
		std::vector<std::string> forms;
		for (auto const& alternative : alternatives)
		{
			auto one = form(alternative, path);
			if (!one.empty() && std::ranges::find(forms, one) == forms.end())
			{
				forms.push_back(std::move(one));
			}
		}
		return fmt::format("{}", fmt::join(forms, "; or "));
	}

	std::string form_of_type(json const& node, std::string const& path)
	{
		auto const type = node.value("type", std::string());
		if (type == "boolean")
		{
			return "true, false";
		}
		if (type == "integer" || type == "number")
		{
			return range(node, "a number");
		}
		if (type == "array")
		{
			auto const of = form(node["items"], path + "[]");
			return of.empty() ? "a list" : fmt::format("a list: {}", of);
		}
		return type == "null" ? "null" : "text";
	}

	std::string keys(json const& object, std::string const& path)
	{
		std::string out;
		auto const required = object.value("required", json::array());
		for (auto const& [key, node] : object["properties"].items())
		{
			auto const own = fmt::format("{}{}{}", path, path.empty() ? "" : ".", key);
			auto value = fmt::format("Value: {}.", form(node, own));
			if (node.contains("default"))
			{
				auto const& fallback = node["default"];
				value += fmt::format(
					" By default {}.", fallback.is_string() ? fallback.get<std::string>() : fallback.dump());
			}
			if (std::ranges::find(required, json(key)) != required.end())
			{
				value += " Required.";
			}
			auto const text = description(node, 0);
			out += fmt::format(
				".TP\n{}\n{}{}{}", roff_bold(key), text, text.empty() ? "" : ".br\n", roff_lines(value));
		}
		return out;
	}

	// NOLINTEND(misc-no-recursion)

	json m_schema;
	json m_other;
	std::deque<std::pair<std::string, json const*>> m_due;
	std::map<json const*, std::string> m_paths;
};

// A page whose sections the schema gives. closing: what is behind them, in roff.
manual_page page(std::string const& name, std::string_view const summary, key_writer writer,
	std::string_view const closing)
{
	auto out = roff_title(name, 5);
	out += fmt::format(".SH NAME\n{} \\-\n{}\n.SH DESCRIPTION\n", name, summary);
	out += roff_lines(writer.schema().at("description").get<std::string>());
	out += ".PP\nThe file is JSON, read strictly: an unknown key, a wrong type or a number out\nof range is "
		   "an error "
		   "that names its place.\n";
	out += writer.sections();
	return {name + ".5", out.append(closing)};
}

} // namespace

manual_page manual_of_job(std::string_view const schema)
{
	return page("rawswarm-job", "what one machine is to do, the manifest of rawswarm",
		{json::parse(schema), json()}, R"(.SH EXAMPLES
.nf
{ "version": 1,
  "name": "lab\-3",
  "targets": [ { "torrent": "http://10.0.0.1/disk.torrent",
                 "device": { "bus": "nvme", "choose": "smallest" } } ],
  "swarm": { "peers": ["10.0.0.1:6881"] },
  "beacon": { "to": ["239.255.77.1:7700"] } }
.fi
.SH SEE ALSO
.BR rawswarm (8),
.BR rawswarm\-run (8),
.BR rawswarm\-check (8),
.BR rawswarm\-devices (8),
.BR rawswarm\-room (5),
.BR minisign (1)
)");
}

manual_page manual_of_room(std::string_view const schema, std::string_view const job_schema)
{
	return page("rawswarm-room", "what the machines of a room are to have, the room.json of rawswarm serve",
		{json::parse(schema), json::parse(job_schema)}, R"(.SH SEE ALSO
.BR rawswarm (8),
.BR rawswarm\-serve (8),
.BR rawswarm\-room (8),
.BR rawswarm\-job (5)
)");
}

} // namespace rawswarm
