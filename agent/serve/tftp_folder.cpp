// SPDX-License-Identifier: BSD-3-Clause
#include "agent/serve/tftp_folder.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>
#include <utility>

namespace rawswarm
{

namespace
{

namespace fs = std::filesystem;

// Debian's GRUB for the network looks for no file of the machine itself, and can only try whether there is
// one: its test -e knows no TFTP. If it were to end, the firmware would show its menu and not go on to the
// disk, so it starts what the disk has, which the shim checks as the firmware would: Windows, a
// distribution's own, or what is there for firmware without an entry.
constexpr std::string_view grub_start =
	"source /grub/machine-$net_default_mac.cfg\n"
	"for loader in /EFI/Microsoft/Boot/bootmgfw.efi /EFI/debian/shimx64.efi /EFI/ubuntu/shimx64.efi "
	"/EFI/fedora/shimx64.efi /EFI/centos/shimx64.efi /EFI/redhat/shimx64.efi /EFI/opensuse/shim.efi "
	"/EFI/BOOT/BOOTX64.EFI; do\n"
	"\tif search --no-floppy --set=disk --file $loader; then\n"
	"\t\tset root=$disk\n"
	"\t\tchainloader $loader\n"
	"\t\tboot\n"
	"\tfi\n"
	"done\n"
	"exit\n";

constexpr std::string_view pxelinux_start = "DEFAULT disk\n"
											"LABEL disk\n"
											"\tLOCALBOOT 0\n";

// Loaders, and what those without HTTP load next.
constexpr std::array linked_files{"undionly.kpxe", "snponly.efi", "ipxe-arm64.efi", "lpxelinux.0",
	"ldlinux.c32", "shimx64.efi", "grubx64.efi", "vmlinuz", "initramfs"};

std::string dashed(std::string mac)
{
	std::ranges::replace(mac, ':', '-');
	return mac;
}

// Empty text: no such file.
result<void> put(std::string const& path, std::string_view const text)
{
	std::error_code ec;
	if (text.empty())
	{
		fs::remove(path, ec);
		return ec ? result<void>(fail(fault::target, ec, "removing {}", path)) : success();
	}
	auto const part = path + ".part";
	std::ofstream file(part, std::ios::binary | std::ios::trunc);
	file.write(text.data(), static_cast<std::streamsize>(text.size()));
	file.close();
	if (!file)
	{
		ec = system_error(errno);
	}
	else
	{
		fs::rename(part, path, ec);
	}
	if (ec)
	{
		std::error_code ignored; // the failure is the first one
		fs::remove(part, ignored);
		return fail(fault::target, ec, "writing {}", path);
	}
	return success();
}

result<void> put_entry(std::string const& folder, std::string const& mac, tftp_entry const& e)
{
	BOOST_OUTCOME_TRY(put(fmt::format("{}/grub/machine-{}.cfg", folder, mac), e.grub));
	return put(fmt::format("{}/pxelinux.cfg/01-{}", folder, dashed(mac)), e.pxelinux);
}

} // namespace

tftp_folder::tftp_folder(std::string path)
	: m_path(std::move(path))
{}

result<tftp_folder> tftp_folder::make(std::string const& room)
{
	auto const path = fs::path(room) / "state" / "tftp";
	auto const boot = fs::path(room) / "boot";
	std::error_code ec;
	fs::remove_all(path, ec);
	for (auto const* const part : {"grub", "pxelinux.cfg"})
	{
		if (!ec)
		{
			fs::create_directories(path / part, ec);
		}
	}
	for (auto const* const name : linked_files)
	{
		if (std::error_code missing; !ec && fs::is_regular_file(boot / name, missing))
		{
			fs::create_symlink(fs::path("../../boot") / name, path / name, ec);
		}
	}
	if (ec)
	{
		return fail(fault::target, ec, "writing {}", path.string());
	}
	BOOST_OUTCOME_TRY(put(path / "grub/grub.cfg", grub_start));
	BOOST_OUTCOME_TRY(put(path / "pxelinux.cfg/default", pxelinux_start));
	return tftp_folder(path);
}

result<void> tftp_folder::take(std::map<std::string, tftp_entry> entries)
{
	for (auto known = m_entries.begin(); known != m_entries.end();)
	{
		if (entries.contains(known->first))
		{
			++known;
			continue;
		}
		known->second.reset();
		BOOST_OUTCOME_TRY(put_entry(m_path, known->first, {}));
		known = m_entries.erase(known);
	}
	for (auto& fresh : entries)
	{
		auto& known = m_entries[fresh.first];
		if (known != fresh.second)
		{
			known.reset();
			BOOST_OUTCOME_TRY(put_entry(m_path, fresh.first, fresh.second));
			known = std::move(fresh.second);
		}
	}
	return success();
}

} // namespace rawswarm
