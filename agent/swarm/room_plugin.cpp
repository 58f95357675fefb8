// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/room_plugin.hpp"

#include "agent/bittorrent/extension_handshake.hpp"
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

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace rawswarm
{

namespace
{

class room_member;

// Not 0.
std::int64_t random_number()
{
	std::random_device source;
	std::uniform_int_distribution<std::int64_t> numbers(1, std::numeric_limits<std::int64_t>::max());
	return numbers(source);
}

// One torrent: all connections, with any programs at their other ends.
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
	void tick() override; // once per second

	lt::torrent_handle const& torrent() const { return m_torrent; }
	std::int64_t number() const { return m_number; } // by which members know us, whatever our address
	bool is_source() const { return m_options.is_source; }

	// Sends a newcomer the addresses of all other members.
	void welcome(std::uint64_t newcomer);

	// The connection that we opened to this address; null: there is none.
	std::shared_ptr<room_member> dialled(lt::tcp::endpoint const& e) const;

	// Addresses at which we listen, as far as they have been seen: others may tell us of them.
	void add_own_address(lt::tcp::endpoint const& a) { m_own_addresses.insert(a); }
	bool is_own_address(lt::tcp::endpoint const& a) const { return m_own_addresses.contains(a); }

	// Another open connection to the same agent; null: there is none.
	std::shared_ptr<room_member> find_other(room_member const& m) const;

	void left(std::uint64_t number);
	bool introduces() const { return m_options.introduces; }
	void contact(lt::tcp::endpoint const& peer, peer_contact what, lt::error_code const& why) const;
	void sent_block(std::uint64_t number, int piece);

	// Tells the super_seed what f says, if this is a source, and reveals what follows from it.
	template <class F>
	void update_seed(F const f)
	{
		if (m_seed)
		{
			f(*m_seed);
			reveal();
		}
	}

private:
	void reveal();
	void count_needy_peers();
	std::shared_ptr<room_member> member(std::uint64_t number) const;

	lt::torrent_handle m_torrent;
	room_options m_options;
	std::optional<super_seed> m_seed; // of a source
	bool m_was_distributed = false; // fully, when it was last looked at
	std::int64_t m_number = random_number();
	std::set<lt::tcp::endpoint> m_own_addresses;
	int m_needy_peers = 0;
	std::uint64_t m_connections = 0; // so far; each has its number from it
	std::map<std::uint64_t, std::weak_ptr<room_member>> m_members; // by number; weak, as they share the room
};

// One connection. Its other end may be any program; is_member() says whether it is one of ours.
class room_member final : public lt::peer_plugin
{
public:
	room_member(std::shared_ptr<room> r, lt::peer_connection_handle c, std::uint64_t const number)
		: m_room(std::move(r))
		, m_connection(std::move(c))
		, m_number(number)
	{}

	bool on_handshake(lt::span<char const>) override
	{
		if (m_connection.is_outgoing())
		{
			met(m_connection.remote());
		}
		return true;
	}

	void add_handshake(lt::entry& h) override
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

	bool on_extension_handshake(lt::bdecode_node const& h) override
	{
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

	bool on_extended(int const length, int const id, lt::span<char const> const body) override
	{
		if (id != room_message_id || !is_member())
		{
			return false;
		}
		if (!m_room->introduces())
		{
			return true;
		}
		// libtorrent calls this for each part that arrives, each time with all that is there by then
		if (static_cast<int>(body.size()) == length)
		{
			auto addresses = read_addresses({body.data(), static_cast<std::size_t>(body.size())});
			std::erase_if(addresses, [this](auto const& a) { return m_room->is_own_address(a); });
			dial_now(m_room->torrent(), addresses);
		}
		return true;
	}

	// True keeps the message from libtorrent: a source that hides has nothing for us until it reveals it. A
	// second HAVE_ALL is taken at its word.
	bool on_have_all() override
	{
		m_room->update_seed([&](super_seed& s) {
			s.join(m_number, is_member());
			s.peer_got_all(m_number);
		});
		return std::exchange(m_hides, false);
	}

	bool on_bitfield(lt::bitfield const& bits) override
	{
		m_room->update_seed([&](super_seed& s) {
			s.join(m_number, is_member());
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

	bool on_have(lt::piece_index_t const piece) override
	{
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

	void sent_piece(lt::peer_request const& r) override
	{
		m_room->sent_block(m_number, static_cast<int>(r.piece));
	}

	// libtorrent disconnects upload-only peers that have nothing for it. A source that has revealed nothing
	// yet looks like one.
	bool can_disconnect(lt::error_code const& ec) override
	{
		return ec != lt::errors::uninteresting_upload_peer && ec != lt::errors::timed_out_no_interest;
	}

	void on_disconnect(lt::error_code const& ec) override
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

	bool has_dialled(lt::tcp::endpoint const& e) const
	{
		return m_connection.is_outgoing() && !m_connection.is_disconnecting() && m_connection.remote() == e;
	}

	void hang_up() { m_connection.disconnect(lt::errors::duplicate_peer_id, lt::operation_t::bittorrent); }

	bool is_member() const { return m_message_id != 0; }
	std::int64_t agent() const { return m_agent; } // 0: not known
	bool is_disconnecting() const { return m_connection.is_disconnecting(); }
	bool is_needy() const
	{
		return m_met && !m_is_source && !m_connection.is_disconnecting() && !m_connection.is_seed();
	}
	std::optional<lt::tcp::endpoint> const& listens_at() const { return m_listens_at; }

	void reveal(int const piece) { send(have_message(static_cast<std::uint32_t>(piece))); }

	void send_addresses(std::vector<lt::tcp::endpoint> const& addresses)
	{
		send(extension_message(m_message_id, write_addresses(addresses)));
	}

private:
	void send(std::string const& message)
	{
		m_connection.send_buffer(message.data(), static_cast<int>(message.size()));
	}

	// A machine with several addresses may be met at each of them. Both ends keep the connection between the
	// lowest addresses, IPv4 before IPv6.
	void keep_one_address()
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
	std::pair<lt::address, lt::address> addresses() const
	{
		return std::minmax({m_connection.local_endpoint().address(), m_connection.remote().address()});
	}

	// listens_at: the address by which the job or others know the peer.
	void met(lt::tcp::endpoint const& listens_at)
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
	void keep_one_of_two()
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

	std::shared_ptr<room> m_room;
	lt::peer_connection_handle m_connection;
	std::uint64_t m_number;
	std::int64_t m_agent = 0; // the random number of the program at the other end
	std::uint8_t m_message_id = 0; // under which the peer receives the message; 0: it does not know it
	bool m_is_source = false;
	bool m_hides = false; // a source that has not yet said what it has
	std::optional<lt::tcp::endpoint> m_listens_at;
	std::optional<lt::tcp::endpoint> m_met; // the contact that was reported as opened
};

std::shared_ptr<lt::peer_plugin> room::new_connection(lt::peer_connection_handle const& c)
{
	forget_failures(c);
	auto const number = ++m_connections;
	auto member = std::make_shared<room_member>(shared_from_this(), c, number);
	m_members[number] = member;
	return member;
}

void room::tick()
{
	update_seed([](super_seed&) {}); // a peer may have got stuck, which only time tells
	count_needy_peers();
}

void room::count_needy_peers()
{
	int needy = 0;
	for (auto const& [number, weak] : m_members)
	{
		auto const m = weak.lock();
		needy += m && m->is_needy() ? 1 : 0;
	}
	if (std::exchange(m_needy_peers, needy) != needy && m_options.on_needy_peers)
	{
		m_options.on_needy_peers(needy);
	}
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

std::shared_ptr<room_member> room::find_other(room_member const& m) const
{
	for (auto const& [number, weak] : m_members)
	{
		auto other = weak.lock();
		if (other && other.get() != &m && m.agent() != 0 && other->agent() == m.agent()
			&& !other->is_disconnecting())
		{
			return other;
		}
	}
	return nullptr;
}

void room::left(std::uint64_t const number)
{
	m_members.erase(number);
	count_needy_peers();
	update_seed([&](super_seed& s) { s.leave(number); });
}

void room::contact(lt::tcp::endpoint const& peer, peer_contact const what, lt::error_code const& why) const
{
	if (m_options.on_contact)
	{
		m_options.on_contact(peer, what, why);
	}
}

void room::welcome(std::uint64_t const newcomer)
{
	std::vector<lt::tcp::endpoint> others;
	if (!m_options.introduces)
	{
		return;
	}
	auto const agent = member(newcomer)->agent();
	for (auto const& [number, weak] : m_members)
	{
		auto const m = weak.lock();
		if (m && number != newcomer && m->listens_at() && (m->agent() == 0 || m->agent() != agent))
		{
			others.push_back(*m->listens_at());
		}
	}
	if (!others.empty())
	{
		member(newcomer)->send_addresses(others);
	}
}

void room::sent_block(std::uint64_t const number, int const piece)
{
	if (m_seed && m_seed->sent_block(number, piece, super_seed::clock::now()))
	{
		reveal();
	}
}

void room::reveal()
{
	for (auto const& r : m_seed->next(super_seed::clock::now()))
	{
		if (auto const m = member(r.to))
		{
			m->reveal(r.piece);
		}
	}
	bool const is_distributed = m_seed->is_fully_distributed();
	if (is_distributed && !m_was_distributed && m_options.on_fully_distributed)
	{
		m_options.on_fully_distributed();
	}
	m_was_distributed = is_distributed;
}

} // namespace

plugin_factory room_plugin(room_options const& options)
{
	return [options](lt::torrent_handle const& torrent, lt::client_data_t) {
		return std::make_shared<room>(torrent, options);
	};
}

} // namespace rawswarm
