// SPDX-License-Identifier: BSD-3-Clause
#include "agent/net/fetch.hpp"

#include "agent/net/http_get.hpp"
#include "agent/net/http_status.hpp"
#include "agent/net/uri_reference.hpp"
#include "base/read_file.hpp"

#include <cerrno>
#include <system_error>

#include <unistd.h>

namespace rawswarm
{

namespace
{

using clock = std::chrono::steady_clock;

bool is_redirect(unsigned status)
{
	return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

// How an error's text begins: the URL that was asked for, and the one that it led to.
std::string describe_request(url const& first, url const& at)
{
	auto const asked = printable_uri(first);
	return at == first ? fmt::format("fetching {}", asked)
					   : fmt::format("fetching {}: redirected to {}", asked, printable_uri(at));
}

error explain(error why, std::string const& what, clock::time_point until, fetch_limits const& limits)
{
	why.text = what + ": " + why.text;
	if (why.ec == std::errc::timed_out && clock::now() >= until)
	{
		why.text += fmt::format(" (the limit for the whole of it is {} ms)", limits.timeout.count());
	}
	return why;
}

// With a system error if the same request may be answered otherwise a little later.
error refused_by_server(std::string const& what, http_answer const& answer)
{
	return {fault::network, may_pass(answer.status) ? system_error(EAGAIN) : std::error_code(),
		fmt::format("{}: the server answered {} {}", what, answer.status, answer.reason)};
}

result<url> next_place(url const& at, http_answer const& answer, std::string const& what)
{
	auto next = resolve(at, answer.location);
	if (!next)
	{
		return fail(fault::network, "{}: following a redirect: it {}", what, next.error().text);
	}
	if (at.secure && !next.value().secure)
	{
		return fail(fault::network, "{}: following a redirect to {}: refused, as it leaves https", what,
			printable_uri(next.value()));
	}
	return next;
}

result<std::string> fetch_url(url const& first, fetch_limits const& limits)
{
	auto const until = clock::now() + limits.timeout;
	auto at = first;
	for (int redirects = 0;; ++redirects)
	{
		auto const what = describe_request(first, at);
		auto answer = http_get(at, until, limits.max_bytes);
		if (!answer)
		{
			return explain(answer.error(), what, until, limits);
		}
		auto& got = answer.value();
		if (got.status == 200)
		{
			return std::move(got.body);
		}
		if (!is_redirect(got.status) || got.location.empty())
		{
			return refused_by_server(what, got);
		}
		if (redirects >= limits.max_redirects)
		{
			return fail(fault::network, "{}: more than {} redirects", what, limits.max_redirects);
		}
		BOOST_OUTCOME_TRY(next, next_place(at, got, what));
		at = std::move(next);
	}
}

} // namespace

result<std::string> fetch(location const& source, fetch_limits const& limits)
{
	if (auto const* const at = source.as_url())
	{
		return fetch_url(*at, limits);
	}
	if (auto const* const path = source.as_path())
	{
		return read_file(*path, limits.max_bytes);
	}
	return read_all(STDIN_FILENO, describe(source), limits.max_bytes);
}

} // namespace rawswarm
