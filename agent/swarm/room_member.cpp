// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/room_member.hpp"

#include "agent/bittorrent/extension_handshake.hpp"
#include "agent/bittorrent/libtorrent_internals.hpp"
#include "agent/bittorrent/peer_message.hpp"
#include "agent/swarm/peer_addresses.hpp"
#include "agent/swarm/super_seed.hpp"

#include <libtorrent/operations.hpp>

#include <algorithm>

namespace rawswarm
{

room_member::room_member(
	std::shared_ptr<room_context> r, lt::peer_connection_handle c, std::uint64_t const number)
	: m_room(std::move(r))
	, m_connection(std::move(c))
	, m_number(number)
{}

bool room_member::on_handshake(lt::span<char const>)
{
	if (m_connection.is_outgoing())
	{
		confirm_address(m_connection);
		met(m_connection.remote());
	}
	return true;
}

void room_member::add_handshake(lt::entry& h)
{
	h["m"][room_message_name] = room_message_id;
	h[agent_id_key] = m_room->number();
	auto const here = m_connection.local_endpoint().address();
	auto const port = listen_port(m_room->torrent(), here);
	if (port != 0)
	{
		m_room->add_own_address({here, port});
	}
	if (m_connection.is_outgoing() && port != 0)
	{
		h["p"] = port; // libtorrent leaves it out over IPv6
	}
	if (m_room->is_source())
	{
		h[source_key] = 1;
	}
}

// A further handshake says nothing new of a member, and is not answered: a peer that repeats it and reads
// nothing would fill the memory with answers.
bool room_member::on_extension_handshake(lt::bdecode_node const& h)
{
	if (m_connection.is_disconnecting() || std::exchange(m_has_greeted, true))
	{
		return true;
	}
	m_message_id = extension_id(h, room_message_name);
	auto const port = h.dict_find_int_value("p"); // where the peer listens (BEP 10)
	if (port > 0 && port < 65536)
	{
		m_listens_at.emplace(m_connection.remote().address(), static_cast<std::uint16_t>(port));
		met(*m_listens_at);
	}
	if (!is_member())
	{
		return true; // the plugin stays, as the pieces of every peer count
	}
	m_agent = h.dict_find_int_value(agent_id_key);
	m_is_source = m_hides = h.dict_find_int_value(source_key) != 0;
	keep_one_of_two();
	keep_one_address();
	if (m_connection.is_disconnecting())
	{
		return true;
	}
	m_room->welcome(m_number);
	m_room->update_seed([&](super_seed& s) { s.join(m_number, true); });
	return true;
}

bool room_member::on_extended(int const length, int const id, lt::span<char const> const body)
{
	if (id != room_message_id || !is_member())
	{
		return false;
	}
	if (!m_room->introduces() || m_has_introduced)
	{
		return true; // a member introduces once in a connection
	}
	// libtorrent calls this for each part that arrives, each time with all that is there by then
	if (static_cast<int>(body.size()) == length)
	{
		m_has_introduced = true;
		m_room->introduced(read_addresses({body.data(), static_cast<std::size_t>(body.size())}));
	}
	return true;
}

// True keeps the message from libtorrent: a source that hides has nothing for us until it reveals it. A
// second HAVE_ALL is taken at its word.
bool room_member::on_have_all()
{
	m_room->update_seed([&](super_seed& s) {
		s.join(m_number, is_member());
		s.peer_got_all(m_number);
	});
	return std::exchange(m_hides, false);
}

bool room_member::on_bitfield(lt::bitfield const& bits)
{
	m_room->update_seed([&](super_seed& s) {
		s.join(m_number, is_member());
		if (bits.all_set())
		{
			s.peer_got_all(m_number);
			return;
		}
		for (int i = 0; i < bits.size(); ++i)
		{
			if (bits.get_bit(i))
			{
				s.peer_got(m_number, i);
			}
		}
	});
	return std::exchange(m_hides, false);
}

// True keeps it from all others: that a peer has a piece is told once. To look for what to ask of it, or what
// to reveal, takes far longer than to send nine bytes, so a peer that repeats them would have all of our
// time.
bool room_member::on_have(lt::piece_index_t const piece)
{
	if (has_told_of(m_connection, piece))
	{
		return true;
	}
	m_room->update_seed([&](super_seed& s) {
		s.join(m_number, is_member());
		s.peer_got(m_number, static_cast<int>(piece));
	});
	if (!m_room->is_source())
	{
		ask_soon(m_connection);
	}
	return false;
}

void room_member::sent_piece(lt::peer_request const& r)
{
	m_room->sent_block(m_number, static_cast<int>(r.piece));
}

// libtorrent disconnects upload-only peers that have nothing for it. A source that has revealed nothing
// yet looks like one.
bool room_member::can_disconnect(lt::error_code const& ec)
{
	return ec != lt::errors::uninteresting_upload_peer && ec != lt::errors::timed_out_no_interest;
}

void room_member::on_disconnect(lt::error_code const& ec)
{
	if (ec == lt::errors::self_connection)
	{
		m_room->add_own_address(m_connection.local_endpoint());
	}
	if (ec == lt::errors::duplicate_peer_id || m_room->find_other(*this) != nullptr
		|| m_room->is_own_address(m_connection.remote()))
	{
		forget_address(m_connection);
	}
	if (m_met)
	{
		m_room->contact(*m_met, peer_contact::closed, ec);
	}
	else if (m_connection.is_outgoing())
	{
		m_room->contact(m_connection.remote(), peer_contact::failed, ec);
	}
	m_room->left(m_number);
}

bool room_member::has_dialled(lt::tcp::endpoint const& e) const
{
	return m_connection.is_outgoing() && !m_connection.is_disconnecting() && m_connection.remote() == e;
}

void room_member::hang_up()
{
	m_connection.disconnect(lt::errors::duplicate_peer_id, lt::operation_t::bittorrent);
}

bool room_member::is_needy() const
{
	return m_met && !m_is_source && !m_connection.is_disconnecting() && !m_connection.is_seed();
}

bool room_member::is_unanswered() const
{
	return m_connection.is_outgoing() && !m_met && !m_connection.is_disconnecting();
}

void room_member::reveal(int const piece)
{
	send(have_message(static_cast<std::uint32_t>(piece)));
}

void room_member::send_addresses(std::vector<lt::tcp::endpoint> const& addresses)
{
	send(extension_message(m_message_id, write_addresses(addresses)));
}

void room_member::send(std::string const& message)
{
	m_connection.send_buffer(message.data(), static_cast<int>(message.size()));
}

// A machine with several addresses may be met at each of them. Both ends keep the connection between the
// lowest addresses, IPv4 before IPv6.
void room_member::keep_one_address()
{
	auto const other = m_room->find_other(*this);
	if (!other || other->m_connection.remote().address() == m_connection.remote().address())
	{
		return; // the second of one address is left to keep_one_of_two()
	}
	if (addresses() < other->addresses())
	{
		other->hang_up();
		return;
	}
	hang_up();
}

// Of both ends, the lower one first: the same at both.
std::pair<lt::address, lt::address> room_member::addresses() const
{
	return std::minmax({m_connection.local_endpoint().address(), m_connection.remote().address()});
}

// listens_at: the address by which the job or others know the peer.
void room_member::met(lt::tcp::endpoint const& listens_at)
{
	if (!m_met)
	{
		m_met = listens_at;
		m_room->contact(listens_at, peer_contact::opened, {});
	}
}

// If two members dial each other at once, in libtorrent each hangs up the call that comes in, and both
// try again a second later. Here both keep the call of the member whose listening address is lower: the
// one that receives it hangs up its own call, and the other one's libtorrent hangs up the call that comes
// in by itself.
void room_member::keep_one_of_two()
{
	if (m_connection.is_outgoing() || !m_listens_at)
	{
		return;
	}
	auto const ours = m_room->dialled(*m_listens_at);
	auto const here = m_connection.local_endpoint().address();
	lt::tcp::endpoint const we(here, listen_port(m_room->torrent(), here));
	if (ours && *m_listens_at < we)
	{
		ours->hang_up();
	}
}

} // namespace rawswarm
