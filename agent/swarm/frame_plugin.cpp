// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/frame_plugin.hpp"

#include "agent/bittorrent/extension_handshake.hpp"
#include "agent/bittorrent/frame_message.hpp"
#include "agent/bittorrent/libtorrent_internals.hpp"
#include "agent/bittorrent/peer_message.hpp"
#include "agent/log/log.hpp"
#include "agent/net/endpoint.hpp"
#include "agent/swarm/pack_level.hpp"
#include "agent/swarm/processor_limit.hpp"
#include "base/machine_load.hpp"
#include "base/processor_time.hpp"
#include "storage/backend/frame_flags.hpp"

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
#include <chrono>
#include <list>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

namespace rawswarm
{

class frame_switch
{
public:
	frame_switch(block_compression const mode, std::shared_ptr<storage_context> storage)
		: m_mode(mode)
		, m_storage(std::move(storage))
	{}

	void moved(int const bytes) { m_moved += bytes; }

	// left: bytes that the socket did not take.
	void wrote(int const left)
	{
		++m_writes;
		m_stopped_writes += left > 0 ? 1 : 0;
	}

	bool is_known() const { return m_mode != block_compression::off; }

	// Whether frames are worth while now.
	bool is_on()
	{
		if (!is_known())
		{
			return false;
		}
		auto const now = clock::now();
		set_level(now);
		return m_mode == block_compression::on || !is_limited(now);
	}

private:
	using clock = std::chrono::steady_clock;

	void set_level(clock::time_point const now)
	{
		auto const before = m_level.level();
		auto const level = m_level.update(now, [this] {
			auto const& stats = m_storage->stats();
			return pack_level::totals{thread_time(), nanoseconds(stats.packing_ns),
				nanoseconds(stats.unpacking_ns), m_machine.busy(), m_storage->settings().hash_threads,
				m_processors};
		});
		if (level != before)
		{
			log::get(log::component::swarm).debug("blocks are packed at level {}", level);
			m_storage->set_pack_level(level);
		}
	}

	// What the higher levels cost is given back first.
	bool is_limited(clock::time_point const now)
	{
		auto const was_reached = m_limit.is_reached();
		if (!was_reached && !m_level.is_lowest())
		{
			return false;
		}
		bool const reached = m_limit.update(now, [this] { return so_far(); });
		if (reached != was_reached)
		{
			log::get(log::component::swarm)
				.debug(reached ? "the processor is the limit: blocks go as they are"
							   : "the processor is not the limit: blocks go compressed");
		}
		return reached;
	}

	processor_limit::totals so_far() const
	{
		auto const& stats = m_storage->stats();
		auto const work = nanoseconds(stats.packing_ns) + nanoseconds(stats.unpacking_ns);
		return {thread_time(), work / std::max(1, m_storage->settings().hash_threads),
			program_time() / m_processors, m_moved, m_writes, m_stopped_writes};
	}

	static std::chrono::nanoseconds nanoseconds(disk_stats::counter const& c)
	{
		return std::chrono::nanoseconds(c.load(std::memory_order_relaxed));
	}

	block_compression const m_mode;
	int const m_processors = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
	std::shared_ptr<storage_context> m_storage;
	machine_load m_machine;
	std::int64_t m_moved = 0; // bytes of the image, of all torrents
	std::int64_t m_writes = 0; // of payload, to sockets
	std::int64_t m_stopped_writes = 0; // those that did not take all
	processor_limit m_limit;
	pack_level m_level;
};

namespace
{

// What the connections of a torrent share.
struct torrent_frames
{
	std::shared_ptr<frame_switch> session;
	std::shared_ptr<frame_counts> counts;
	std::shared_ptr<lt::torrent_info const> torrent;
	culprit_handler on_culprit;
};

class frame_peer final : public lt::peer_plugin
{
public:
	frame_peer(std::shared_ptr<torrent_frames const> shared, lt::peer_connection_handle connection)
		: m_shared(std::move(shared))
		, m_connection(std::move(connection))
	{}

	void add_handshake(lt::entry& h) override
	{
		if (m_shared->session->is_known())
		{
			h["m"][frame_message_name] = frame_message_id;
		}
	}

	bool on_extension_handshake(lt::bdecode_node const& h) override
	{
		m_message_id = m_shared->session->is_known() ? extension_id(h, frame_message_name) : std::uint8_t(0);
		apply();
		return true;
	}

	// libtorrent calls this for each part that arrives, each time with all that is there by then.
	bool on_extended(int const length, int const id, lt::span<char const> const body) override
	{
		if (id != frame_message_id || m_message_id == 0)
		{
			return false;
		}
		std::span<char const> const bytes(body.data(), static_cast<std::size_t>(body.size()));
		if (length == 1 && bytes.size() == 1)
		{
			m_peer_takes = bytes.front() != 0;
			apply();
		}
		else if (static_cast<std::size_t>(length) > longest_frame_message())
		{
			convict(fail(fault::refused, "a frame message of {} bytes", length), lt::piece_index_t{0});
		}
		else if (static_cast<int>(body.size()) == length)
		{
			on_frame(bytes);
		}
		return true;
	}

	bool on_piece(lt::peer_request const& r, lt::span<char const>) override
	{
		m_shared->session->moved(r.length);
		m_shared->counts->received.fetch_add(r.length, std::memory_order_relaxed);
		m_shared->counts->wire_received.fetch_add(
			std::exchange(m_frame_length, std::nullopt).value_or(r.length), std::memory_order_relaxed);
		apply();
		return false;
	}

	void sent_piece(lt::peer_request const& r) override
	{
		m_shared->session->moved(r.length);
		m_shared->counts->sent.fetch_add(r.length, std::memory_order_relaxed);
		apply();
	}

	void sent_payload(int const bytes) override
	{
		m_shared->counts->wire_sent.fetch_add(bytes, std::memory_order_relaxed);
		m_shared->session->wrote(unsent_bytes(m_connection));
	}

	// Once per second, and whenever there is something to decide.
	void apply()
	{
		if (m_message_id == 0)
		{
			return;
		}
		bool const on = m_shared->session->is_on();
		send_frames(m_connection, on && m_peer_takes ? takes_frame : lt::disk_job_flags_t{}, m_message_id);
		if (std::exchange(m_told, on) != on)
		{
			auto const message = extension_message(m_message_id, takes_frames_message(on));
			m_connection.send_buffer(message.data(), static_cast<int>(message.size()));
		}
	}

private:
	void on_frame(std::span<char const> const body)
	{
		auto const request = read_frame_message(body, *m_shared->torrent);
		if (!request)
		{
			convict(request.error(), lt::piece_index_t{0});
			return;
		}
		auto const& r = request.value();
		m_frame_length = static_cast<int>(body.size() - frame_begins_at);
		take_frame(m_connection, r, body.data() + frame_length_at, is_frame);
	}

	void convict(error const& why, lt::piece_index_t const piece)
	{
		log::get(log::component::swarm).debug("{} sent {}", format_endpoint(m_connection.remote()), why.text);
		m_shared->on_culprit(listed_address(m_connection), piece);
		ban(m_connection);
	}

	std::shared_ptr<torrent_frames const> m_shared;
	lt::peer_connection_handle m_connection;
	std::uint8_t m_message_id = 0; // under which the peer receives the message; 0: it does not know it
	bool m_peer_takes = true;
	std::optional<int> m_frame_length; // of the frame that is about to count as a piece
	bool m_told = true; // what the peer was told that we take
};

class plugin final : public lt::torrent_plugin
{
public:
	explicit plugin(std::shared_ptr<torrent_frames const> shared)
		: m_shared(std::move(shared))
	{}

	std::shared_ptr<lt::peer_plugin> new_connection(lt::peer_connection_handle const& c) override
	{
		auto p = std::make_shared<frame_peer>(m_shared, c);
		m_peers.push_back(p);
		return p;
	}

	void tick() override // once per second
	{
		std::erase_if(m_peers, [](auto const& weak) { return weak.expired(); });
		for (auto const& weak : m_peers)
		{
			if (auto const p = weak.lock())
			{
				p->apply();
			}
		}
	}

private:
	std::shared_ptr<torrent_frames const> m_shared;
	std::list<std::weak_ptr<frame_peer>> m_peers; // weak: libtorrent owns them with their connections
};

} // namespace

std::shared_ptr<frame_switch> make_frame_switch(
	block_compression const mode, std::shared_ptr<storage_context> storage)
{
	return std::make_shared<frame_switch>(mode, std::move(storage));
}

plugin_factory frame_plugin(
	std::shared_ptr<frame_switch> shared, std::shared_ptr<frame_counts> counts, culprit_handler on_culprit)
{
	return [shared = std::move(shared), counts = std::move(counts), on_culprit = std::move(on_culprit)](
			   lt::torrent_handle const& torrent, lt::client_data_t) {
		auto const of_torrent = std::make_shared<torrent_frames const>(
			torrent_frames{shared, counts, torrent.torrent_file(), on_culprit});
		return std::make_shared<plugin>(of_torrent);
	};
}

} // namespace rawswarm
