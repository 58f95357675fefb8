// SPDX-License-Identifier: BSD-3-Clause
// The folder that dnsmasq serves by TFTP, ROOM/state/tftp: links to the files of ROOM/boot that machines load
// that way, and the entries of loaders that know no HTTP. Nothing else of the room is in it.
//
// A loader's entries say for each machine what it boots; a machine without an entry boots its own disk.
// Called by one thread. Errors are fault::target.
#pragma once

#include "base/result.hpp"

#include <map>
#include <optional>
#include <string>

namespace rawswarm
{

// What loaders take for one machine; empty: its own disk.
struct tftp_entry
{
	std::string grub;
	std::string pxelinux;

	bool operator==(tftp_entry const&) const = default;
};

class tftp_folder
{
public:
	// room: its folder, with boot/ and state/. What an earlier server left in state/tftp is removed.
	static result<tftp_folder> make(std::string const& room);

	std::string const& path() const { return m_path; }

	// By hardware address, 52:54:00:12:34:56. All that there are: others lose theirs. Whoever reads an entry
	// finds the whole of it, the old one or the new. What failed is done by the next call. Nothing is synced:
	// the folder is made anew at each start.
	result<void> take(std::map<std::string, tftp_entry> entries);

private:
	explicit tftp_folder(std::string path);

	std::string m_path;
	std::map<std::string, std::optional<tftp_entry>> m_entries; // that are there; empty: perhaps half of it
};

} // namespace rawswarm
