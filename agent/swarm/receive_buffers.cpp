// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/receive_buffers.hpp"

#include "agent/bittorrent/libtorrent_internals.hpp"
#include "base/bytes.hpp"

#include <libtorrent/extensions.hpp>
#include <libtorrent/peer_connection_handle.hpp>
#include <libtorrent/torrent_handle.hpp>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <list>
#include <utility>

namespace rawswarm
{

namespace
{

// The share of the budget, before the kernel doubles it.
constexpr std::size_t share = 32;

// Enough for 30 MB per second and connection at a LAN's millisecond. It is the most if the download is
// limited, as the kernel accepts the bytes ahead of the limit: with megabytes the link carries twice the
// limit for three seconds (swarm test rate_limits).
constexpr int smallest = 32 * 1024;

// Enough for ten gigabits at half a millisecond.
constexpr int largest = 512 * 1024;

// Blocks that libtorrent takes of each peer whatever the backend says, and the one that is being read.
constexpr int blocks_of_each_peer = 2;

// Of all torrents of a session.
class shared_buffers
{
public:
	using handle = std::list<lt::peer_connection_handle>::iterator;

	shared_buffers(std::shared_ptr<storage_context> storage, bool const limited_rate)
		: m_storage(std::move(storage))
		, m_limited_rate(limited_rate)
	{}

	handle add(lt::peer_connection_handle const& peer)
	{
		auto const at = m_peers.insert(m_peers.end(), peer);
		resize();
		limit_receive_buffer(peer, m_each);
		return at;
	}

	void remove(handle const at)
	{
		m_peers.erase(at);
		resize();
	}

	// The socket of a peer that is dialled is opened after add().
	void apply() const
	{
		for (auto const& p : m_peers)
		{
			limit_receive_buffer(p, m_each);
		}
	}

private:
	void resize()
	{
		auto const sizes = receive_buffer_sizes::of(
			m_storage->settings().memory, static_cast<int>(m_peers.size()), m_limited_rate);
		m_storage->set_in_flight_blocks(sizes.in_flight);
		if (std::exchange(m_each, sizes.each) != sizes.each)
		{
			apply();
		}
	}

	std::shared_ptr<storage_context> m_storage;
	bool m_limited_rate;
	int m_each = 0;
	std::list<lt::peer_connection_handle> m_peers;
};

class peer final : public lt::peer_plugin
{
public:
	peer(std::shared_ptr<shared_buffers> buffers, lt::peer_connection_handle const& connection)
		: m_buffers(std::move(buffers))
		, m_at(m_buffers->add(connection))
	{}
	~peer() override { m_buffers->remove(m_at); }
	peer(peer const&) = delete;
	peer& operator=(peer const&) = delete;

private:
	std::shared_ptr<shared_buffers> m_buffers;
	shared_buffers::handle m_at;
};

class plugin final : public lt::torrent_plugin
{
public:
	explicit plugin(std::shared_ptr<shared_buffers> buffers)
		: m_buffers(std::move(buffers))
	{}

	std::shared_ptr<lt::peer_plugin> new_connection(lt::peer_connection_handle const& c) override
	{
		return std::make_shared<peer>(m_buffers, c);
	}

	void tick() override { m_buffers->apply(); } // once per second

private:
	std::shared_ptr<shared_buffers> m_buffers;
};

} // namespace

receive_buffer_sizes receive_buffer_sizes::of(
	std::size_t const budget, int const peers, bool const limited_rate)
{
	// in powers of two, so that not every newcomer changes all; at least four, as a room begins so
	auto const count = std::bit_ceil(static_cast<unsigned>(std::max(peers, 4)));
	auto const even = std::min<std::size_t>(budget / share / count, largest);
	receive_buffer_sizes sizes;
	sizes.each = limited_rate ? smallest : std::max(static_cast<int>(even), smallest);
	auto const all = std::int64_t{2} * sizes.each * static_cast<std::int64_t>(count) / block_size;
	sizes.in_flight = static_cast<int>(all) + blocks_of_each_peer * peers;
	return sizes;
}

plugin_factory receive_buffers_plugin(std::shared_ptr<storage_context> storage, bool const limited_rate)
{
	return [buffers = std::make_shared<shared_buffers>(std::move(storage), limited_rate)](
			   lt::torrent_handle const&, lt::client_data_t) { return std::make_shared<plugin>(buffers); };
}

} // namespace rawswarm
