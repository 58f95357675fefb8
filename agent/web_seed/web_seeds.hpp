// SPDX-License-Identifier: BSD-3-Clause
// Fetches the pieces of a job's targets from its web seeds and hands them over to libtorrent, which checks
// and writes them and gives them to peers.
//
// Owned and called by one thread, that of the io_context; workers fetch in threads of their own. No handler
// is called after the destructor, which ends what is under way.
//
// A piece is handed over only when memory has room for it: libtorrent takes whatever it is given. Beside the
// budget of the storage there are at most max_web_fetches pieces in memory.
#pragma once

#include "agent/bittorrent/plugin_factory.hpp"
#include "agent/manifest/manifest.hpp"
#include "agent/web_seed/token_bucket.hpp"
#include "agent/web_seed/web_seed_claims.hpp"
#include "agent/web_seed/web_seed_layout.hpp"
#include "agent/web_seed/web_seed_source.hpp"
#include "agent/web_seed/web_seed_worker.hpp"
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
	struct numbers
	{
		std::int64_t rate = 0; // bytes a second
		std::int64_t fetched = 0; // bytes, what was of no use included
	};

	// settings: those of the job, checked. on_numbers: called twice a second for each target.
	web_seeds(boost::asio::io_context& ios, manifest_swarm const& settings,
		std::shared_ptr<storage_context> storage, web_seed_claims::network_post post,
		std::function<void(std::size_t target)> on_numbers);
	~web_seeds();
	web_seeds(web_seeds const&) = delete;
	web_seeds& operator=(web_seeds const&) = delete;

	// The extension is what the torrent has to be added with; nothing is fetched before start().
	plugin_factory add(
		std::size_t target, std::shared_ptr<lt::torrent_info const> torrent, std::vector<bool> const& have);
	void start(std::size_t target, lt::torrent_handle handle);

	// Nothing more for this target.
	void remove(std::size_t target);

	// Nothing more at all.
	void stop();

	numbers of(std::size_t target) const;

	// Of what peers sent, for the download limit they share.
	void peers_sent(std::int64_t bytes);

private:
	using clock = std::chrono::steady_clock;

	struct target_state
	{
		std::string name; // the torrent's
		std::shared_ptr<lt::torrent_info const> torrent;
		std::shared_ptr<web_seed_claims> claims;
		std::vector<web_seed_layout> layouts; // by source
		std::shared_ptr<std::atomic<std::int64_t>> arrived;
		std::int64_t counted = 0; // of arrived, by the last look at the rate
		double rate = 0; // bytes a second
		std::optional<lt::torrent_handle> handle;
	};

	// A worker and what it does.
	struct slot
	{
		std::unique_ptr<web_seed_worker> worker;
		bool busy = false;
		std::size_t target = 0;
		std::size_t source = 0;
		std::size_t piece = 0;
		std::vector<char> ready; // came, and waits for memory
	};

	void feed();
	bool feed(slot& s);
	std::optional<std::size_t> choose_source(
		std::size_t target, std::size_t start, clock::time_point now) const;
	void on_done(slot& s, web_outcome outcome);
	void lose(slot const& s, std::string const& why);
	void hand_over(slot& s);
	bool has_room(std::size_t bytes) const;
	void measure();
	void tick();
	void tick_after(std::chrono::milliseconds pause);

	boost::asio::io_context& m_ios;
	std::shared_ptr<storage_context> m_storage;
	web_seed_claims::network_post m_post;
	std::function<void(std::size_t)> m_on_numbers;
	token_bucket m_budget;
	std::uint64_t m_own; // a number that other agents do not have
	bool m_is_alone; // the job has no way to peers
	std::vector<web_seed_source> m_sources;
	std::map<std::size_t, target_state> m_targets;
	std::size_t m_turn = 0; // of the targets
	std::deque<slot> m_slots; // handlers refer to them
	clock::time_point m_measured = clock::now();
	bool m_stopped = false;
	boost::asio::steady_timer m_tick;
};

} // namespace rawswarm
