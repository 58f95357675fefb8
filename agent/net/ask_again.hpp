// SPDX-License-Identifier: BSD-3-Clause
// Asks servers again that are not up yet, or are busy: one way for all that a machine fetches when it boots.
//
// Blocking. Failures that time may cure are those of fault::network with the system's code
// (agent/net/fetch.hpp): no interface yet, no route, no address for the server's name, nobody at the port, an
// answer that broke off, a status that may pass. All others end it at once.
#pragma once

#include "agent/net/http_status.hpp"
#include "base/result.hpp"
#include "base/stoppable_wait.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

namespace rawswarm
{

struct ask_settings
{
	std::optional<std::chrono::seconds>
		patience; // from the first question; 0: forever; empty: it is asked once
	std::stop_token stop = {}; // ends the wait for the next question
	// Called with the reason before the first wait, and again if the reason changes.
	std::function<void(error const& why)> on_wait = {};
};

// Initial values, not measured: short enough to use a DHCP lease soon after it comes, long enough that a room
// of machines does not crowd a server that comes back.
inline constexpr std::chrono::milliseconds first_pause{250};
inline constexpr std::chrono::milliseconds longest_pause{4000};

// attempt(left): asks once. left: of the patience; empty: there is no end. An error is that of the last
// attempt, and says for how long it was tried.
template <class Attempt>
auto ask_again(ask_settings const& settings, Attempt attempt)
	-> decltype(attempt(std::optional<std::chrono::milliseconds>()))
{
	using std::chrono::milliseconds;
	using clock = std::chrono::steady_clock;
	bool const once = !settings.patience;
	bool const limited = settings.patience.value_or(std::chrono::seconds(0)).count() != 0;
	auto const until = clock::now() + settings.patience.value_or(std::chrono::seconds(0));
	auto const left = [&]() -> std::optional<milliseconds> {
		return limited ? std::optional(std::chrono::duration_cast<milliseconds>(until - clock::now()))
					   : std::nullopt;
	};
	std::string last_reason;
	for (auto pause = first_pause;; pause = std::min(pause * 2, longest_pause))
	{
		auto answer = attempt(left());
		if (answer || once || !may_pass(answer.error()))
		{
			return answer;
		}
		auto& why = answer.error();
		if (limited && *left() <= pause)
		{
			why.text += fmt::format(" (tried for {} s)", settings.patience->count());
			return answer;
		}
		if (settings.on_wait && last_reason != why.text)
		{
			last_reason = why.text;
			settings.on_wait(why);
		}
		// nothing announces that a server is up, so it is polled
		if (!wait_unless_stopped(pause, settings.stop))
		{
			return answer;
		}
	}
}

} // namespace rawswarm
