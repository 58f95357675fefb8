// SPDX-License-Identifier: BSD-3-Clause
#include "agent/web_seed/web_seed_plugin.hpp"

#include "agent/bittorrent/extension_handshake.hpp"
#include "agent/bittorrent/peer_message.hpp"
#include "agent/bittorrent/piece_number.hpp"
#include "agent/web_seed/claim_message.hpp"
#include "agent/web_seed/web_seed_claims.hpp"

#include <libtorrent/bdecode.hpp>
#include <libtorrent/entry.hpp>
#include <libtorrent/peer_connection_handle.hpp>
#include <libtorrent/peer_request.hpp>

#include <cstdint>
#include <utility>
#include <vector>

namespace rawswarm
{

namespace
{

class peer_link final
	: public lt::peer_plugin
	, public web_claims_listener
{
public:
	peer_link(std::shared_ptr<web_seed_claims> claims, lt::peer_connection_handle peer)
		: m_claims(std::move(claims))
		, m_connection(std::move(peer))
		, m_peer(m_claims->joined())
	{}

	~peer_link() override { leave(); }
	peer_link(peer_link const&) = delete;
	peer_link& operator=(peer_link const&) = delete;

	void add_handshake(lt::entry& h) override
	{
		h["m"][claim_message_name] = claim_message_id;
		h[agent_id_key] = static_cast<std::int64_t>(m_claims->agent_id());
	}

	// True: the plugin stays with peers that do not know the message, as what they have counts.
	bool on_extension_handshake(lt::bdecode_node const& h) override
	{
		auto const id = extension_id(h, claim_message_name);
		if (id != 0 && m_peers_id == 0) // a further handshake says nothing new
		{
			m_peers_id = id;
			auto const agent_id = static_cast<std::uint64_t>(h.dict_find_int_value(agent_id_key, 0));
			report([&](web_seed_claims& c) { c.is_member(m_peer, agent_id, *this); });
		}
		return true;
	}

	bool on_extended(int const length, int const id, lt::span<char const> const body) override
	{
		if (id != claim_message_id)
		{
			return false;
		}
		// libtorrent calls this for each part that arrives, each time with all that is there by then
		auto const size = static_cast<std::size_t>(body.size());
		if (body.size() == length && size <= max_claim_message_bytes)
		{
			report([&](web_seed_claims& c) { c.heard(m_peer, {body.data(), size}); });
		}
		return true;
	}

	bool on_have(lt::piece_index_t const piece) override
	{
		report([&](web_seed_claims& c) { c.peer_got(m_peer, number_of(piece)); });
		return false;
	}

	bool on_dont_have(lt::piece_index_t const piece) override
	{
		report([&](web_seed_claims& c) { c.peer_lost(m_peer, number_of(piece)); });
		return false;
	}

	bool on_bitfield(lt::bitfield const& bits) override
	{
		report([&](web_seed_claims& c) { c.peer_has(m_peer, {bits.begin(), bits.end()}); });
		return false;
	}

	bool on_have_all() override
	{
		report([&](web_seed_claims& c) { c.peer_has_all(m_peer); });
		return false;
	}

	bool on_have_none() override
	{
		report([&](web_seed_claims& c) { c.peer_has(m_peer, {}); });
		return false;
	}

	void sent_request(lt::peer_request const&) override { ++m_requests; }

	// Unasked blocks do not count: anyone can send those.
	bool on_piece(lt::peer_request const& r, lt::span<char const>) override
	{
		if (m_requests > 0)
		{
			--m_requests;
			m_delivered += r.length;
		}
		return false;
	}

	// Once a second, which is as often as what peers delivered is looked at.
	void tick() override { report_delivered(); }

	void on_disconnect(lt::error_code const&) override { leave(); }

	void send(std::span<char const> const body) override
	{
		if (m_connection.is_disconnecting())
		{
			return;
		}
		auto const message = extension_message(m_peers_id, {body.data(), body.size()});
		m_connection.send_buffer(message.data(), static_cast<int>(message.size()));
	}

private:
	template <class F>
	void report(F const f)
	{
		if (!m_has_left) // the claims know the peer no more
		{
			f(*m_claims);
		}
	}

	void report_delivered()
	{
		if (auto const bytes = std::exchange(m_delivered, 0); bytes > 0)
		{
			report([&](web_seed_claims& c) { c.delivered(m_peer, bytes); });
		}
	}

	void leave()
	{
		report_delivered(); // who has delivered is no liar
		if (!std::exchange(m_has_left, true))
		{
			m_claims->left(m_peer, *this);
		}
	}

	std::shared_ptr<web_seed_claims> m_claims;
	lt::peer_connection_handle m_connection;
	web_seed_knowledge::peer m_peer;
	std::uint8_t m_peers_id = 0; // under which it receives the message; 0: it does not know it
	std::int64_t m_requests = 0; // sent, and not answered by a block
	std::int64_t m_delivered = 0; // bytes, that the claims do not know of yet
	bool m_has_left = false;
};

class torrent_link final : public lt::torrent_plugin
{
public:
	explicit torrent_link(std::shared_ptr<web_seed_claims> claims)
		: m_claims(std::move(claims))
	{}

	std::shared_ptr<lt::peer_plugin> new_connection(lt::peer_connection_handle const& peer) override
	{
		if (peer.type() != lt::connection_type::bittorrent)
		{
			return {};
		}
		return std::make_shared<peer_link>(m_claims, peer);
	}

	void on_piece_pass(lt::piece_index_t const piece) override { m_claims->piece_passed(number_of(piece)); }

	void on_piece_failed(lt::piece_index_t const piece) override { m_claims->piece_failed(number_of(piece)); }

	void on_files_checked() override { m_claims->ready(); }

private:
	std::shared_ptr<web_seed_claims> m_claims;
};

} // namespace

std::shared_ptr<lt::torrent_plugin> make_web_seed_plugin(std::shared_ptr<web_seed_claims> claims)
{
	return std::make_shared<torrent_link>(std::move(claims));
}

} // namespace rawswarm
