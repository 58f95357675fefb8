// SPDX-License-Identifier: BSD-3-Clause
// The token of a job, with which its machine reports: it says of which job a report is, so that nothing has
// to be kept to know it again, and nobody can make one who does not have the room's secret (HMAC-SHA256).
// Pure.
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace rawswarm
{

struct report_token
{
	std::string mac;
	std::string image; // or the name to capture under
	std::string settled; // room.json's image when the job was given
	std::uint64_t turn = 0; // room_record::turn then
	bool captures = false;

	bool operator==(report_token const&) const = default;
};

// Hexadecimal digits and a hyphen, for a URL.
std::string write_token(report_token const& token, std::string_view secret);

// fault::refused: none of this room's.
result<report_token> read_token(std::string_view text, std::string_view secret);

} // namespace rawswarm
