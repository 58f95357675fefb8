// SPDX-License-Identifier: BSD-3-Clause
// One connection of a private room (private_room.hpp), until the other end has proved that it is a member,
// and has said what it has to say as one.
//
// Lives in libtorrent's network thread and is called there. libtorrent owns it, as long as its connection.
#pragma once

#include "agent/bittorrent/late_plugins.hpp"
#include "agent/swarm/room_proof.hpp"
#include "agent/swarm/room_refusal.hpp"

#include <libtorrent/bdecode.hpp>
#include <libtorrent/entry.hpp>
#include <libtorrent/error_code.hpp>
#include <libtorrent/extensions.hpp>
#include <libtorrent/peer_connection_handle.hpp>
#include <libtorrent/peer_request.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace rawswarm
{

// What the connections of a torrent share.
struct room_guard
{
	std::string key;
	std::string info_hash; // 20 bytes
	int pieces = 0;
};

class guarded_peer final
	: public lt::peer_plugin
	, public std::enable_shared_from_this<guarded_peer>
{
public:
	// of_member: what hears of the peer once it is a member. Of one that is none, it hears that it has gone.
	guarded_peer(std::shared_ptr<room_guard const> guard, lt::peer_connection_handle c,
		std::vector<std::shared_ptr<lt::peer_plugin>> of_member);

	bool on_handshake(lt::span<char const> reserved) override;
	void add_handshake(lt::entry& h) override;
	bool on_extension_handshake(lt::bdecode_node const& h) override;
	bool on_extended(int length, int id, lt::span<char const> body) override;
	void on_disconnect(lt::error_code const& ec) override;
	void tick() override; // once per second

	// True keeps the message from libtorrent and from the plugins behind this one.
	bool on_choke() override;
	bool on_unchoke() override;
	bool on_interested() override;
	bool on_not_interested() override;
	bool on_have(lt::piece_index_t piece) override;
	bool on_dont_have(lt::piece_index_t piece) override;
	bool on_bitfield(lt::bitfield const& bits) override;
	bool on_have_all() override;
	bool on_have_none() override;
	bool on_allowed_fast(lt::piece_index_t piece) override;
	bool on_suggest(lt::piece_index_t piece) override;
	bool on_request(lt::peer_request const& r) override;
	bool on_piece(lt::peer_request const& r, lt::span<char const> bytes) override;
	bool on_cancel(lt::peer_request const& r) override;
	bool on_reject(lt::peer_request const& r) override;

	// The full handshake has come, and the plugins behind this one have read it.
	void open();

private:
	enum class stage
	{
		met, // its random number is to come
		challenged, // we have sent our proof, its own is to come
		proven, // its full handshake is to come
		open,
	};

	using clock = std::chrono::steady_clock;

	bool is_proven() const { return m_stage >= stage::proven; }
	bool hold(std::optional<held_messages::first> first = {});
	bool refuse_early();
	void challenge(lt::bdecode_node const& h);
	void judge(lt::span<char const> body);
	void admit();
	void hang_up(room_refusal why);
	connection_end our_end() const;
	proven_connection connection() const;

	std::shared_ptr<room_guard const> m_guard;
	lt::peer_connection_handle m_connection;
	std::vector<std::shared_ptr<lt::peer_plugin>> m_of_member; // until it is one
	std::vector<char> m_reserved; // bytes of its handshake
	std::optional<clock::time_point> m_met; // when that came
	stage m_stage = stage::met;
	std::optional<room_nonce> m_nonce = make_room_nonce();
	room_nonce m_peers_nonce{};
	std::optional<room_refusal> m_verdict; // on a proof that was not good
	std::uint8_t m_message_id = 0; // under which the peer receives the proof
	held_messages m_held;
};

} // namespace rawswarm
