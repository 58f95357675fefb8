// SPDX-License-Identifier: BSD-3-Clause
// What people ask of a room, by its Unix socket (`rawswarm room`) and by its page: JSON in, JSON out.
// docs/spec.md has the keys ("The room's orders").
//
// A request is carried out whole or not at all: one machine that is not known, or that is being imaged, and
// nothing is ordered. Errors are one sentence: fault::usage for what means nothing, fault::refused for what
// cannot be done now, fault::target if the room's state cannot be written.
//
// Thread: that of the io_context, as room_book.
#pragma once

#include "agent/net/wake_on_lan.hpp"
#include "agent/room/room_book.hpp"
#include "agent/serve/room_request.hpp"
#include "base/result.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rawswarm
{

// As the beacons say it: a machine's state ("downloading", "silent"), and how much of it is done.
struct heard_state
{
	std::string state; // empty: it was not heard
	double percent = 0;
};

class room_requests
{
public:
	struct environment
	{
		room_book& book;
		std::function<heard_state(std::string_view mac)> heard = {}; // empty: no machine is
		std::function<result<std::size_t>(std::span<mac_address const>)> wake = wake_machines;
	};

	explicit room_requests(environment env);

	// text: of the request. from: who asks, for the log.
	result<nlohmann::ordered_json> carry_out(std::string_view text, std::string_view from);

	// The room and each machine, as room_book::list() has them, with the state of each in one word or two.
	nlohmann::ordered_json list() const;

private:
	result<std::vector<std::string>> find(std::string_view machines) const;
	error with_suggestion(std::string_view machines, error why) const;
	result<void> check_image(room_request const& request) const;
	bool holds_disk(std::string const& mac) const;
	result<void> check_idle(room_request const& request, std::vector<std::string> const& macs) const;
	result<std::vector<std::string>> change(room_request const& request);
	result<std::size_t> wake(std::vector<std::string> const& macs) const;
	std::vector<std::string> names_of(std::vector<std::string> const& macs) const;

	environment m_env;
};

} // namespace rawswarm
