// SPDX-License-Identifier: BSD-3-Clause
// Who includes whom in a tree of sources, held against a table of layers (toolchain/layers.txt).
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace rawswarm::test
{

// One folder of the table: what it may include.
struct layer
{
	std::string folder; // as "agent/net"
	std::set<std::string> ours; // folders
	std::set<std::string> others; // libraries, by the folder of their headers: "boost"
};

// The lines of the table, from the ground up. Throws std::runtime_error for a line that is no layer.
std::vector<layer> parse_layers(std::string_view text);

// A source file by its path from the root, and what it includes, as written between quotes or brackets.
using include_graph = std::map<std::string, std::set<std::string>>;

// All .cpp and .hpp files in base/, storage/ and agent/ below `root`.
include_graph read_includes(std::filesystem::path const& root);

// One sentence per fault; empty if every include is allowed. A fault is: a layer that names one which does
// not stand above it, a file outside of all layers (agent/main.cpp aside, which may include the last one), an
// include that its folder's line does not name, and a name in a line that its folder does not use.
std::vector<std::string> layer_faults(std::vector<layer> const& layers, include_graph const& graph);

// The files of a circle of includes, in order, or nothing. A header and the source file of its name are one.
std::vector<std::string> find_circle(include_graph const& graph);

} // namespace rawswarm::test
