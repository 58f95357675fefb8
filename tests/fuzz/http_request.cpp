// SPDX-License-Identifier: BSD-3-Clause
// What comes to a port of `serve` and `watch` (agent/http_server/http_request.hpp), at once and in parts: it
// is refused, or is a question for this machine alone, with no more of a body than its path takes, and all
// that is read from it lies within what it names. The first byte of the input is the length of the parts.
//
// Compiled with: agent/http_server/byte_range.cpp agent/http_server/http_request.cpp
// Compiled with: agent/http_server/own_hosts.cpp agent/http_server/query.cpp agent/net/address.cpp
// Compiled with: base/percent_decoded.cpp base/percent_encoded.cpp base/text.cpp
#include "agent/http_server/http_request.hpp"

#include "agent/http_server/byte_range.hpp"
#include "agent/http_server/query.hpp"
#include "base/percent_decoded.hpp"
#include "base/percent_encoded.hpp"
#include "tests/fuzz/require.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace
{

using namespace rawswarm;
using fuzz::require;
namespace ip = boost::asio::ip;

constexpr std::size_t most_body = 4096;
auto const here = ip::make_address_v4("192.0.2.1");

std::size_t body_limit(http_question const& question, std::size_t const)
{
	return question.path.starts_with("/report/") ? most_body : 0;
}

// As the connection puts it: with what an earlier call left.
std::size_t put_in_parts(http_request& request, std::string_view const bytes, std::size_t const part,
	std::optional<http_refusal>& wrong)
{
	std::size_t taken = 0;
	std::size_t there = 0;
	while (there < bytes.size() && !wrong && !request.is_whole())
	{
		there = std::min(there + part, bytes.size());
		auto const used = request.put(bytes.substr(taken, there - taken), wrong);
		require(used <= there - taken);
		taken += used;
	}
	return taken;
}

void check_range(std::string_view const header)
{
	for (auto const size :
		{std::uint64_t(0), std::uint64_t(1), std::uint64_t(1000), std::numeric_limits<std::uint64_t>::max()})
	{
		auto const range = parse_byte_range(header, size);
		bool const is_part = range.kind == range_kind::part;
		require(is_part == (range.bytes > 0));
		require(range.offset <= size && range.bytes <= size - range.offset);
	}
}

void check_decoding(std::string_view const text)
{
	if (auto const decoded = percent_decoded(text))
	{
		require(decoded->size() <= text.size());
		require(percent_decoded(percent_encoded(*decoded, "/")) == decoded);
	}
}

void check_question(http_request const& request, http_shared& shared)
{
	auto const question = request.question();
	require(question.path.starts_with('/') && question.path.find('?') == std::string_view::npos);
	// Nothing in it can begin another line of an answer, or of the log.
	fuzz::require_one_line(question.path);
	fuzz::require_one_line(question.query);
	require(question.host.find('\n') == std::string_view::npos);
	require(question.authorization.find('\n') == std::string_view::npos);
	require(shared.hosts.is_own(question.host, here));
	require(request.content_length() <= (question.method == "POST" ? most_body : 0));
	check_range(question.range);
	check_decoding(question.path);
	for (auto const* const key : {"info_hash", "mac", "serial"})
	{
		auto const value = query_value(question.query, key);
		require(!value || value->size() <= question.query.size());
	}
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* const data, std::size_t const size)
{
	if (size < 1)
	{
		return 0;
	}
	http_server_options options;
	options.names = {"room.example"};
	options.body_limit = body_limit;
	static http_shared shared(options, {});
	auto const bytes = fuzz::text_of(data, size).substr(1);
	http_request at_once(shared);
	http_request in_parts(shared);
	std::optional<http_refusal> wrong;
	std::optional<http_refusal> wrong_in_parts;
	auto const taken = put_in_parts(at_once, bytes, bytes.size(), wrong);
	auto const taken_in_parts = put_in_parts(in_parts, bytes, std::size_t(data[0]) + 1, wrong_in_parts);
	require(taken <= bytes.size() && !(wrong && wrong->status < 400));
	if (wrong || wrong_in_parts || !at_once.is_whole())
	{
		return 0;
	}
	require(in_parts.is_whole() && taken == taken_in_parts && taken <= max_http_request_bytes);
	auto const refused = at_once.find_wrong(here, here);
	require(refused.has_value() == in_parts.find_wrong(here, here).has_value());
	if (!refused)
	{
		check_question(at_once, shared);
		require(at_once.question().path == in_parts.question().path);
		require(at_once.question().query == in_parts.question().query);
	}
	else
	{
		require(refused->status >= 400 && refused->status < 500);
	}
	return 0;
}
