// SPDX-License-Identifier: BSD-3-Clause
#include "agent/web_seed/web_seed_plugin.hpp"

#include "agent/bittorrent/peer_message.hpp"
#include "agent/web_seed/web_seed_claims.hpp"

#include <libtorrent/bdecode.hpp>
#include <libtorrent/entry.hpp>
#include <libtorrent/peer_connection_handle.hpp>

#include <cstdint>
#include <utility>
#include <vector>

namespace rawswarm
{

namespace
{

constexpr char const* message_name = "rs_claim";
constexpr char const* number_key = "rs_number";
constexpr int message_id = 61; // that peers send it to us with; any that no other extension uses

// More is no message of ours: it has at most as many entries as an agent fetches pieces.
constexpr int most_bytes = 512;

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
		h["m"][message_name] = message_id;
		h[number_key] = static_cast<std::int64_t>(m_claims->own_number());
	}

	// Peers that do not know the message stay: what they have counts.
	bool on_extension_handshake(lt::bdecode_node const& h) override
	{
		auto const messages =
			h.type() == lt::bdecode_node::dict_t ? h.dict_find_dict("m") : lt::bdecode_node();
		auto const id = messages ? messages.dict_find_int_value(message_name, 0) : 0;
		if (id > 0 && id <= 255 && !m_left)
		{
			m_their_id = static_cast<std::uint8_t>(id);
			m_claims->is_member(
				m_peer, static_cast<std::uint64_t>(h.dict_find_int_value(number_key, 0)), *this);
		}
		return true;
	}

	bool on_extended(int const length, int const msg, lt::span<char const> const body) override
	{
		if (msg != message_id)
		{
			return false;
		}
		// called for each part of a message that comes in several; the last time with all of it
		if (!m_left && length <= most_bytes && body.size() == length)
		{
			m_claims->heard(m_peer, {body.data(), static_cast<std::size_t>(length)});
		}
		return true;
	}

	bool on_have(lt::piece_index_t const piece) override
	{
		with(piece, [this](web_seed_knowledge& room, std::size_t const p) { room.peer_got(m_peer, p); });
		return false;
	}

	bool on_dont_have(lt::piece_index_t const piece) override
	{
		with(piece, [this](web_seed_knowledge& room, std::size_t const p) { room.peer_lost(m_peer, p); });
		return false;
	}

	bool on_bitfield(lt::bitfield const& bits) override
	{
		std::vector<bool> pieces(bits.begin(), bits.end());
		learn([&](web_seed_knowledge& room) { room.peer_has(m_peer, std::move(pieces)); });
		return false;
	}

	bool on_have_all() override
	{
		learn([this](
				  web_seed_knowledge& room) { room.peer_has(m_peer, std::vector<bool>(room.size(), true)); });
		return false;
	}

	bool on_have_none() override
	{
		learn([this](web_seed_knowledge& room) { room.peer_has(m_peer, {}); });
		return false;
	}

	void on_disconnect(lt::error_code const&) override { leave(); }

	void send(std::span<char const> const body) override
	{
		if (m_connection.is_disconnecting())
		{
			return;
		}
		auto const message = extension_message(m_their_id, {body.data(), body.size()});
		m_connection.send_buffer(message.data(), static_cast<int>(message.size()));
	}

private:
	template <class F>
	void learn(F f)
	{
		if (!m_left)
		{
			m_claims->learn(f);
		}
	}

	// Numbers come as they were sent.
	template <class F>
	void with(lt::piece_index_t const piece, F f)
	{
		auto const number = static_cast<int>(piece);
		learn([&](web_seed_knowledge& room) {
			if (number >= 0 && static_cast<std::size_t>(number) < room.size())
			{
				f(room, static_cast<std::size_t>(number));
			}
		});
	}

	void leave()
	{
		if (!std::exchange(m_left, true))
		{
			m_claims->left(m_peer, *this);
		}
	}

	std::shared_ptr<web_seed_claims> m_claims;
	lt::peer_connection_handle m_connection;
	web_seed_knowledge::peer m_peer;
	std::uint8_t m_their_id = 0;
	bool m_left = false;
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

	void on_piece_pass(lt::piece_index_t const piece) override
	{
		m_claims->piece_passed(static_cast<std::size_t>(static_cast<int>(piece)));
	}

	void on_piece_failed(lt::piece_index_t const piece) override
	{
		m_claims->piece_failed(static_cast<std::size_t>(static_cast<int>(piece)));
	}

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
