#include "agent/url.hpp"

#include <boost/asio/ip/address_v6.hpp>

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

namespace rawswarm
{

namespace
{

constexpr std::uint16_t http_port = 80;
constexpr std::uint16_t https_port = 443;
constexpr std::size_t longest_host = 253; // of a name in the DNS, RFC 1035 section 2.3.4

// The locale's own functions would see other letters than a URL does.
bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool is_visible(char c)
{
	return c > ' ' && c <= '~';
}

std::string lower_case(std::string_view text)
{
	std::string out(text);
	for (char& c : out)
	{
		if (c >= 'A' && c <= 'Z')
		{
			c = static_cast<char>(c - 'A' + 'a');
		}
	}
	return out;
}

error refuse(std::string_view text, std::string_view reason)
{
	std::string shown(text);
	std::replace_if(
		shown.begin(), shown.end(), [](char c) { return !is_visible(c) && c != ' '; }, '?');
	return fail(fault::refused, "reading the URL {}: {}", shown, reason);
}

std::uint16_t default_port(bool secure)
{
	return secure ? https_port : http_port;
}

std::optional<std::uint16_t> parse_port(std::string_view digits)
{
	std::uint16_t port = 0;
	auto const* const last = digits.data() + digits.size();
	auto const parsed = std::from_chars(digits.data(), last, port);
	if (parsed.ec != std::errc() || parsed.ptr != last || port == 0)
	{
		return std::nullopt;
	}
	return port;
}

bool is_host_name(std::string_view host)
{
	return !host.empty() && host.size() <= longest_host && std::all_of(host.begin(), host.end(), [](char c) {
		return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_';
	});
}

// A zone ("fe80::1%eth0") is not taken: interface names differ from one machine to the next.
bool is_ipv6_address(std::string_view host)
{
	boost::system::error_code ec;
	boost::asio::ip::make_address_v6(std::string(host), ec);
	return !ec && host.find('%') == std::string_view::npos;
}

// Splits "host:port" or "[v6]:port". Gives what is wrong with it, or nothing.
std::optional<std::string_view> parse_authority(std::string_view text, url& out)
{
	std::string_view rest;
	if (text.starts_with('['))
	{
		auto const end = text.find(']');
		if (end == std::string_view::npos || !is_ipv6_address(text.substr(1, end - 1)))
		{
			return "what stands in brackets is no IPv6 address";
		}
		out.host = lower_case(text.substr(1, end - 1));
		rest = text.substr(end + 1);
	}
	else
	{
		auto const colon = std::min(text.find(':'), text.size());
		if (!is_host_name(text.substr(0, colon)))
		{
			return "no valid host name";
		}
		out.host = lower_case(text.substr(0, colon));
		rest = text.substr(colon);
	}
	out.port = default_port(out.secure);
	if (rest.empty() || rest == ":")
	{
		return std::nullopt;
	}
	auto const port = rest.front() == ':' ? parse_port(rest.substr(1)) : std::nullopt;
	if (!port)
	{
		return "the port is no number from 1 to 65535";
	}
	out.port = *port;
	return std::nullopt;
}

// RFC 3986 section 5.2.4. The path begins with '/'.
std::string remove_dot_segments(std::string_view path)
{
	std::vector<std::string_view> kept;
	bool folder = false; // ends in a slash
	for (std::size_t at = 1; at <= path.size();)
	{
		auto const end = std::min(path.find('/', at), path.size());
		auto const segment = path.substr(at, end - at);
		folder = segment == "." || segment == "..";
		if (segment == ".." && !kept.empty())
		{
			kept.pop_back();
		}
		if (!folder)
		{
			kept.push_back(segment);
		}
		at = end + 1;
	}
	std::string out;
	for (auto const segment : kept)
	{
		out += '/';
		out += segment;
	}
	return folder || out.empty() ? out + '/' : out;
}

// path and query of a reference without scheme and host, at the base's target.
std::string merge_target(std::string_view base, std::string_view reference)
{
	auto const base_path = base.substr(0, base.find('?'));
	if (reference.empty())
	{
		return std::string(base);
	}
	auto const mark = std::min(reference.find('?'), reference.size());
	auto const path = reference.substr(0, mark);
	auto const query = reference.substr(mark);
	if (path.empty())
	{
		return std::string(base_path).append(query);
	}
	std::string merged;
	if (path.front() != '/')
	{
		merged = base_path.substr(0, base_path.rfind('/') + 1);
	}
	merged += path;
	return remove_dot_segments(merged).append(query);
}

} // namespace

std::string_view scheme_of(std::string_view text)
{
	auto const colon = text.find(':');
	if (colon == std::string_view::npos || colon == 0 || !is_letter(text.front()))
	{
		return {};
	}
	auto const scheme = text.substr(0, colon);
	bool const valid = std::all_of(scheme.begin(), scheme.end(),
		[](char c) { return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.'; });
	return valid ? scheme : std::string_view();
}

result<url> parse_url(std::string_view text)
{
	auto const scheme = scheme_of(text);
	auto const name = lower_case(scheme);
	if (name != "http" && name != "https")
	{
		return refuse(text, "only http and https are known");
	}
	auto rest = text.substr(scheme.size() + 1);
	if (!rest.starts_with("//"))
	{
		return refuse(text, "no // after the scheme");
	}
	rest = rest.substr(2, rest.find('#') - 2);
	auto const end_of_host = std::min(rest.find_first_of("/?"), rest.size());
	auto const host = rest.substr(0, end_of_host);
	if (auto const at = host.rfind('@'); at != std::string_view::npos)
	{
		// The text of an error travels in logs and beacons: a password must not.
		auto const shown = fmt::format("{}://***{}", name, rest.substr(at));
		return refuse(shown, "a user name or password is not taken");
	}
	if (!std::all_of(text.begin(), text.end(), is_visible))
	{
		return refuse(text, "a space, control character or letter outside of ASCII must be percent-encoded");
	}

	url out;
	out.secure = name == "https";
	if (auto const wrong = parse_authority(host, out))
	{
		return refuse(text, *wrong);
	}
	out.target = rest.substr(end_of_host);
	if (!out.target.starts_with('/'))
	{
		out.target.insert(0, 1, '/');
	}
	return out;
}

result<url> follow(url const& base, std::string_view reference)
{
	if (!scheme_of(reference).empty())
	{
		return parse_url(reference);
	}
	std::string const scheme = base.secure ? "https:" : "http:";
	if (reference.starts_with("//"))
	{
		return parse_url(scheme + std::string(reference));
	}
	auto const bare = reference.substr(0, reference.find('#'));
	// Parsed once more, so that what a server sends is held to the same rules.
	return parse_url(fmt::format("{}//{}{}", scheme, authority(base), merge_target(base.target, bare)));
}

std::string authority(url const& u)
{
	bool const bracketed = u.host.find(':') != std::string::npos;
	auto out = bracketed ? '[' + u.host + ']' : u.host;
	if (u.port != default_port(u.secure))
	{
		out += ':' + std::to_string(u.port);
	}
	return out;
}

std::string to_string(url const& u)
{
	return fmt::format("{}://{}{}", u.secure ? "https" : "http", authority(u), u.target);
}

} // namespace rawswarm
