// SPDX-License-Identifier: BSD-3-Clause
// What a shell can offer for the value of an option or argument. The name of the value says it, which --help
// prints as well: in "auto|SIZE" the words in small letters are values themselves, and FILE, DEVICE and
// others say what they are the name of. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rawswarm
{

enum class value_kind
{
	text, // nothing that a shell could know
	file,
	folder,
	torrent, // *.torrent
	json, // *.json
	device, // block devices, and the selectors that name them
	source, // block devices and files
	interface, // of the network
	levels, // of the log
};

struct completed_value
{
	completed_value() = default;
	explicit completed_value(std::string_view name);

	value_kind kind = value_kind::text;
	std::vector<std::string> words; // offered as well; "bmap:" is the beginning of one
};

// "trace", "storage=debug": what is offered for value_kind::levels.
std::vector<std::string> offered_levels();

} // namespace rawswarm
