// SPDX-License-Identifier: BSD-3-Clause
// What boot loaders are told: texts for iPXE, PXELINUX and GRUB. docs/netboot.md says what each of them can
// do. Pure.
#pragma once

#include "agent/room/boot_choice.hpp"

#include <string>
#include <string_view>

namespace rawswarm
{

// authority: this server in a URL, as the machine reaches it.

// The same for every machine: it asks for its own script, and leaves to the firmware's next entry if there is
// none.
std::string first_ipxe_script(std::string_view authority);

// The machine's own.
std::string ipxe_script(boot_choice const& choice, std::string_view authority);

// For lpxelinux.0, which has HTTP.
std::string pxelinux_entry(boot_choice const& choice, std::string_view authority);

// Kernel and initramfs by TFTP, as the GRUB that Debian signs has no HTTP.
std::string grub_menu(boot_choice const& choice, std::string_view authority);

// What kernel parameters have that one of the loaders does not pass on as it is, to follow "must not have".
// Empty: nothing.
std::string_view wrong_append(std::string_view text);

// 52-54-00-12-34-56: the names of files have no colons.
std::string hyphened_mac(std::string_view mac);

} // namespace rawswarm
