// SPDX-License-Identifier: BSD-3-Clause
// Fetches pieces from web seeds, one at a time, in a thread of its own, so that waiting for servers, TLS,
// unpacking and hashing cost the agent's thread nothing.
//
// Made, called and destroyed by the io_context's thread, where the handler is called too. The destructor ends
// the fetch under way, after which no handler is called; if a name is being looked up it waits for that, 5
// seconds at most.
#pragma once

#include "agent/net/url.hpp"
#include "agent/web_seed/token_bucket.hpp"
#include "agent/web_seed/web_seed_connection.hpp"
#include "agent/web_seed/web_seed_image.hpp"
#include "agent/web_seed/web_seed_layout.hpp"
#include "base/run_blocking.hpp"
#include "storage/backend/frames_beside.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <libtorrent/sha1_hash.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace rawswarm
{

// Bytes as they come.
struct web_traffic
{
	std::atomic<std::int64_t> image{0}; // of the image
	std::atomic<std::int64_t> wire{0}; // over the network: fewer where the image is compressed there
};

// A piece to fetch.
struct web_order
{
	url from;
	std::vector<web_range> ranges;
	payload_range place; // of the piece, in the torrent's payload
	std::uint64_t payload = 0; // the size of the torrent, bytes
	lt::sha1_hash hash; // of the piece
	std::size_t piece = 0; // its number
	web_frames frames; // of a compressed image, which are fetched then
	std::shared_ptr<frame_lengths const>
		lengths; // the torrent's, to try what turns out to be a compressed image
	web_pace pace;
	std::size_t most_frames = 0; // bytes of frames that are kept beside the piece
	bool may_be_compressed = false; // is looked at if it cannot be the raw image
	std::shared_ptr<web_traffic> traffic; // the worker adds to it
};

struct web_outcome
{
	std::vector<char> piece; // its hash is right; empty if there is a failure or the data is wrong
	piece_frames beside; // of the piece's first blocks, if it came as frames
	web_frames frames; // of what turned out to be a compressed image, or the order's
	std::optional<web_failure> failure; // a range did not come, or a frame is damaged
	std::int64_t pace = 0; // bytes a second, over the network; 0: too few came to tell
	bool is_wrong = false; // all ranges came, and their hash is not the torrent's
};

class web_seed_worker
{
public:
	using handler = std::function<void(web_outcome)>;

	web_seed_worker(
		boost::asio::io_context& ios, token_bucket& download_limit, name_lookup look = system_lookup);
	~web_seed_worker();
	web_seed_worker(web_seed_worker const&) = delete;
	web_seed_worker& operator=(web_seed_worker const&) = delete;

	// Only while none is under way. The thread touches nothing but the order and the download limit.
	void fetch(web_order order, handler on_done);

private:
	web_outcome run(web_order const& order);
	void get_raw(web_order const& order, web_outcome& outcome);
	void look(web_order const& order, web_outcome& outcome, std::shared_ptr<frame_lengths const> lengths);
	void get_frames(web_order const& order, web_outcome& outcome);
	void on_arrived(std::size_t bytes);

	token_bucket& m_download_limit;
	std::atomic<bool> m_stopping{false};
	// The worker's thread only.
	std::shared_ptr<web_traffic> m_traffic; // the order's
	bool m_arrives_raw = true; // what comes over the network is the image's as it is
	web_seed_connection m_connection;
	boost::asio::thread_pool m_thread{1};
	blocking_scope m_scope; // last: its end waits for the fetch under way
};

} // namespace rawswarm
