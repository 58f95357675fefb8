// SPDX-License-Identifier: BSD-3-Clause
#include "agent/room/boot_scripts.hpp"

#include "agent/manifest/job_signature.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace rawswarm
{

namespace
{

std::string kernel_parameters(boot_choice const& choice, std::string_view const authority)
{
	auto const mac = hyphened_mac(choice.mac);
	auto text = fmt::format("BOOTIF=01-{} quiet rd.rawswarm.job=http://{}/jobs/{}.json", mac, authority, mac);
	if (choice.signed_jobs)
	{
		text += fmt::format(" rd.rawswarm.key={}", trusted_key_path);
	}
	if (!choice.append.empty())
	{
		text += " " + choice.append;
	}
	return text;
}

// What has a meaning to GRUB's shell; between double quotes, which it takes away and sets anew, only the
// dollar has.
std::string escaped_for_grub(std::string_view const text)
{
	std::string out;
	bool is_quoted = false;
	for (char const c : text)
	{
		is_quoted = is_quoted != (c == '"');
		std::string_view const special = is_quoted ? "$" : "$;&|<>{}";
		if (special.find(c) != std::string_view::npos)
		{
			out += '\\';
		}
		out += c;
	}
	return out;
}

// iPXE ends a command at each of these.
bool ends_ipxe_command(std::string_view const word)
{
	return word == "||" || word == "&&" || word == ";";
}

} // namespace

std::string_view wrong_append(std::string_view const text)
{
	if (text.find("${") != std::string_view::npos)
	{
		return "${, which is a variable of iPXE";
	}
	if (text.find('\\') != std::string_view::npos || text.find('\'') != std::string_view::npos)
	{
		return "backslashes and single quotes, which GRUB takes away";
	}
	if (std::ranges::count(text, '"') % 2 != 0)
	{
		return "a double quote without the other one";
	}
	for (auto const word : split(text, ' '))
	{
		if (word.starts_with('#') || ends_ipxe_command(word))
		{
			return "words that begin with #, or that are ||, && or ;, which end a command of iPXE or of GRUB";
		}
	}
	return {};
}

std::string hyphened_mac(std::string_view const mac)
{
	std::string text(mac);
	std::ranges::replace(text, ':', '-');
	return text;
}

std::string first_ipxe_script(std::string_view const authority)
{
	return fmt::format(
		"#!ipxe\n"
		"chain http://{}/ipxe?mac=${{mac}}&serial=${{serial:uristring}}&uuid=${{uuid}}&ip=${{ip}} "
		"|| exit 1\n",
		authority);
}

std::string ipxe_script(boot_choice const& choice, std::string_view const authority)
{
	if (choice.kind == boot_kind::own_disk)
	{
		// After 0 the firmware may show its menu.
		return "#!ipxe\nexit 1\n";
	}
	// With UEFI the kernel needs initrd=, by the name that the file has here.
	return fmt::format("#!ipxe\n"
					   "kernel http://{0}/boot/vmlinuz initrd=initramfs {1} || exit 1\n"
					   "initrd http://{0}/boot/initramfs || exit 1\n"
					   "boot || exit 1\n",
		authority, kernel_parameters(choice, authority));
}

std::string pxelinux_entry(boot_choice const& choice, std::string_view const authority)
{
	if (choice.kind == boot_kind::own_disk)
	{
		return "DEFAULT disk\nLABEL disk\n\tLOCALBOOT 0\n";
	}
	return fmt::format("DEFAULT rawswarm\n"
					   "LABEL rawswarm\n"
					   "\tKERNEL http://{0}/boot/vmlinuz\n"
					   "\tINITRD http://{0}/boot/initramfs\n"
					   "\tAPPEND {1}\n",
		authority, kernel_parameters(choice, authority));
}

std::string grub_menu(boot_choice const& choice, std::string_view const authority)
{
	if (choice.kind == boot_kind::own_disk)
	{
		return "exit 1\n";
	}
	return fmt::format("linux /vmlinuz {}\n"
					   "initrd /initramfs\n"
					   "boot\n",
		escaped_for_grub(kernel_parameters(choice, authority)));
}

} // namespace rawswarm
