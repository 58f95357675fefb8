// SPDX-License-Identifier: BSD-3-Clause
// The members of a room tell each other which pieces they fetch from web seeds.
//
// One object for each target. The agent picks and drops pieces; a plugin in the torrent sends that to the
// peers that know the message, and learns from all peers what they have and from those what they fetch. It
// is a BitTorrent extension message (BEP 10), "rs_claim"; the handshake has the agent's number as well, as
// "rs_number". A message is one byte, 0 for "fetching" or 1 for "not any more",
// then the piece's number in four bytes, the most significant first; several may be sent as one. That a piece
// has come says the ordinary HAVE. Messages of another form are ignored.
//
// Threads: the agent's and libtorrent's, each calls what is meant for it; a mutex is between them, held for
// no I/O and no callback.
#pragma once

#include "agent/web_seed/web_seed_knowledge.hpp"
#include "agent/web_seed/web_seed_picker.hpp"

#include <libtorrent/fwd.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <vector>

namespace rawswarm
{

// One peer's end of it, in libtorrent's thread.
class web_claims_listener
{
public:
	virtual ~web_claims_listener() = default;
	virtual void send(std::span<char const> body) = 0;
};

class web_seed_claims : public std::enable_shared_from_this<web_seed_claims>
{
public:
	using clock = std::chrono::steady_clock;

	// Runs something in libtorrent's thread, later. Called by the agent's thread alone.
	using network_post = std::function<void(std::function<void()>)>;

	// A piece that was handed over and neither passed nor failed in such a time is fetched again.
	static constexpr std::chrono::seconds handed_over_limit{60};

	// Who comes late to a room that has the image already must not fetch it once more before it has met the
	// room: a few pieces, so that there is something to give, and then a pause until a member is known. The
	// time is what local discovery and a second dial take. Seed designs.
	static constexpr std::chrono::seconds meeting_time{3};
	static constexpr int pieces_before_meeting = 2;

	// own: a number that other agents do not have. is_alone: no peers are to be expected.
	web_seed_claims(std::vector<bool> have, std::uint64_t own, bool is_alone, network_post post);

	// The agent's thread.

	// The piece to fetch now, which everybody is told. Empty: none, or the torrent is not ready.
	std::optional<std::size_t> pick(clock::time_point now);
	void drop(std::size_t piece);
	void handed_over(std::size_t piece, clock::time_point now);
	std::size_t missing() const;
	std::size_t members() const;

	// libtorrent's thread.

	std::shared_ptr<lt::torrent_plugin> make_plugin();
	void ready();
	void piece_passed(std::size_t piece);
	void piece_failed(std::size_t piece);
	web_seed_knowledge::peer joined();
	void left(web_seed_knowledge::peer p, web_claims_listener& link);
	void is_member(web_seed_knowledge::peer p, std::uint64_t number, web_claims_listener& link);
	std::uint64_t own_number() const { return m_own; }
	void heard(web_seed_knowledge::peer p, std::span<char const> body);

	// f(room), with the lock held.
	template <class F>
	void learn(F f)
	{
		std::unique_lock<std::mutex> const l(m_mutex);
		f(m_room);
	}

private:
	// A piece that this agent fetches.
	struct fetch
	{
		clock::time_point picked;
		std::optional<clock::time_point> handed_over;
	};

	bool waits_for_room(clock::time_point now, std::unique_lock<std::mutex>& l) const;
	std::vector<std::size_t> take_overdue(clock::time_point now, std::unique_lock<std::mutex>& l);
	void tell(std::vector<char> body); // agent's thread
	void send_all(std::span<char const> body); // libtorrent's

	network_post const m_post;
	std::uint64_t const m_own;
	mutable std::mutex m_mutex;
	web_seed_knowledge m_room;
	web_seed_picker m_picker;
	std::map<std::size_t, fetch> m_mine;
	clock::time_point m_last_progress = clock::now();
	std::optional<clock::time_point> m_ready; // since when pieces are taken
	bool const m_is_alone;
	int m_picked = 0;

	// libtorrent's thread alone
	std::set<web_claims_listener*> m_listeners;
	web_seed_knowledge::peer m_last_peer = 0;
};

} // namespace rawswarm
