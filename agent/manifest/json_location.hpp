// SPDX-License-Identifier: BSD-3-Clause
// Where a value stands, for the messages about it: in a JSON document, by its JSON pointer (RFC 6901), or in
// a flag of the command line. The checks of both are the same code, which is handed a location.
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

class json_location
{
public:
	// The whole of a document. name: for messages ("job.json").
	static json_location in_document(std::string_view name);

	// The location of a value outside of any document. flag: as it is given, with its dashes.
	static json_location of_flag(std::string_view flag);

	json_location member(std::string_view key) const;
	json_location element(std::size_t index) const;

	// "/targets/0/role" or "--role"; empty for the whole of a document.
	std::string const& name() const { return m_name; }

	// "reading job.json: /targets/0/role: WHAT", fault::refused; or "--role: WHAT", fault::usage.
	template <class... Args>
	[[nodiscard]] error refuse(fmt::format_string<Args...> what, Args&&... args) const
	{
		return refusal(fmt::format(what, std::forward<Args>(args)...));
	}

	// The same for an error whose text is the reason alone.
	[[nodiscard]] error refuse(error const& reason) const { return refusal(reason.text); }

private:
	json_location(fault kind, std::string source, std::string name);
	error refusal(std::string what) const;

	fault m_kind;
	std::string m_source; // "reading job.json: ", or empty
	std::string m_name;
};

} // namespace rawswarm
