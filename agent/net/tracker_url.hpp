// SPDX-License-Identifier: BSD-3-Clause
// The URL of a tracker: http, https or udp, complete, udp with a port.
//
// A value type that only its parser makes: what holds one need not check it again. It is kept as text, with
// the scheme in lower case, as libtorrent takes it.
#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace rawswarm
{

class tracker_url
{
public:
	// A user name is taken, as some trackers ask for one. fault::refused; the error's text is the reason
	// alone.
	static result<tracker_url> parse(std::string_view text);

	std::string const& text() const { return m_text; }

	bool operator==(tracker_url const&) const = default;

private:
	explicit tracker_url(std::string text)
		: m_text(std::move(text))
	{}

	std::string m_text;
};

} // namespace rawswarm
