// SPDX-License-Identifier: BSD-3-Clause
#include "agent/cli/devices.hpp"

#include "agent/machine/device_selector.hpp"
#include "agent/machine/select_device.hpp"
#include "agent/manifest/parse_manifest.hpp"
#include "base/clean_text.hpp"
#include "base/format_size.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace rawswarm
{

namespace
{

using json = nlohmann::ordered_json;

// The selector as a job has it, limited to the keys that are suggested here.
json as_json(device_selector const& s)
{
	json j = json::object();
	for (auto const& [key, value] : selector_fields)
	{
		if (!(s.*value).empty())
		{
			j[key] = s.*value;
		}
	}
	if (s.partition)
	{
		j["partition"] = *s.partition;
	}
	return j;
}

// Letters of all languages stay as they are, unless the text has a character that controls a terminal.
std::string one_line(json const& j)
{
	auto text = j.dump(-1, ' ', false, json::error_handler_t::replace);
	return clean_text(text) == text ? text : j.dump(-1, ' ', true, json::error_handler_t::replace);
}

// The selector as a job with this device is parsed. Empty: no job can have it, for example a serial number
// with a control character or with "${", or a bus that manifests do not know.
std::optional<device_selector> as_a_job_reads(json const& device)
{
	json const target{{"torrent", "any.torrent"}, {"device", device}};
	json const job{{"version", 1}, {"targets", json::array({target})}};
	auto const parsed = parse_manifest(one_line(job), location::standard_input(), {});
	if (!parsed)
	{
		return {};
	}
	auto const& read = parsed.value().targets.front();
	device_selector path_alone;
	path_alone.path = read.device;
	return read.selector.value_or(path_alone);
}

bool names_alone(json const& device, std::string const& path, std::span<disk_info const> const disks)
{
	auto const s = as_a_job_reads(device);
	auto const found = s ? select(*s, disks) : std::optional<selected_device>();
	return found && found.value() && found.value()->path == path;
}

// A glob that matches exactly this text.
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

// Permanent names come first; the path, which may change at the next boot, comes last.
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
	add(&device_selector::bus, disk.bus);
	add(&device_selector::path, disk.path);
	return found;
}

std::vector<device_selector> candidates(disk_info const& disk, partition_info const& partition)
{
	device_selector of_kernel; // a job names the kernel's own disks only by their bus
	of_kernel.bus = disk.made_by_kernel ? disk.bus : "";
	std::vector<device_selector> found;
	if (!partition.uuid.empty())
	{
		found.emplace_back(of_kernel).partuuid = partition.uuid;
	}
	if (!partition.label.empty())
	{
		found.emplace_back(of_kernel).partlabel = partition.label;
	}
	for (auto of_disk : candidates(disk))
	{
		of_disk.partition = partition.number;
		found.push_back(std::move(of_disk));
	}
	return found;
}

// The selectors that match this device and no other; the path only if there is no other.
std::vector<json> selectors(std::vector<device_selector> const& candidates, std::string const& path,
	std::span<disk_info const> const disks)
{
	std::vector<json> found;
	for (auto const& s : candidates)
	{
		auto device = as_json(s);
		if ((s.path.empty() || found.empty()) && names_alone(device, path, disks))
		{
			found.push_back(std::move(device));
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

// Joins columns and leaves out empty ones.
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
