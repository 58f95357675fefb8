// SPDX-License-Identifier: BSD-3-Clause
#include "agent/machine/disk_identity.hpp"

#include "base/text.hpp"
#include "storage/device/sys_block.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <string_view>
#include <utility>

namespace rawswarm
{

namespace
{

namespace fs = std::filesystem;

// "ata" and "ata3", but not "data3": a family's name and a number.
bool is_numbered(std::string_view const name, std::string_view const family)
{
	return name.size() > family.size() && name.starts_with(family)
		&& std::all_of(name.begin() + static_cast<std::ptrdiff_t>(family.size()), name.end(), is_digit);
}

// Disks pad their names with these.
constexpr std::string_view padding(" \t\n\0", 4);

std::string trimmed(std::string_view const text)
{
	return std::string(trim(text, padding));
}

std::string text_of(fs::path const& file)
{
	return trimmed(first_line(file));
}

fs::path real_path(fs::path const& path)
{
	std::error_code ec;
	auto real = fs::canonical(path, ec);
	return ec ? fs::path() : real;
}

std::string subsystem_of(fs::path const& device)
{
	return real_path(device / "subsystem").filename().string();
}

// Vital product data as the disk sent it. Empty if it has no such page, or the kernel keeps none.
std::string product_page(fs::path const& file, char const code)
{
	std::ifstream in(file, std::ios::binary);
	std::string page{std::istreambuf_iterator<char>(in), {}};
	return page.size() > 1 && page[1] == code ? page : std::string();
}

// A header of four bytes precedes the number; its last two are the length of the number.
std::string unit_serial_number(fs::path const& device)
{
	constexpr std::size_t head = 4;
	auto const page = product_page(device / "vpd_pg80", '\x80');
	if (page.size() <= head)
	{
		return {};
	}
	auto const length = static_cast<std::size_t>(static_cast<unsigned char>(page[2])) * 256
		+ static_cast<unsigned char>(page[3]);
	return trimmed(std::string_view(page).substr(head, length));
}

// A model has 16 characters in SCSI, 40 in ATA: words 27 to 46 of the answer to IDENTIFY DEVICE, which begins
// at byte 60 of the page. The first letter of a word is its high byte.
std::string ata_model(fs::path const& device)
{
	constexpr std::size_t command_at = 56;
	constexpr char identify_device = '\xec';
	constexpr std::size_t model_at = 60 + 27 * 2;
	constexpr std::size_t model_size = 40;
	auto const page = product_page(device / "vpd_pg89", '\x89');
	if (page.size() < model_at + model_size || page[command_at] != identify_device)
	{
		return {};
	}
	auto model = page.substr(model_at, model_size);
	for (std::size_t i = 0; i < model.size(); i += 2)
	{
		std::swap(model[i], model[i + 1]);
	}
	return trimmed(model);
}

// The serial number of the USB device that has the disk: few disks behind USB have page 80h.
std::string usb_serial(fs::path device)
{
	for (; device.has_relative_path(); device = device.parent_path())
	{
		if (has_file(device / "idVendor"))
		{
			return text_of(device / "serial");
		}
	}
	return {};
}

// The bus that a SCSI host drives, by the folders that lead to the device.
std::string scsi_transport(fs::path const& device)
{
	constexpr std::array<std::pair<std::string_view, std::string_view>, 3> numbered{{
		{"usb", "usb"},
		{"ata", "ata"},
		{"session", "iscsi"},
	}};
	for (auto const& part : device)
	{
		auto const name = part.string();
		for (auto const& [family, bus] : numbered)
		{
			if (is_numbered(name, family))
			{
				return std::string(bus);
			}
		}
		if (name.starts_with("end_device-"))
		{
			return "sas";
		}
		if (name.starts_with("rport-"))
		{
			return "fc";
		}
	}
	return "scsi";
}

// The family of a disk without hardware of its own: loop0, dm-1, md127, zram0.
std::string kernel_family(std::string_view const name)
{
	auto const end =
		std::ranges::find_if(name, [](char const c) { return is_digit(c) || c == '-' || c == '_'; });
	return {name.begin(), end};
}

std::string bus_of(fs::path const& folder, disk_info const& disk)
{
	auto const device = real_path(folder / "device");
	auto const subsystem = subsystem_of(device);
	if (is_digit(disk.name.back()) && disk.name.starts_with("nvme"))
	{
		return "nvme";
	}
	if (disk.made_by_kernel)
	{
		return kernel_family(disk.name);
	}
	return subsystem == "scsi" ? scsi_transport(device) : subsystem;
}

// mmcblk0boot0, mmcblk0boot1, mmcblk0rpmb: the card itself is mmcblk0.
bool is_area_of_card(std::string_view const name)
{
	return name.starts_with("mmcblk")
		&& (name.find("boot") != std::string_view::npos || name.find("rpmb") != std::string_view::npos);
}

// A memory chip that is soldered in (eMMC) says MMC, a card SD.
bool is_external(fs::path const& folder, std::string_view const bus)
{
	return bus == "usb" || (bus == "mmc" && text_of(folder / "device" / "type") == "SD");
}

bool is_optical(fs::path const& folder)
{
	constexpr char const* rom = "5"; // the peripheral device type of SPC-4, 6.6.2
	return first_line(folder / "device" / "type") == rom;
}

std::string serial_of(fs::path const& folder, std::string const& bus)
{
	for (auto const& file : {folder / "serial", folder / "device" / "serial"})
	{
		if (auto found = text_of(file); !found.empty())
		{
			return found;
		}
	}
	if (auto found = unit_serial_number(folder / "device"); !found.empty())
	{
		return found;
	}
	return bus == "usb" ? usb_serial(real_path(folder / "device")) : std::string();
}

std::string first_of(std::initializer_list<fs::path> const files)
{
	for (auto const& file : files)
	{
		if (auto found = text_of(file); !found.empty())
		{
			return found;
		}
	}
	return {};
}

} // namespace

void read_identity_of(fs::path const& folder, kernel_files const& files, disk_info& disk)
{
	disk.made_by_kernel = folder.parent_path() == real_path(fs::path(files.sys) / "devices/virtual/block");
	disk.bus = bus_of(folder, disk);
	disk.external = is_external(folder, disk.bus);
	disk.special = is_area_of_card(disk.name) || is_optical(folder);
	disk.serial = serial_of(folder, disk.bus);
	disk.wwn = first_of({folder / "wwid", folder / "device" / "wwid"});
	disk.model = ata_model(folder / "device");
	if (disk.model.empty())
	{
		disk.model =
			first_of({folder / "device" / "model", folder / "device" / "name", folder / "dm" / "name"});
	}
	disk.vendor = disk.bus == "virtio" || disk.bus == "nvme" ? "" : text_of(folder / "device" / "vendor");
}

} // namespace rawswarm
