// SPDX-License-Identifier: BSD-3-Clause
// URIs and references to them in their parts, and references against a base (RFC 3986). Pure.
//
// Parts are split, not checked: agent/net/url.hpp and agent/net/tracker_url.hpp say which URLs are taken.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace rawswarm
{

struct url; // agent/net/url.hpp

// By appendix B; each part points into the text.
struct uri_parts
{
	std::optional<std::string_view> scheme; // without the colon
	std::optional<std::string_view> authority; // [USER@]HOST[:PORT], without the slashes before it
	std::string_view path;
	std::optional<std::string_view> query; // without the question mark
	std::optional<std::string_view> fragment; // without the number sign
};

uri_parts split_uri(std::string_view text);

// Begins with a scheme and "://": meant as a URL, and not as a path.
bool has_url_scheme(std::string_view text);

// Whether all characters are those that a URI may have (section 2); others must be percent-encoded.
bool has_only_uri_characters(std::string_view text);

// A URI, or a part of one, as every text shows it: cleaned and cut, with *** for a user name and password and
// for a query, where tokens are, and without a fragment. Texts travel in logs, in reports and in beacons,
// which anybody can read.
std::string printable_uri(std::string_view text);
std::string printable_uri(url const& u);

// The URI that a reference means inside of the document at `base`, by section 5.2. base: a URI with an
// authority. A text with a scheme of its own stays as it is.
std::string resolve_reference(std::string_view base, std::string_view reference);

} // namespace rawswarm
