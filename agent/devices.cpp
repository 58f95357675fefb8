#include "agent/devices.hpp"

#include "agent/clean_text.hpp"
#include "agent/console.hpp"
#include "agent/device_selector.hpp"
#include "agent/select_device.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <vector>

namespace rawswarm
{

namespace
{

using json = nlohmann::ordered_json;

// As a job has it, of those keys that are suggested here.
json as_json(device_selector const& s)
{
	json j = json::object();
	std::array<std::pair<char const*, std::string const*>, 7> const texts{{
		{"path", &s.path},
		{"serial", &s.serial},
		{"wwn", &s.wwn},
		{"model", &s.model},
		{"bus", &s.bus},
		{"partlabel", &s.partlabel},
		{"partuuid", &s.partuuid},
	}};
	for (auto const& [key, value] : texts)
	{
		if (!value->empty())
		{
			j[key] = *value;
		}
	}
	if (s.partition)
	{
		j["partition"] = *s.partition;
	}
	return j;
}

std::string one_line(json const& j)
{
	return j.dump(-1, ' ', false, json::error_handler_t::replace);
}

bool names_alone(device_selector const& s, std::string const& path, std::span<disk_info const> const disks)
{
	auto const found = select(s, disks);
	return found && found.value() && found.value()->path == path;
}

// A glob that means the text itself.
std::string without_globs(std::string const& text)
{
	std::string escaped;
	for (char const c : text)
	{
		if (c == '*' || c == '?' || c == '[' || c == '\\')
		{
			escaped += '\\';
		}
		escaped += c;
	}
	return escaped;
}

// What names a disk for good comes first; a path, which does not, only where nothing else is left.
std::vector<device_selector> candidates(disk_info const& disk)
{
	std::vector<device_selector> found;
	auto const add = [&found](std::string device_selector::*const key, std::string const& value) {
		if (!value.empty())
		{
			found.emplace_back().*key = value;
		}
	};
	add(&device_selector::serial, disk.serial);
	add(&device_selector::wwn, disk.wwn);
	add(&device_selector::model, without_globs(disk.model));
	if (disk.bus == "loop" || disk.bus == "dm" || disk.bus == "md" || !disk.made_by_kernel)
	{
		add(&device_selector::bus, disk.bus);
	}
	add(&device_selector::path, disk.path);
	return found;
}

std::vector<device_selector> candidates(disk_info const& disk, partition_info const& partition)
{
	std::vector<device_selector> found;
	if (!partition.uuid.empty())
	{
		found.emplace_back().partuuid = partition.uuid;
	}
	if (!partition.label.empty())
	{
		found.emplace_back().partlabel = partition.label;
	}
	for (auto of_disk : candidates(disk))
	{
		of_disk.partition = partition.number;
		found.push_back(std::move(of_disk));
	}
	return found;
}

// Those that name the device alone. A path is the last resort.
std::vector<json> selectors(std::vector<device_selector> const& candidates, std::string const& path,
	std::span<disk_info const> const disks)
{
	std::vector<json> found;
	for (auto const& s : candidates)
	{
		if ((s.path.empty() || found.empty()) && names_alone(s, path, disks))
		{
			found.push_back(as_json(s));
		}
	}
	return found;
}

std::string use_of(block_device_id const id, kernel_files const& files)
{
	return device_use(id, files).value_or("");
}

std::string kinds_of(disk_info const& disk)
{
	std::string text;
	auto const add = [&text](bool const is, char const* const word) {
		if (is)
		{
			text += std::string(text.empty() ? "" : ", ") + word;
		}
	};
	add(disk.removable, "removable");
	add(disk.rotational, "rotational");
	add(disk.read_only, "read-only");
	return text;
}

void add_selectors(std::string& text, std::vector<json> const& all)
{
	for (auto const& s : all)
	{
		text += "        " + one_line(s) + "\n";
	}
}

// Columns that are empty take no place.
std::string joined(std::initializer_list<std::string> const parts)
{
	std::string text;
	for (auto const& part : parts)
	{
		text += part.empty() ? "" : (text.empty() ? "" : "  ") + clean_text(part);
	}
	return text;
}

} // namespace

std::string devices_as_text(std::span<disk_info const> const disks, kernel_files const& files)
{
	std::string text;
	for (auto const& disk : disks)
	{
		auto const size = format_size(static_cast<std::int64_t>(disk.size));
		text += joined({fmt::format("{:<14}", disk.path), fmt::format("{:>10}", size), disk.bus, disk.vendor,
					disk.model, kinds_of(disk), use_of(disk.id, files)})
			+ "\n";
		add_selectors(text, selectors(candidates(disk), disk.path, disks));
		for (auto const& p : disk.partitions)
		{
			auto const part_size = format_size(static_cast<std::int64_t>(p.size));
			text += joined({fmt::format("  {:<12}", p.path), fmt::format("{:>10}", part_size), p.label,
						use_of(p.id, files)})
				+ "\n";
			add_selectors(text, selectors(candidates(disk, p), p.path, disks));
		}
	}
	return text.empty() ? "no block device\n" : text;
}

std::string devices_as_json(std::span<disk_info const> const disks, kernel_files const& files)
{
	json all = json::array();
	for (auto const& disk : disks)
	{
		json partitions = json::array();
		for (auto const& p : disk.partitions)
		{
			partitions.push_back({{"number", p.number}, {"path", p.path}, {"offset", p.offset},
				{"size", p.size}, {"partlabel", p.label}, {"partuuid", p.uuid}, {"use", use_of(p.id, files)},
				{"selectors", selectors(candidates(disk, p), p.path, disks)}});
		}
		all.push_back({{"path", disk.path}, {"size", disk.size}, {"sector_size", disk.sector_size},
			{"serial", disk.serial}, {"wwn", disk.wwn}, {"vendor", disk.vendor}, {"model", disk.model},
			{"bus", disk.bus}, {"removable", disk.removable}, {"rotational", disk.rotational},
			{"read_only", disk.read_only}, {"use", use_of(disk.id, files)},
			{"selectors", selectors(candidates(disk), disk.path, disks)},
			{"partitions", std::move(partitions)}});
	}
	return json({{"version", 1}, {"devices", std::move(all)}})
		.dump(-1, ' ', true, json::error_handler_t::replace);
}

} // namespace rawswarm
