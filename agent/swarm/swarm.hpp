// SPDX-License-Identifier: BSD-3-Clause
// The BitTorrent session of a job: targets as torrents, peers, web seeds, and what libtorrent reports about
// them.
//
// Owned and called by one thread, that of the io_context. The observer is called there too, never from inside
// a call of this class, and not after its destruction. libtorrent's alerts wake that thread when there are
// any; nothing polls. Targets are known by the job's numbers.
#pragma once

#include "agent/manifest/manifest.hpp"
#include "agent/progress/peer_progress.hpp"
#include "agent/swarm/banned_peers.hpp"
#include "agent/swarm/convictions.hpp"
#include "agent/swarm/frame_plugin.hpp"
#include "agent/swarm/receive_buffers.hpp"
#include "agent/swarm/room_plugin.hpp"
#include "agent/swarm/shared_torrents.hpp"
#include "agent/swarm/swarm_activity.hpp"
#include "agent/swarm/swarm_contacts.hpp"
#include "agent/swarm/transfer_stats.hpp"
#include "base/lifetime.hpp"
#include "base/processor_time.hpp"
#include "base/result.hpp"
#include "storage/backend/storage_context.hpp"

#include <boost/asio/io_context.hpp>
#include <libtorrent/fwd.hpp>
#include <libtorrent/ip_filter.hpp>
#include <libtorrent/socket.hpp>
#include <libtorrent/torrent_handle.hpp>
#include <libtorrent/units.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace rawswarm
{

class web_seeds;

class swarm_observer
{
public:
	virtual void on_joined(std::size_t target) = 0; // the target had to wait for others of its torrent
	virtual void on_downloaded(std::size_t target) = 0; // every piece passed its hash
	virtual void on_flushed(std::size_t target) = 0; // the backend holds no unwritten block of it any more
	virtual void on_fully_distributed(std::size_t target) = 0; // of a seed: every piece is with some peer
	virtual void on_stats(std::size_t target, transfer_stats const& stats) = 0;
	virtual void on_peers(std::size_t target, std::vector<peer_progress> peers) = 0; // one of the torrent's
	virtual void on_target_error(std::size_t target, error const& e) = 0;
	virtual void on_listen_error(error const& e) = 0;

protected:
	~swarm_observer() = default;
};

class swarm
{
public:
	swarm(boost::asio::io_context& ios, manifest_swarm settings, std::shared_ptr<storage_context> storage,
		swarm_observer& observer);
	~swarm(); // ends the session; waits until libtorrent has let go of every device
	swarm(swarm const&) = delete;
	swarm& operator=(swarm const&) = delete;

	// Tells of each peer that asks for a torrent which nobody has added, by its info-hash (40 hex digits).
	// Before start().
	void set_on_unknown(std::function<void(std::string const& info_hash)> f) { m_on_unknown = std::move(f); }

	// Makes a private room of it: peers are members only if they have the same key (room_proof.hpp). Before
	// start().
	void set_room_key(std::string key) { m_room_key = std::move(key); }

	// Opens the session and begins to listen. A port that is not available is reported to the observer, and
	// so is a machine that has had no address to listen on for ten seconds.
	result<void> start();

	// Says that a target is going to be added, or removed. Targets of one torrent all get what is fetched
	// once: they join once each has been added or removed. Before any of them is added.
	void expect(std::size_t target, lt::torrent_info const& torrent);

	// Joins the swarm of a target, at once (true) or when the others of its torrent are there: on_joined()
	// follows. Pieces that the storages of all of them have verified are not fetched. A seed serves all, and
	// each is checked before; one with bad pieces serves those that are verified. frame_lengths: of the
	// pieces in a compressed image that web seeds may have (web_seeds::add()). After start().
	bool add(std::size_t target, std::shared_ptr<lt::torrent_info const> torrent, target_role role,
		std::shared_ptr<storage_target> storage, std::vector<std::uint32_t> frame_lengths);

	// Of a seed with bad pieces: serves these as well, which its storage has verified. Is lost on a torrent
	// that is still being added, so it is to be called again.
	void serve(std::size_t target, std::vector<bool> const& pieces);

	// Has the piece fetched before others.
	void fetch_first(std::size_t target, lt::piece_index_t piece);

	// Writes what is in memory; on_flushed() follows.
	void flush(std::size_t target);

	// Leaves the swarm of a target, or has the others of its torrent not wait for it. Of one that others stay
	// in, the storage is neither written nor read any more. May be called for any target at any time.
	void remove(std::size_t target);

	// Stops all traffic; flush() still works.
	void pause();

	// To be called often, for what depends on time. on_stats() follows for every target that changed.
	void update();

	// Asks for the peers of every torrent. on_peers() follows for each that has not ended by then. Returns
	// how many there are.
	std::size_t ask_peers() const;

	// Why there may be no peers: that the machine has no link, or what is known of each source that the job
	// names. "server:6881: Connection refused; ...".
	std::string why_no_peers() const;

	// As of the last update().
	swarm_activity activity() const;

	// Has the backend take over what was changed in the settings of the storage. After start().
	void apply_storage_settings();

	// Looks up and dials the job's peers again, those that are not connected.
	void dial();

private:
	// A target that waits to join, or has joined.
	struct member
	{
		std::shared_ptr<lt::torrent_info const> torrent;
		target_role role = target_role::image;
		std::shared_ptr<storage_target> storage;
		std::vector<std::uint32_t> frame_lengths;
	};

	std::vector<plugin_factory> plugins_of(
		std::size_t torrent, bool is_whole, bool is_private, std::vector<plugin_factory> more);
	void join(std::vector<std::size_t> const& targets);
	void add_torrent(std::size_t target, member const& m, std::string save_path,
		std::vector<bool> const& have, bool is_whole);
	lt::torrent_handle const* handle_of(std::size_t target) const;
	room_options room_of(std::size_t target, bool is_whole, bool is_private);
	void dial(lt::tcp::endpoint const& e);
	void judge_listening();
	void limit_peers();
	void on_culprit(lt::tcp::endpoint const& peer, lt::piece_index_t piece);
	void on_talker(lt::tcp::endpoint const& peer);
	void convict(lt::tcp::endpoint const& peer);
	void read_alerts();
	void handle(lt::alert const* a);
	void report_stats(std::size_t torrent);
	std::optional<std::size_t> torrent_of(lt::torrent_handle const& h) const;

	template <class F>
	void post(F f);
	template <class Alert, class F>
	bool on(lt::alert const* a, F f);
	template <class Alert, class F>
	bool on_torrent(lt::alert const* a, F f);
	template <class Alert, class F>
	bool on_target(lt::alert const* a, F f);

	boost::asio::io_context& m_ios;
	manifest_swarm m_settings;
	std::shared_ptr<storage_context> m_storage;
	swarm_observer& m_observer;
	std::function<void(std::string const&)> m_on_unknown; // empty: nobody is told
	std::string m_room_key; // empty: the room is open to everyone
	shared_torrents m_shared;
	std::map<std::size_t, member> m_members; // by target
	std::map<lt::torrent_handle, std::size_t> m_torrents; // their numbers, as shared_torrents has them
	std::map<std::size_t, lt::torrent_handle> m_handles; // by the torrent's number
	lifetime m_lifetime;
	lt::ip_filter m_filter;
	convictions m_convictions;
	std::shared_ptr<banned_peers> m_banned = std::make_shared<banned_peers>(); // libtorrent's thread
	std::atomic<bool> m_alerts_announced{false};
	swarm_contacts m_contacts;
	plugin_factory m_receive_buffers; // of all torrents
	std::shared_ptr<frame_switch> m_frames; // of all torrents
	std::map<std::size_t, std::shared_ptr<frame_counts>> m_frame_counts; // by torrent
	std::map<std::size_t, transfer_stats> m_stats; // by torrent, without web seeds
	swarm_activity m_activity; // without the processor time
	std::optional<thread_clock> m_network_thread; // once that runs
	std::unique_ptr<lt::session> m_session;
	std::unique_ptr<web_seeds> m_web_seeds; // only if the job names any; must end before the session
};

} // namespace rawswarm
