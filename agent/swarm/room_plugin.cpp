// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/room_plugin.hpp"

#include "agent/bittorrent/libtorrent_internals.hpp"
#include "agent/bittorrent/peer_message.hpp"
#include "agent/swarm/peer_addresses.hpp"
#include "agent/swarm/super_seed.hpp"

#include <libtorrent/bdecode.hpp>
#include <libtorrent/entry.hpp>
#include <libtorrent/error_code.hpp>
#include <libtorrent/extensions.hpp>
#include <libtorrent/operations.hpp>
#include <libtorrent/peer_connection_handle.hpp>
#include <libtorrent/peer_request.hpp>
#include <libtorrent/torrent_handle.hpp>
#include <libtorrent/torrent_info.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace rawswarm
{

namespace
{

constexpr char const* extension_name = "rs_room";
constexpr char const* source_key = "rs_source";
constexpr int our_message_id = 60; // by which others address the extension to us; free to choose (BEP 10)

class room_member;

// One torrent.
class room final
	: public lt::torrent_plugin
	, public std::enable_shared_from_this<room>
{
public:
	room(lt::torrent_handle torrent, room_options options)
		: m_torrent(std::move(torrent))
		, m_options(std::move(options))
	{
		if (m_options.is_source)
		{
			auto const info = m_torrent.torrent_file();
			m_seed.emplace(info->num_pieces(), info->blocks_per_piece());
		}
	}

	std::shared_ptr<lt::peer_plugin> new_connection(lt::peer_connection_handle const& c) override;
	void tick() override; // once a second

	lt::torrent_handle const& torrent() const { return m_torrent; }
	bool is_source() const { return m_options.is_source; }

	void welcome(std::uint64_t newcomer);
	std::shared_ptr<room_member> dialled(lt::tcp::endpoint const& e) const;
	void left(std::uint64_t number);

	void sent(std::uint64_t number, int piece); // a block of it

	// F is called with the super_seed, if this is a source; what follows from it is shown.
	template <class F>
	void note(F const f)
	{
		if (m_seed)
		{
			f(*m_seed);
			show();
		}
	}

private:
	void show();
	std::shared_ptr<room_member> member(std::uint64_t number) const;

	lt::torrent_handle m_torrent;
	room_options m_options;
	std::optional<super_seed> m_seed;
	bool m_said_out = false;
	std::uint64_t m_connections = 0;
	std::map<std::uint64_t, std::weak_ptr<room_member>> m_members; // by the number of the connection
};

// One connection, whatever program is at its other end.
class room_member final : public lt::peer_plugin
{
public:
	room_member(std::shared_ptr<room> r, lt::peer_connection_handle c, std::uint64_t const number)
		: m_room(std::move(r))
		, m_connection(std::move(c))
		, m_number(number)
	{}

	void add_handshake(lt::entry& h) override
	{
		h["m"][extension_name] = our_message_id;
		if (m_room->is_source())
		{
			h[source_key] = 1;
		}
	}

	bool on_extension_handshake(lt::bdecode_node const& h) override
	{
		auto const names = h.dict_find_dict("m");
		auto const id = names ? names.dict_find_int_value(extension_name) : 0;
		m_message_id = id > 0 && id < 256 ? static_cast<std::uint8_t>(id) : std::uint8_t(0);
		if (!is_member())
		{
			return true; // its pieces count
		}
		m_hides = h.dict_find_int_value(source_key) != 0;
		auto const port = h.dict_find_int_value("p"); // where it listens, BEP 10
		if (port > 0 && port < 65536)
		{
			m_listens_at.emplace(m_connection.remote().address(), static_cast<std::uint16_t>(port));
		}
		keep_one_of_two();
		m_room->welcome(m_number);
		m_room->note([&](super_seed& s) { s.join(m_number, true); });
		return true;
	}

	bool on_extended(int const length, int const id, lt::span<char const> const body) override
	{
		if (id != our_message_id || !is_member())
		{
			return false;
		}
		if (static_cast<int>(body.size()) == length) // it is called for each part that arrives
		{
			dial_now(m_room->torrent(), read_addresses({body.data(), static_cast<std::size_t>(body.size())}));
		}
		return true;
	}

	// A source that hides has nothing for us until it shows it. Said a second time, it has all.
	bool on_have_all() override
	{
		m_room->note([&](super_seed& s) {
			s.join(m_number, is_member());
			s.has_all(m_number);
		});
		return std::exchange(m_hides, false);
	}

	bool on_bitfield(lt::bitfield const& bits) override
	{
		m_room->note([&](super_seed& s) {
			s.join(m_number, is_member());
			for (int i = 0; i < bits.size(); ++i)
			{
				if (bits.get_bit(i))
				{
					s.has(m_number, i);
				}
			}
		});
		return std::exchange(m_hides, false);
	}

	bool on_have(lt::piece_index_t const piece) override
	{
		m_room->note([&](super_seed& s) {
			s.join(m_number, is_member());
			s.has(m_number, static_cast<int>(piece));
		});
		if (!m_room->is_source())
		{
			ask_soon(m_connection);
		}
		return false;
	}

	void sent_piece(lt::peer_request const& r) override { m_room->sent(m_number, static_cast<int>(r.piece)); }

	// A source that has shown nothing yet looks like an upload-only peer that is of no use.
	bool can_disconnect(lt::error_code const& ec) override
	{
		return ec != lt::errors::uninteresting_upload_peer && ec != lt::errors::timed_out_no_interest;
	}

	void on_disconnect(lt::error_code const&) override { m_room->left(m_number); }

	bool has_dialled(lt::tcp::endpoint const& e) const
	{
		return m_connection.is_outgoing() && !m_connection.is_disconnecting() && m_connection.remote() == e;
	}

	void hang_up() { m_connection.disconnect(lt::errors::duplicate_peer_id, lt::operation_t::bittorrent); }

	bool is_member() const { return m_message_id != 0; }
	std::optional<lt::tcp::endpoint> const& listens_at() const { return m_listens_at; }

	void show(int const piece) { send(have_message(static_cast<std::uint32_t>(piece))); }

	void tell(std::string const& text) { send(extension_message(m_message_id, text)); }

private:
	void send(std::string const& message)
	{
		m_connection.send_buffer(message.data(), static_cast<int>(message.size()));
	}

	// Two that dial each other at once both hang up the other's call in libtorrent, and try again a second
	// later. Here the call of the lower address counts. (What comes in is hung up by libtorrent if we keep
	// ours.)
	void keep_one_of_two()
	{
		if (m_connection.is_outgoing() || !m_listens_at)
		{
			return;
		}
		auto const ours = m_room->dialled(*m_listens_at);
		lt::tcp::endpoint const we(m_connection.local_endpoint().address(), listen_port(m_room->torrent()));
		if (ours && *m_listens_at < we)
		{
			ours->hang_up();
		}
	}

	std::shared_ptr<room> m_room;
	lt::peer_connection_handle m_connection;
	std::uint64_t m_number;
	std::uint8_t m_message_id = 0; // 0: it does not know the extension
	bool m_hides = false;
	std::optional<lt::tcp::endpoint> m_listens_at;
};

std::shared_ptr<lt::peer_plugin> room::new_connection(lt::peer_connection_handle const& c)
{
	auto const number = ++m_connections;
	auto member = std::make_shared<room_member>(shared_from_this(), c, number);
	m_members[number] = member;
	return member;
}

void room::tick()
{
	note([](super_seed&) {}); // peers may be stuck
}

std::shared_ptr<room_member> room::member(std::uint64_t const number) const
{
	auto const it = m_members.find(number);
	return it == m_members.end() ? nullptr : it->second.lock();
}

std::shared_ptr<room_member> room::dialled(lt::tcp::endpoint const& e) const
{
	for (auto const& [number, weak] : m_members)
	{
		auto m = weak.lock();
		if (m && m->has_dialled(e))
		{
			return m;
		}
	}
	return nullptr;
}

void room::left(std::uint64_t const number)
{
	m_members.erase(number);
	note([&](super_seed& s) { s.leave(number); });
}

void room::welcome(std::uint64_t const newcomer)
{
	std::vector<lt::tcp::endpoint> others;
	for (auto const& [number, weak] : m_members)
	{
		auto const m = weak.lock();
		if (m && number != newcomer && m->listens_at())
		{
			others.push_back(*m->listens_at());
		}
	}
	if (!others.empty())
	{
		member(newcomer)->tell(write_addresses(others));
	}
}

void room::sent(std::uint64_t const number, int const piece)
{
	if (m_seed && m_seed->sent_block(number, piece, super_seed::clock::now()))
	{
		show();
	}
}

void room::show()
{
	for (auto const& offer : m_seed->next(super_seed::clock::now()))
	{
		if (auto const m = member(offer.to))
		{
			m->show(offer.piece);
		}
	}
	if (m_seed->is_out() && !m_said_out && m_options.on_all_out)
	{
		m_options.on_all_out();
	}
	m_said_out = m_seed->is_out();
}

} // namespace

plugin_factory room_plugin(room_options const& options)
{
	return [options](lt::torrent_handle const& torrent, lt::client_data_t) {
		return std::make_shared<room>(torrent, options);
	};
}

} // namespace rawswarm
