// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/peer_limits.hpp"

#include "agent/bittorrent/libtorrent_internals.hpp"
#include "agent/bittorrent/session_connections.hpp"
#include "agent/swarm/peer_budget.hpp"
#include "agent/swarm/swarm_settings.hpp"

#include <libtorrent/ip_filter.hpp>
#include <libtorrent/session_handle.hpp>

#include <cstdint>
#include <utility>
#include <vector>

namespace rawswarm
{

namespace
{

// What may wait for one peer: libtorrent fills the buffer with blocks up to half of this
// (send_buffer_watermark), the rest is messages. And for each piece more than the nine bytes of a HAVE, as
// all peers hear of each.
constexpr std::int64_t most_unsent = std::int64_t(1024) * 1024;
constexpr std::int64_t unsent_of_piece = 16;

// What may wait for all, beside the blocks of the pool.
constexpr std::int64_t all_unsent = std::int64_t(32) * 1024 * 1024;

std::vector<connection_facts> facts_of(std::vector<session_connection> const& connections)
{
	std::vector<connection_facts> all;
	all.reserve(connections.size());
	for (auto const& c : connections)
	{
		connection_facts f;
		f.id = c.id;
		f.remote = c.remote.address();
		f.has_met = c.has_met;
		f.is_whole = c.is_whole;
		f.pieces = c.pieces;
		f.blocks_in = c.blocks_in;
		f.blocks_out = c.blocks_out;
		f.other_in = c.other_in;
		f.unsent = c.unsent;
		f.most_unsent = most_unsent + unsent_of_piece * c.pieces;
		all.push_back(f);
	}
	return all;
}

class plugin final : public lt::plugin
{
public:
	plugin(std::shared_ptr<storage_context> storage, lt::peer_class_t const crowded,
		std::function<void(lt::tcp::endpoint const&)> on_talker)
		: m_storage(std::move(storage))
		, m_crowded(crowded)
		, m_on_talker(std::move(on_talker))
	{}

	lt::feature_flags_t implemented_features() override { return tick_feature; }

	void added(lt::session_handle const& s) override
	{
		m_session = s;
		m_slow = add_slow_class(s, static_cast<int>(peer_budget::slow_per_second));
	}

	void on_tick() override // twice per second
	{
		auto const connections = connections_of(m_session);
		auto const facts = facts_of(connections);
		auto const verdict = m_budget.judge(facts, limits(), peer_budget::clock::now());
		for (auto const i : verdict.talkers)
		{
			// By where it listens: one that dials again is the same peer.
			auto const peer = listed_address(lt::peer_connection_handle(connections[i].connection));
			hang_up(connections[i]);
			m_on_talker(peer);
		}
		for (auto const i : verdict.surplus)
		{
			hang_up(connections[i]);
		}
		if (verdict.crowd_has_changed || verdict.suspects_have_changed)
		{
			set_classes();
		}
		for (std::size_t i = 0; i < facts.size(); ++i)
		{
			put_in_class(m_session, connections[i], m_slow, m_budget.is_slow(facts[i]));
		}
	}

private:
	budget_limits limits() const
	{
		budget_limits l;
		l.connections = static_cast<std::size_t>(connections_limit_of(m_session));
		l.unsent = static_cast<std::int64_t>(m_storage->settings().memory) + all_unsent;
		return l;
	}

	// Of connections that come from now on.
	void set_classes()
	{
		auto classes = all_in_global_class();
		auto const add = [&](boost::asio::ip::address const& a, lt::peer_class_t const c) {
			auto const flag = 1U << static_cast<unsigned>(static_cast<std::uint32_t>(c));
			classes.add_rule(a, a, classes.access(a) | flag);
		};
		for (auto const& a : m_budget.crowded())
		{
			add(a, m_crowded);
		}
		for (auto const& a : m_budget.suspects())
		{
			add(a, m_slow);
		}
		m_session.set_peer_class_filter(classes);
	}

	std::shared_ptr<storage_context> m_storage;
	lt::peer_class_t m_crowded;
	lt::peer_class_t m_slow{};
	std::function<void(lt::tcp::endpoint const&)> m_on_talker;
	lt::session_handle m_session;
	peer_budget m_budget;
};

} // namespace

std::shared_ptr<lt::plugin> peer_limits_plugin(std::shared_ptr<storage_context> storage,
	lt::peer_class_t const crowded, std::function<void(lt::tcp::endpoint const&)> on_talker)
{
	return std::make_shared<plugin>(std::move(storage), crowded, std::move(on_talker));
}

} // namespace rawswarm
