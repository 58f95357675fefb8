// SPDX-License-Identifier: BSD-3-Clause
#include "tests/unit/layers/include_graph.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace rawswarm::test
{

namespace
{

namespace fs = std::filesystem;

// Headers of the C library and the kernel, which belong to no library of the table.
std::set<std::string> const system_folders{"arpa", "linux", "net", "netinet", "sys"};

// Headers that stand in no folder, and the library that they belong to.
std::map<std::string, std::string> const library_headers{{"unistr.h", "unistring"},
	{"uniwidth.h", "unistring"}, {"xxhash.h", "xxhash"}, {"zlib.h", "zlib"}, {"zstd.h", "zstd"},
	{"zstd_errors.h", "zstd"}};

constexpr std::string_view entry_point = "agent/main.cpp";

std::set<std::string> words(std::string const& text)
{
	std::istringstream in(text);
	return {std::istream_iterator<std::string>(in), std::istream_iterator<std::string>()};
}

std::string folder_of(std::string const& path)
{
	return fs::path(path).parent_path().generic_string();
}

// Without its suffix: a header and its source file are one unit.
std::string unit_of(std::string const& path)
{
	return fs::path(path).replace_extension().generic_string();
}

std::set<std::string> includes_of(fs::path const& file)
{
	std::set<std::string> found;
	std::ifstream in(file);
	for (std::string line; std::getline(in, line);)
	{
		if (!line.starts_with("#include "))
		{
			continue;
		}
		auto const begin = line.find_first_of("\"<");
		auto const end = line.find_first_of("\">", begin + 1);
		if (end != std::string::npos)
		{
			found.insert(line.substr(begin + 1, end - begin - 1));
		}
	}
	return found;
}

// Checks one folder's files against its line.
class folder_check
{
public:
	folder_check(layer const& l, std::set<std::string> const& all_folders)
		: m_layer(l)
		, m_all_folders(all_folders)
	{}

	void check(std::string const& file, std::string const& included)
	{
		if (auto const library = library_headers.find(included); library != library_headers.end())
		{
			check_named(file, included, m_layer.others, library->second);
			return;
		}
		auto const folder = folder_of(included);
		if (folder.empty() || folder == m_layer.folder)
		{
			return; // the standard library's, or a neighbour
		}
		if (m_all_folders.contains(folder))
		{
			check_named(file, included, m_layer.ours, folder);
			return;
		}
		auto const library = included.substr(0, included.find('/'));
		if (!system_folders.contains(library))
		{
			check_named(file, included, m_layer.others, library);
		}
	}

	std::vector<std::string> faults() const
	{
		auto all = m_faults;
		for (auto const* names : {&m_layer.ours, &m_layer.others})
		{
			for (auto const& name : *names)
			{
				if (!m_used.contains(name))
				{
					all.push_back(
						fmt::format("{} includes nothing of {}, which its line names", m_layer.folder, name));
				}
			}
		}
		return all;
	}

private:
	void check_named(std::string const& file, std::string const& included, std::set<std::string> const& names,
		std::string const& name)
	{
		m_used.insert(name);
		if (!names.contains(name))
		{
			m_faults.push_back(fmt::format(
				"{} includes {}, which the line of {} does not name", file, included, m_layer.folder));
		}
	}

	layer const& m_layer;
	std::set<std::string> const& m_all_folders;
	std::set<std::string> m_used;
	std::vector<std::string> m_faults;
};

class circle_search
{
public:
	explicit circle_search(std::map<std::string, std::set<std::string>> units)
		: m_units(std::move(units))
	{}

	std::vector<std::string> run()
	{
		for (auto const& [unit, includes] : m_units)
		{
			if (!m_done.contains(unit) && visit(unit))
			{
				return m_path;
			}
		}
		return {};
	}

private:
	// Whether a circle was found; m_path is it then. As deep as includes are.
	// NOLINTNEXTLINE(misc-no-recursion)
	bool visit(std::string const& unit)
	{
		auto const again = std::ranges::find(m_path, unit);
		m_path.push_back(unit);
		if (again != std::prev(m_path.end()) && std::ranges::count(m_path, unit) > 1)
		{
			m_path.erase(m_path.begin(), std::ranges::find(m_path, unit));
			return true;
		}
		for (auto const& included : m_units.at(unit))
		{
			if (!m_done.contains(included) && visit(included))
			{
				return true;
			}
		}
		m_path.pop_back();
		m_done.insert(unit);
		return false;
	}

	std::map<std::string, std::set<std::string>> m_units;
	std::set<std::string> m_done;
	std::vector<std::string> m_path;
};

} // namespace

std::vector<layer> parse_layers(std::string_view const text)
{
	std::vector<layer> layers;
	std::istringstream in{std::string(text)};
	for (std::string line; std::getline(in, line);)
	{
		if (line.empty() || line.starts_with('#'))
		{
			continue;
		}
		auto const first = line.find('|');
		auto const second = line.find('|', first + 1);
		if (first == std::string::npos || second == std::string::npos)
		{
			throw std::runtime_error("not FOLDER | OURS | OTHERS: " + line);
		}
		auto const name = words(line.substr(0, first));
		if (name.size() != 1)
		{
			throw std::runtime_error("not one folder: " + line);
		}
		layers.push_back({*name.begin(), words(line.substr(first + 1, second - first - 1)),
			words(line.substr(second + 1))});
	}
	return layers;
}

include_graph read_includes(fs::path const& root)
{
	include_graph graph;
	for (auto const* const top : {"base", "storage", "agent"})
	{
		for (auto const& entry : fs::recursive_directory_iterator(root / top))
		{
			auto const suffix = entry.path().extension();
			if (suffix == ".cpp" || suffix == ".hpp")
			{
				graph[fs::relative(entry.path(), root).generic_string()] = includes_of(entry.path());
			}
		}
	}
	return graph;
}

std::vector<std::string> layer_faults(std::vector<layer> const& layers, include_graph const& graph)
{
	std::vector<std::string> faults;
	std::set<std::string> folders;
	for (auto const& l : layers)
	{
		for (auto const& below : l.ours)
		{
			if (!folders.contains(below))
			{
				faults.push_back(fmt::format("{} names {}, which does not stand above it", l.folder, below));
			}
		}
		folders.insert(l.folder);
	}
	for (auto const& l : layers)
	{
		folder_check in_folder(l, folders);
		for (auto const& [file, includes] : graph)
		{
			if (folder_of(file) != l.folder)
			{
				continue;
			}
			for (auto const& included : includes)
			{
				in_folder.check(file, included);
			}
		}
		std::ranges::move(in_folder.faults(), std::back_inserter(faults));
	}
	for (auto const& [file, includes] : graph)
	{
		if (file != entry_point && !folders.contains(folder_of(file)))
		{
			faults.push_back(fmt::format("{} stands in no folder of the table", file));
		}
	}
	auto const main = graph.find(std::string(entry_point));
	for (auto const& included : main == graph.end() ? std::set<std::string>() : main->second)
	{
		auto const folder = folder_of(included);
		if (folders.contains(folder) && folder != layers.back().folder)
		{
			faults.push_back(fmt::format(
				"{} includes {}, which is not of {}", entry_point, included, layers.back().folder));
		}
	}
	return faults;
}

std::vector<std::string> find_circle(include_graph const& graph)
{
	std::map<std::string, std::set<std::string>> units;
	for (auto const& [file, includes] : graph)
	{
		auto& unit = units[unit_of(file)];
		for (auto const& included : includes)
		{
			if (graph.contains(included) && unit_of(included) != unit_of(file))
			{
				unit.insert(unit_of(included));
			}
		}
	}
	return circle_search(std::move(units)).run();
}

} // namespace rawswarm::test
