// SPDX-License-Identifier: BSD-3-Clause
// Members of a room tell each other which pieces they fetch from web seeds, so that the room fetches each
// once.
//
// One object per target. The agent picks and drops pieces; the plugin of the torrent (web_seed_plugin.hpp)
// sends that to the peers that know the message (claim_message.hpp), and reports what all peers have and what
// members fetch. A member is a peer whose handshake knows the message; it also brings the member's agent id.
//
// A claim is advice, not a lock: it is heard late, behind the pieces that are on their way in the same
// connection, and two members may pick the same piece meanwhile. That costs traffic and nothing else;
// libtorrent drops the second copy.
//
// Threads: the agent's and libtorrent's network thread, and each calls only the functions meant for it. A
// mutex guards what both use. No I/O, no callback and no listener is called while it is held.
//
// Lifetime: shared by the agent, the plugin and functions that wait in libtorrent's thread. Each of them may
// be the last to hold it.
#pragma once

#include "agent/web_seed/web_claims_listener.hpp"
#include "agent/web_seed/web_seed_knowledge.hpp"
#include "agent/web_seed/web_seed_picker.hpp"
#include "base/mutex.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <vector>

namespace rawswarm
{

class web_seed_claims : public std::enable_shared_from_this<web_seed_claims>
{
public:
	using clock = std::chrono::steady_clock;
	using peer = web_seed_knowledge::peer;

	// Runs a function in libtorrent's thread, later. Called by the agent's thread alone.
	using network_post = std::function<void(std::function<void()>)>;

	// A piece that was handed over to libtorrent and has neither passed nor failed after this time is fetched
	// again, as libtorrent's add_piece() does not report a refusal. Initial value, not measured.
	static constexpr std::chrono::seconds handed_over_limit{60};

	// An agent that comes late to a room that already has the image must not fetch it once more before it has
	// met the room. So it fetches a few pieces, to have something to give, and then pauses until it knows a
	// member or this time is over. The time is what local discovery and a second attempt to connect take.
	// Initial values, not measured.
	static constexpr std::chrono::seconds meeting_time{3};
	static constexpr int pieces_before_meeting = 2;

	// agent_id: a number that other agents do not have. is_alone: the job has no way to find peers.
	web_seed_claims(std::vector<bool> have, std::uint64_t agent_id, bool is_alone, network_post post);

	// The agent's thread.

	// The piece to fetch now; every member is told. Empty: there is none, or the torrent is not ready.
	std::optional<std::size_t> pick(clock::time_point now);

	// This agent does not fetch the piece any more; every member is told.
	void drop(std::size_t piece);

	// The piece was fetched and now awaits libtorrent's verdict. To be called before libtorrent gets it.
	void handed_over(std::size_t piece, std::size_t bytes, clock::time_point now);

	std::size_t missing() const; // pieces that this agent lacks
	std::size_t members() const;

	// libtorrent's thread.

	// libtorrent has checked the files: pieces may be handed over from now on.
	void ready();

	void piece_passed(std::size_t piece);
	void piece_failed(std::size_t piece);

	std::uint64_t agent_id() const { return m_agent_id; }

	// A new connection. The number that is returned names the peer in all other calls, until it left.
	peer joined();
	void left(peer p, web_claims_listener& listener);

	// The peer knows the message: it is told at once what this agent fetches, and from now on what it picks
	// and drops.
	void is_member(peer p, std::uint64_t agent_id, web_claims_listener& listener);

	// The pieces that a peer says it has. Those outside of the torrent are ignored.
	void peer_has(peer p, std::vector<bool> pieces);
	void peer_has_all(peer p);
	void peer_got(peer p, std::size_t piece);
	void peer_lost(peer p, std::size_t piece);

	// Blocks came that the peer was asked for. Not to be called for each: it takes the mutex.
	void delivered(peer p, std::int64_t bytes);

	// The body of a member's message. Claims for pieces outside of the torrent are ignored.
	void heard(peer p, std::span<char const> body);

private:
	// A piece that this agent fetches.
	struct fetch
	{
		clock::time_point picked;
		std::optional<clock::time_point> handed_over;
	};

	bool waits_for_members(clock::time_point now) const REQUIRES(m_mutex);
	std::vector<std::size_t> take_overdue(clock::time_point now) REQUIRES(m_mutex);
	void post_to_members(std::vector<char> body); // agent's thread
	void send_to_members(std::span<char const> body); // libtorrent's thread

	network_post const m_post;
	std::uint64_t const m_agent_id;
	bool const m_is_alone;

	mutable mutex m_mutex;
	web_seed_knowledge m_known GUARDED_BY(m_mutex);
	web_seed_picker m_picker GUARDED_BY(m_mutex);
	std::map<std::size_t, fetch> m_mine GUARDED_BY(m_mutex);
	clock::time_point m_last_progress GUARDED_BY(m_mutex) = clock::now();
	std::optional<clock::time_point> m_ready GUARDED_BY(m_mutex); // since when libtorrent takes pieces
	int m_picked GUARDED_BY(m_mutex) = 0;
	clock::time_point m_weighed GUARDED_BY(m_mutex){};

	// libtorrent's thread alone
	std::set<web_claims_listener*> m_listeners;
	peer m_last_peer = 0;
};

} // namespace rawswarm
