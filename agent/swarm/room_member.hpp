// SPDX-License-Identifier: BSD-3-Clause
// One connection of a room. Its other end may be any program; is_member() says whether it is one of ours.
// What members do is described in room_plugin.hpp.
//
// Lives in libtorrent's network thread and is called there. libtorrent owns it, as long as its connection.
#pragma once

#include "agent/swarm/room_context.hpp"

#include <libtorrent/bdecode.hpp>
#include <libtorrent/entry.hpp>
#include <libtorrent/error_code.hpp>
#include <libtorrent/extensions.hpp>
#include <libtorrent/peer_connection_handle.hpp>
#include <libtorrent/peer_request.hpp>
#include <libtorrent/socket.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace rawswarm
{

class room_member final : public lt::peer_plugin
{
public:
	// number: of the connection, in this room.
	room_member(std::shared_ptr<room_context> r, lt::peer_connection_handle c, std::uint64_t number);

	bool on_handshake(lt::span<char const> reserved) override;
	void add_handshake(lt::entry& h) override;
	bool on_extension_handshake(lt::bdecode_node const& h) override;
	bool on_extended(int length, int id, lt::span<char const> body) override;
	bool on_have_all() override;
	bool on_bitfield(lt::bitfield const& bits) override;
	bool on_have(lt::piece_index_t piece) override;
	void sent_piece(lt::peer_request const& r) override;
	bool can_disconnect(lt::error_code const& ec) override;
	void on_disconnect(lt::error_code const& ec) override;

	// We opened it, to this address.
	bool has_dialled(lt::tcp::endpoint const& e) const;

	bool is_member() const { return m_message_id != 0; }
	std::int64_t agent() const { return m_agent; } // 0: not known
	bool is_disconnecting() const { return m_connection.is_disconnecting(); }
	bool is_needy() const;
	bool is_unanswered() const; // we dialled, and the handshake has not come in
	std::optional<lt::tcp::endpoint> const& listens_at() const { return m_listens_at; }

	// Tells the other end that we have the piece.
	void reveal(int piece);

	void send_addresses(std::vector<lt::tcp::endpoint> const& addresses);

private:
	void send(std::string const& message);
	void hang_up();
	void keep_one_address();
	void keep_one_of_two();
	std::pair<lt::address, lt::address> addresses() const;
	void met(lt::tcp::endpoint const& listens_at);

	std::shared_ptr<room_context> m_room;
	lt::peer_connection_handle m_connection;
	std::uint64_t m_number;
	std::int64_t m_agent = 0; // the random number of the program at the other end
	std::uint8_t m_message_id = 0; // under which the peer receives the message; 0: it does not know it
	bool m_is_source = false;
	bool m_has_greeted = false; // its extension handshake has come
	bool m_has_introduced = false; // its addresses have come
	bool m_hides = false; // a source that has not yet said what it has
	std::optional<lt::tcp::endpoint> m_listens_at;
	std::optional<lt::tcp::endpoint> m_met; // the contact that was reported as opened
};

} // namespace rawswarm
