// SPDX-License-Identifier: BSD-3-Clause
// Where a value stands, for the messages about it: a key of a manifest, by its JSON pointer (RFC 6901),
// or a flag of the command line. The checks of both are the same code, which is handed a place.
//
// A value type; owns its text.
#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace rawswarm
{

// The text as it may stand in a message: clean_text, and cut off past max_printed_bytes.
std::string printable(std::string_view text);

inline constexpr std::size_t max_printed_bytes = 200; // seed design: two lines of a terminal

class place
{
public:
	// The whole of the manifest that came from base (a path, a URL or "-").
	static place in_manifest(std::string_view base);

	// flag: with its dashes.
	static place of_flag(std::string_view flag);

	place member(std::string_view key) const;
	place element(std::size_t index) const;

	// "/targets/0/role" or "--role"; empty for the whole of a manifest.
	std::string const& name() const { return m_name; }

	// "reading job.json: /targets/0/role: WHAT", fault::refused; or "--role: WHAT", fault::usage.
	template <class... Args>
	[[nodiscard]] error refuse(fmt::format_string<Args...> what, Args&&... args) const
	{
		return refusal(fmt::format(what, std::forward<Args>(args)...));
	}

private:
	place(fault kind, std::string source, std::string name);
	error refusal(std::string what) const;

	fault m_kind;
	std::string m_source; // "reading job.json: ", or empty
	std::string m_name;
};

} // namespace rawswarm
