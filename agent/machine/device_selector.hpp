// SPDX-License-Identifier: BSD-3-Clause
// How a job names a device other than by its path: which disk, and which partition of it.
//
// Names of devices depend on the order in which a kernel finds them, so a job names a disk by what does not
// change: its serial number, its world wide name, its model, its bus, its size. A selector must name exactly
// one device; agent/machine/select_device.hpp looks for it.
//
// A plain value; matching is pure. Sizes in bytes.
#pragma once

#include "agent/machine/disk_info.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace rawswarm
{

// Which one of several matching disks is meant. Two disks of the same size are still a tie.
enum class tie_break
{
	refuse,
	smallest,
	largest,
	first // by the kernel's names, sda before sdb before sdaa
};

// Empty members do not restrict. All others must match.
struct device_selector
{
	std::string path; // a block device, links followed
	std::string serial;
	std::string wwn; // with or without the "0x", "naa." or "eui." before its digits
	std::string model; // a glob: *, ?, [...]
	std::string bus; // nvme, ata, usb, scsi, sas, iscsi, fc, virtio, mmc, xen, loop, dm, md
	std::optional<std::uint64_t> min_size;
	std::optional<std::uint64_t> max_size;
	std::optional<bool> removable;
	std::optional<bool> rotational;

	// A partition of the selected disk. Empty: the disk itself is meant.
	std::optional<int> partition; // its number
	std::string partlabel;
	std::string partuuid; // in any case

	tie_break choose = tie_break::refuse;
	std::chrono::seconds wait{10}; // for a disk that appears late

	bool names_partition() const { return partition || !partlabel.empty() || !partuuid.empty(); }

	friend bool operator==(device_selector const&, device_selector const&) = default;
};

// A text of the selector and the key that a job has for it.
struct selector_field
{
	char const* key;
	std::string device_selector::*value;
};

// The one list of the texts: for messages, the parser of jobs, and the jobs that `rawswarm devices` suggests.
inline constexpr std::array<selector_field, 7> selector_fields{{
	{"path", &device_selector::path},
	{"serial", &device_selector::serial},
	{"wwn", &device_selector::wwn},
	{"model", &device_selector::model},
	{"bus", &device_selector::bus},
	{"partlabel", &device_selector::partlabel},
	{"partuuid", &device_selector::partuuid},
}};

// "serial S4EVNX0, partition 1": for messages, and the name of a target until its device is known.
std::string describe(device_selector const& s);

// Whether the selector may mean the disk, its partitions aside.
//
// A disk that the kernel makes of other devices or of memory (loop, device mapper, md, zram) is meant only by
// a selector that names its path or its bus: "the largest disk" is never one of those. Disks for optical
// media and the boot areas of memory cards are meant by their path only. `choose` takes a removable disk only
// if the selector says that it is, and an external one (USB, a memory card) only if the selector names it: by
// serial, wwn, model or bus, or as removable. Blanks around a serial number do not matter.
bool matches(device_selector const& s, disk_info const& disk);

// Whether the selector means the partition. True if it names none.
bool matches(device_selector const& s, partition_info const& partition);

} // namespace rawswarm
