// SPDX-License-Identifier: BSD-3-Clause
#include "agent/net/fetch.hpp"

#include "agent/manifest/manifest.hpp"
#include "agent/net/address.hpp"
#include "agent/net/http_get.hpp"
#include "agent/net/url.hpp"
#include "base/unique_fd.hpp"

#include <cerrno>
#include <cstdint>
#include <system_error>

#include <fcntl.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

namespace rawswarm
{

namespace
{

using clock = std::chrono::steady_clock;

constexpr std::size_t read_step_bytes = std::size_t(64) * 1024; // what a pipe holds

error too_large(std::string_view name, std::size_t max_bytes)
{
	return fail(fault::refused, "reading {}: larger than {} bytes", name, max_bytes);
}

result<std::string> read_all(int fd, std::string_view name, std::size_t max_bytes)
{
	struct stat status = {};
	bool const known = ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
	if (known && static_cast<std::uintmax_t>(status.st_size) > max_bytes)
	{
		return too_large(name, max_bytes);
	}
	std::string text;
	std::size_t used = 0;
	for (;;)
	{
		text.resize(used + read_step_bytes);
		auto const got = ::read(fd, text.data() + used, read_step_bytes);
		if (got < 0 && errno == EINTR)
		{
			continue;
		}
		if (got < 0)
		{
			return fail(fault::refused, system_error(errno), "reading {}", name);
		}
		used += static_cast<std::size_t>(got);
		if (used > max_bytes)
		{
			return too_large(name, max_bytes);
		}
		if (got == 0)
		{
			text.resize(used);
			return text;
		}
	}
}

result<std::string> read_file(std::string const& path, std::size_t max_bytes)
{
	unique_fd const file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
	if (!file)
	{
		return fail(fault::refused, system_error(errno), "opening {}", path);
	}
	return read_all(file.get(), path, max_bytes);
}

bool is_redirect(unsigned status)
{
	return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

// How an error's text begins: the URL that was asked for, and the one where that led.
std::string describe(std::string const& source, url const& first, url const& at)
{
	auto const where = to_string(at);
	return where == to_string(first) ? "fetching " + source
									 : fmt::format("fetching {}: redirected to {}", source, where);
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

// With a system error where the same request may be answered otherwise a little later.
error refused_by_server(std::string const& what, http_answer const& answer)
{
	auto const status = answer.status;
	bool const passes = status >= 500 || status == 408 || status == 425 || status == 429;
	return {fault::network, passes ? system_error(EAGAIN) : std::error_code(),
		fmt::format("{}: the server answered {} {}", what, status, answer.reason)};
}

result<url> next_place(url const& at, http_answer const& answer, std::string const& what)
{
	auto next = parse_url(resolve(to_string(at), answer.location));
	if (!next)
	{
		return fail(fault::network, "{}: following a redirect: {}", what, next.error().text);
	}
	if (at.secure && !next.value().secure)
	{
		return fail(fault::network, "{}: following a redirect to {}: refused, as it leaves https", what,
			to_string(next.value()));
	}
	return next;
}

result<std::string> fetch_url(std::string const& source, fetch_limits const& limits)
{
	BOOST_OUTCOME_TRY(first, parse_url(source));
	auto const until = clock::now() + limits.timeout;
	auto at = first;
	for (int redirects = 0;; ++redirects)
	{
		auto const what = describe(source, first, at);
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

bool is_url(std::string_view source)
{
	auto const has = [source](std::string_view prefix) {
		return source.size() >= prefix.size()
			&& ::strncasecmp(source.data(), prefix.data(), prefix.size()) == 0;
	};
	return has("http://") || has("https://");
}

result<std::string> fetch(std::string const& source, fetch_limits const& limits)
{
	if (source == "-")
	{
		return read_all(STDIN_FILENO, "standard input", limits.max_bytes);
	}
	// Another scheme goes the same way, to be told that it is unknown, and not that there is no such file.
	if (has_url_scheme(source))
	{
		return fetch_url(source, limits);
	}
	return read_file(source, limits.max_bytes);
}

} // namespace rawswarm
