// SPDX-License-Identifier: BSD-3-Clause
// Fetches pieces of a job's targets from its web seeds and hands them over to libtorrent, which checks and
// writes them and passes them on to peers.
//
// Owned and called by one thread, that of the io_context; workers fetch in threads of their own. The
// destructor ends the fetches under way, after which no handler is called.
//
// libtorrent takes any number of pieces into memory, so a piece is handed over only when the storage's pool
// has space for it. Pieces that wait for space, or are being fetched, are outside of the pool:
// max_web_fetches at most, with their frames where the web seed has them compressed, which go to peers as
// they came (frames_beside.hpp).
#pragma once

#include "agent/bittorrent/plugin_factory.hpp"
#include "agent/manifest/manifest.hpp"
#include "agent/web_seed/token_bucket.hpp"
#include "agent/web_seed/web_seed_claims.hpp"
#include "agent/web_seed/web_seed_layout.hpp"
#include "agent/web_seed/web_seed_source.hpp"
#include "agent/web_seed/web_seed_worker.hpp"
#include "base/lifetime.hpp"
#include "storage/backend/storage_context.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <libtorrent/fwd.hpp>
#include <libtorrent/torrent_handle.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace rawswarm
{

class web_seeds
{
public:
	// The traffic of one target.
	struct fetch_stats
	{
		std::int64_t rate = 0; // bytes of the image per second
		std::int64_t fetched = 0; // bytes, including those of no use
		std::int64_t wire = 0; // bytes that came over the network for that
	};

	// settings: the job's, checked. post: see web_seed_claims. on_stats: called twice per second for each
	// target.
	web_seeds(boost::asio::io_context& ios, manifest_swarm const& settings,
		std::shared_ptr<storage_context> storage, web_seed_claims::network_post post,
		std::function<void(std::size_t target)> on_stats);
	~web_seeds();
	web_seeds(web_seeds const&) = delete;
	web_seeds& operator=(web_seeds const&) = delete;

	// Returns an extension that the torrent must be added with. Nothing is fetched before start(). have: the
	// pieces that this agent has. frame_lengths: bytes of each piece's frames in the compressed image that
	// was made with the torrent; empty: not known.
	plugin_factory add(std::size_t target, std::shared_ptr<lt::torrent_info const> torrent,
		std::vector<bool> const& have, std::vector<std::uint32_t> const& frame_lengths);
	void start(std::size_t target, lt::torrent_handle handle);

	// Fetches no more for this target.
	void remove(std::size_t target);

	// Fetches no more at all.
	void stop();

	fetch_stats stats(std::size_t target) const;

	// So many bytes came from peers over the network, with whom web seeds share the download limit.
	void peers_sent(std::int64_t bytes);

private:
	using clock = std::chrono::steady_clock;

	// What a web seed has for one target.
	struct web_file
	{
		web_seed_layout layout;
		bool is_known = false; // whether it is raw or compressed
		web_frames frames = {}; // if it is compressed
	};

	struct target_state
	{
		std::string name; // the torrent's
		std::shared_ptr<lt::torrent_info const> torrent;
		std::shared_ptr<web_seed_claims> claims;
		std::vector<web_file> files; // by source
		std::shared_ptr<frame_lengths const> lengths; // nullptr: not known
		std::shared_ptr<web_traffic> traffic;
		std::int64_t counted = 0; // how much of the image's traffic the rate accounts for
		double rate = 0; // bytes per second, smoothed
		std::optional<lt::torrent_handle> handle;
	};

	// A worker and what it works on.
	struct slot
	{
		std::unique_ptr<web_seed_worker> worker;
		bool busy = false;
		std::size_t target = 0;
		std::size_t source = 0;
		std::size_t piece = 0;
		std::vector<char> ready; // has come, and waits for space in memory
		piece_frames frames; // of what is ready
	};

	void assign_work();
	bool assign_work(slot& s); // false: there is nothing to fetch now
	std::size_t fetches_in_memory(target_state const& t) const;
	std::size_t room_for_frames() const;
	web_order make_order(target_state const& t, std::size_t source, std::size_t piece) const;
	bool is_being_examined(std::size_t target, std::size_t source) const;
	void on_done(slot& s, web_outcome outcome);
	void learn(slot const& s, web_outcome const& outcome);
	void exclude_source(slot const& s, std::string const& why);
	void hand_over(slot& s);
	bool has_space(std::size_t bytes) const;
	void measure_rates();
	void tick();
	void tick_after(std::chrono::milliseconds pause);

	boost::asio::io_context& m_ios;
	std::shared_ptr<storage_context> m_storage;
	web_seed_claims::network_post m_post;
	std::function<void(std::size_t)> m_on_stats;
	token_bucket m_download_limit;
	std::uint64_t m_agent_id;
	bool m_is_alone; // the job has no way to find peers
	std::vector<web_seed_source> m_sources;
	std::map<std::size_t, target_state> m_targets;
	std::size_t m_turn = 0; // which target is next to be asked for a piece
	std::deque<slot> m_slots; // a deque, as handlers refer to its elements
	clock::time_point m_measured = clock::now();
	bool m_stopped = false;
	boost::asio::steady_timer m_tick;
	lifetime m_lifetime;
};

} // namespace rawswarm
