// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/guarded_peer.hpp"

#include "agent/bittorrent/extension_handshake.hpp"
#include "agent/bittorrent/peer_message.hpp"
#include "agent/log/log.hpp"
#include "agent/net/endpoint.hpp"

#include <libtorrent/operations.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

namespace rawswarm
{

namespace
{

// From its handshake on. A member answers at once; a machine that boots may be busy.
constexpr std::chrono::seconds longest_wait{5};

// Of the reserved bytes of a handshake, the bit of the extension protocol (BEP 10).
constexpr std::ptrdiff_t extension_byte = 5;
constexpr unsigned extension_bit = 0x10;

// The last plugin of a connection, so that all others have read the full handshake before it. Libtorrent
// drops it then.
class last_reader final : public lt::peer_plugin
{
public:
	explicit last_reader(std::weak_ptr<guarded_peer> guard)
		: m_guard(std::move(guard))
	{}

	bool on_extension_handshake(lt::bdecode_node const&) override
	{
		if (auto const g = m_guard.lock())
		{
			g->open();
		}
		return false;
	}

private:
	std::weak_ptr<guarded_peer> m_guard;
};

} // namespace

guarded_peer::guarded_peer(std::shared_ptr<room_guard const> guard, lt::peer_connection_handle c,
	std::vector<std::shared_ptr<lt::peer_plugin>> of_member)
	: m_guard(std::move(guard))
	, m_connection(std::move(c))
	, m_of_member(std::move(of_member))
{}

bool guarded_peer::on_handshake(lt::span<char const> const reserved)
{
	m_met = clock::now();
	m_reserved.assign(reserved.begin(), reserved.end());
	bool const extends = reserved.size() > extension_byte
		&& (static_cast<unsigned char>(reserved[extension_byte]) & extension_bit) != 0;
	if (!extends || !m_nonce)
	{
		hang_up(room_refusal::no_proof);
	}
	return true;
}

// This is the first plugin: until the proof, all that is there is what libtorrent says by itself. Its port
// above all must not be said twice, as libtorrent closes one of two connections when it learns of it.
void guarded_peer::add_handshake(lt::entry& h)
{
	if (is_proven() || !m_nonce)
	{
		return;
	}
	auto& messages = h["m"].dict(); // libtorrent refers to it, so it must stay
	messages.clear();
	messages[proof_message_name] = proof_message_id;
	std::erase_if(h.dict(), [](auto const& pair) { return pair.first != "m"; });
	h[nonce_key] = std::string(m_nonce->begin(), m_nonce->end());
}

bool guarded_peer::on_extension_handshake(lt::bdecode_node const& h)
{
	if (m_stage == stage::met)
	{
		challenge(h);
	}
	else if (m_stage == stage::challenged)
	{
		hang_up(m_verdict.value_or(room_refusal::no_proof)); // a member's full one comes behind its proof
	}
	return true;
}

void guarded_peer::challenge(lt::bdecode_node const& h)
{
	auto const nonce = h.dict_find_string_value(nonce_key);
	m_message_id = extension_id(h, proof_message_name);
	// More in it is for libtorrent, which would listen: to requests to connect to others, to another's port.
	auto const messages = h.dict_find_dict("m");
	bool const says_more = h.dict_size() != 2 || !messages || messages.dict_size() != 1;
	if (says_more || m_message_id == 0 || !m_nonce || nonce.size() != m_peers_nonce.size())
	{
		hang_up(room_refusal::no_proof);
		return;
	}
	std::ranges::copy(nonce, m_peers_nonce.begin());
	m_stage = stage::challenged;
	auto const message =
		extension_message(m_message_id, make_room_proof(m_guard->key, our_end(), connection()));
	m_connection.send_buffer(message.data(), static_cast<int>(message.size()));
}

// libtorrent calls this for each part that arrives, each time with all that is there by then.
bool guarded_peer::on_extended(int const length, int const id, lt::span<char const> const body)
{
	if (id != proof_message_id)
	{
		return !is_proven();
	}
	if (!is_proven() && static_cast<int>(body.size()) == length)
	{
		judge(body);
	}
	return true;
}

void guarded_peer::judge(lt::span<char const> const body)
{
	if (m_stage != stage::challenged)
	{
		hang_up(room_refusal::no_proof);
		return;
	}
	if (m_verdict)
	{
		return; // one guess a connection
	}
	auto const theirs =
		our_end() == connection_end::dialler ? connection_end::accepter : connection_end::dialler;
	switch (judge_room_proof(
		{body.data(), static_cast<std::size_t>(body.size())}, m_guard->key, theirs, connection()))
	{
	case proof_verdict::good: admit(); break;
	case proof_verdict::wrong: m_verdict = room_refusal::wrong_proof; break;
	case proof_verdict::relayed: m_verdict = room_refusal::relayed_proof; break;
	}
}

void guarded_peer::admit()
{
	m_stage = stage::proven;
	for (auto& p : std::exchange(m_of_member, {}))
	{
		if (p->on_handshake({m_reserved.data(), static_cast<std::ptrdiff_t>(m_reserved.size())}))
		{
			add_plugin(m_connection, std::move(p));
		}
	}
	add_plugin(m_connection, std::make_shared<last_reader>(weak_from_this()));
	greet_again(m_connection);
}

void guarded_peer::open()
{
	if (m_stage == stage::proven)
	{
		m_stage = stage::open;
		deliver(m_connection, std::exchange(m_held, {}));
	}
}

void guarded_peer::on_disconnect(lt::error_code const& ec)
{
	auto const why = m_verdict ? make_error_code(*m_verdict) : ec; // it may hang up for the same reason
	for (auto const& p : std::exchange(m_of_member, {}))
	{
		p->on_disconnect(why);
	}
}

void guarded_peer::tick()
{
	if (m_verdict)
	{
		hang_up(*m_verdict); // by now it has our proof, and can say as well what is wrong
	}
	else if (m_stage != stage::open && m_met && clock::now() - *m_met > longest_wait)
	{
		hang_up(room_refusal::no_proof);
	}
}

void guarded_peer::hang_up(room_refusal const why)
{
	if (m_connection.is_disconnecting())
	{
		return;
	}
	auto const code = make_error_code(why);
	log::get(log::component::swarm)
		.debug("hung up on {}: {}", format_endpoint(m_connection.remote()), code.message());
	m_connection.disconnect(code, lt::operation_t::bittorrent);
}

connection_end guarded_peer::our_end() const
{
	return m_connection.is_outgoing() ? connection_end::dialler : connection_end::accepter;
}

proven_connection guarded_peer::connection() const
{
	auto const here = m_connection.local_endpoint();
	auto const there = m_connection.remote();
	auto const ours = m_nonce.value_or(room_nonce{});
	if (our_end() == connection_end::dialler)
	{
		return {m_guard->info_hash, ours, m_peers_nonce, here, there};
	}
	return {m_guard->info_hash, m_peers_nonce, ours, there, here};
}

// What the peer says of its pieces and of itself

// Whether the message waits. first: of the kinds that tell of all pieces.
bool guarded_peer::hold(std::optional<held_messages::first> const first)
{
	if (m_stage == stage::open)
	{
		return false;
	}
	m_held.had = first.value_or(m_held.had);
	m_held.news.resize(m_guard->pieces);
	return true;
}

bool guarded_peer::on_choke()
{
	if (!hold())
	{
		return false;
	}
	m_held.has_unchoked = false;
	return true;
}

bool guarded_peer::on_unchoke()
{
	if (!hold())
	{
		return false;
	}
	m_held.has_unchoked = true;
	return true;
}

bool guarded_peer::on_interested()
{
	if (!hold())
	{
		return false;
	}
	m_held.is_interested = true;
	return true;
}

bool guarded_peer::on_not_interested()
{
	if (!hold())
	{
		return false;
	}
	m_held.is_interested = false;
	return true;
}

bool guarded_peer::on_have(lt::piece_index_t const piece)
{
	if (!hold())
	{
		return false;
	}
	if (piece >= lt::piece_index_t(0) && piece < m_held.news.end_index())
	{
		m_held.news.set_bit(piece);
	}
	return true;
}

bool guarded_peer::on_dont_have(lt::piece_index_t const piece)
{
	if (!hold())
	{
		return false;
	}
	m_held.take_back(piece, m_guard->pieces);
	return true;
}

bool guarded_peer::on_bitfield(lt::bitfield const& bits)
{
	if (!hold(held_messages::first::bitfield))
	{
		return false;
	}
	m_held.pieces = lt::typed_bitfield<lt::piece_index_t>(bits);
	return true;
}

bool guarded_peer::on_have_all()
{
	return hold(held_messages::first::have_all);
}

bool guarded_peer::on_have_none()
{
	return hold(held_messages::first::have_none);
}

// What a member never sends before, and an outsider may not

bool guarded_peer::refuse_early()
{
	if (m_stage == stage::open)
	{
		return false;
	}
	hang_up(room_refusal::no_proof);
	return true;
}

bool guarded_peer::on_request(lt::peer_request const&)
{
	return refuse_early();
}

bool guarded_peer::on_piece(lt::peer_request const&, lt::span<char const>)
{
	return refuse_early();
}

// Of no use yet, and harmless

bool guarded_peer::on_allowed_fast(lt::piece_index_t)
{
	return m_stage != stage::open;
}

bool guarded_peer::on_suggest(lt::piece_index_t)
{
	return m_stage != stage::open;
}

bool guarded_peer::on_cancel(lt::peer_request const&)
{
	return m_stage != stage::open;
}

bool guarded_peer::on_reject(lt::peer_request const&)
{
	return m_stage != stage::open;
}

} // namespace rawswarm
