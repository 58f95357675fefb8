// SPDX-License-Identifier: BSD-3-Clause
#include "agent/net/http_post.hpp"

#include "agent/net/http_exchange.hpp"
#include "agent/net/http_status.hpp"
#include "agent/net/uri_reference.hpp"
#include "base/clean_text.hpp"
#include "base/stoppable_wait.hpp"

#include <algorithm>
#include <cerrno>

namespace rawswarm
{

namespace
{

using clock = std::chrono::steady_clock;

constexpr std::size_t max_answer_bytes = std::size_t(64) * 1024;

constexpr std::size_t max_sentence_bytes = 1000; // that a server's answer may have

// A room of 500 machines asks a server that comes back 250 times a second then.
constexpr std::chrono::milliseconds shortest_pause{250};
constexpr std::chrono::milliseconds longest_pause{2000};

bool is_success(http_answer const& answer)
{
	return answer.status >= 200 && answer.status < 300;
}

error explain(http_posting const& what, error const& why, std::chrono::seconds const tried)
{
	auto text = fmt::format("posting to {}: {}", printable_uri(what.to), why.text);
	if (tried.count() > 0)
	{
		text += fmt::format(" (tried for {} s)", tried.count());
	}
	return error{why.kind, why.ec, std::move(text)};
}

// The answer of one try, or an error: with a system error if another try may succeed.
result<http_answer> try_once(
	http_posting const& what, clock::time_point const until, std::stop_token const& stop)
{
	auto const end = std::min(until, clock::now() + what.longest_try);
	auto answer = http_post(what, end, system_lookup, stop);
	if (!answer || is_success(answer.value()))
	{
		return answer;
	}
	auto const status = answer.value().status;
	bool const is_final = what.is_final ? what.is_final(status) : !may_pass(status);
	return error{
		fault::network, is_final ? std::error_code() : system_error(EAGAIN), describe_answer(answer.value())};
}

} // namespace

result<http_answer> http_post(http_posting const& what, clock::time_point const until,
	name_lookup const& look, std::stop_token const& stop)
{
	http_call call;
	call.posts = true;
	call.body = what.body;
	call.type = what.type;
	call.authorization = what.authorization;
	call.max_answer = max_answer_bytes;
	call.tells_why = true;
	return http_exchange(what.to, call, until, look, stop);
}

result<http_answer> post_until(
	http_posting const& what, clock::time_point const until, std::stop_token const& stop)
{
	auto const begin = clock::now();
	auto pause = shortest_pause;
	for (;;)
	{
		auto answer = try_once(what, until, stop);
		if (answer)
		{
			return answer;
		}
		bool const is_final = !may_pass(answer.error());
		bool const is_over = clock::now() + pause >= until || stop.stop_requested();
		if (!is_final && !is_over && what.on_wait && pause == shortest_pause)
		{
			what.on_wait(explain(what, answer.error(), std::chrono::seconds(0)));
		}
		if (is_final || is_over || !wait_unless_stopped(pause, stop))
		{
			auto const tried = std::chrono::round<std::chrono::seconds>(clock::now() - begin);
			return explain(what, answer.error(), is_final ? std::chrono::seconds(0) : tried);
		}
		pause = std::min(2 * pause, longest_pause);
	}
}

std::string describe_answer(http_answer const& answer)
{
	auto text = fmt::format("the server answered {} {}", answer.status, answer.reason);
	std::string_view const body(answer.body);
	auto const line = body.substr(0, body.find_first_of("\r\n"));
	return line.empty() ? text : fmt::format("{}: {}", text, cut_text(clean_text(line), max_sentence_bytes));
}

} // namespace rawswarm
