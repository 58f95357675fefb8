// SPDX-License-Identifier: BSD-3-Clause
#include "agent/control/control_client.hpp"

#include "base/clean_text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>

#include <poll.h>
#include <sys/socket.h>

namespace rawswarm
{

namespace
{

using clock = std::chrono::steady_clock;

// Milliseconds for poll().
int left_until(std::optional<clock::time_point> const& end)
{
	if (!end)
	{
		return -1;
	}
	auto const left = std::chrono::ceil<std::chrono::milliseconds>(*end - clock::now()).count();
	return static_cast<int>(std::max<std::int64_t>(left, 0));
}

// All until the other side hangs up; without `to_the_end` what came with the first line end. The code is 0 or
// that of an error.
struct received
{
	std::string text;
	int why = 0;
};

received receive(int const socket, std::optional<clock::time_point> const& end, bool const to_the_end)
{
	received r;
	std::array<char, 4096> part{};
	while (r.text.size() < max_answer_bytes)
	{
		pollfd waiting{socket, POLLIN, 0};
		int const ready = ::poll(&waiting, 1, left_until(end));
		auto const length = ready > 0 ? ::recv(socket, part.data(), part.size(), 0) : ready;
		if (ready == 0)
		{
			r.why = ETIMEDOUT;
			return r;
		}
		if (length < 0 && errno == EINTR)
		{
			continue;
		}
		if (length <= 0)
		{
			return r; // what came by then decides
		}
		r.text.append(part.data(), static_cast<std::size_t>(length));
		if (!to_the_end && r.text.ends_with('\n'))
		{
			return r;
		}
	}
	return r;
}

} // namespace

result<nlohmann::ordered_json> ask_agent(
	std::string const& path, control_request const& request, std::optional<std::chrono::seconds> const limit)
{
	std::optional<clock::time_point> end;
	if (limit)
	{
		end = clock::now() + *limit;
	}
	BOOST_OUTCOME_TRY(socket, connect_to_agent(path));
	auto const line = request_line(request);
	// a request is smaller than the buffer of a socket that is new
	if (::send(socket.get(), line.data(), line.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(line.size()))
	{
		return fail(fault::network, system_error(errno), "asking the agent at {}", printable(path));
	}
	auto const answer = receive(socket.get(), end, !limit);
	if (answer.why != 0)
	{
		return fail(fault::network, system_error(answer.why), "asking the agent at {}", printable(path));
	}
	if (answer.text.empty())
	{
		return fail(fault::network,
			"asking the agent at {}: it ended, or turned this user away, without an answer", printable(path));
	}
	auto parsed = parse_answer(answer.text);
	if (!parsed)
	{
		parsed.error().text = fmt::format("asking the agent at {}: {}", printable(path), parsed.error().text);
	}
	return parsed;
}

bool is_nobody(error const& e)
{
	return e.ec == std::errc::connection_refused || e.ec == std::errc::no_such_file_or_directory;
}

} // namespace rawswarm
