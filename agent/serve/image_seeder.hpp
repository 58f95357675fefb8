// SPDX-License-Identifier: BSD-3-Clause
// Serves the images of a room from one session of libtorrent, at one port and within one budget of memory,
// and fetches images that are captured from machines.
//
// An image is opened when somebody wants it, and closed after it was idle for a while. It is served as `seed`
// serves one: a sample of it is looked at when it is opened, each piece is checked before it is sent, and one
// that differs is not. An error of one image is its own: the others go on, and it is tried again when it is
// wanted again.
//
// Made, called and destroyed by the thread of the io_context; it is destroyed once that no longer runs.
// Callbacks come in that thread, never from inside of a call. Blocking work has threads of its own. The
// destructor waits for devices that are being read, as long as they take.
#pragma once

#include "agent/job/repeating_timer.hpp"
#include "agent/manifest/manifest.hpp"
#include "agent/room/room.hpp"
#include "agent/serve/image_fetch.hpp"
#include "agent/serve/image_status.hpp"
#include "agent/serve/seeded_image.hpp"
#include "agent/swarm/swarm.hpp"
#include "base/result.hpp"
#include "base/run_blocking.hpp"
#include "storage/backend/storage_context.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace rawswarm
{

struct image_seeder_options
{
	manifest_swarm swarm; // where it listens, local discovery, limits; its peers and trackers are asked, too
	std::string room_key; // of a private room (agent/swarm/room_proof.hpp); empty: it is open to everyone
	manifest_storage storage; // the budget of memory above all
	std::chrono::seconds idle{300}; // an image that nobody wants for this long is closed
	std::chrono::seconds fetch_timeout{600}; // a fetch fails that makes no progress for this long
};

class image_seeder final : swarm_observer
{
public:
	image_seeder(boost::asio::io_context& ios, image_seeder_options options);
	~image_seeder();
	image_seeder(image_seeder const&) = delete;
	image_seeder& operator=(image_seeder const&) = delete;

	// Opens the session and begins to listen. Once.
	result<void> start();

	// A port that is taken, or no address to listen at: nothing is served. Told once.
	std::function<void(error const&)> on_listen_failure;

	// info_hashes() has changed.
	std::function<void()> on_known;

	// The images that there are from now on; those without a source are passed over. One that is no longer
	// among them goes on being served as long as somebody lacks something of it, and is then closed.
	void set_images(std::vector<room_image> const& images);

	// Somebody wants the image: it is opened if it is not open. info_hash: 40 lower-case hex digits. Returns
	// whether it is being served already; false as well for one that is not known.
	bool want(std::string const& info_hash);

	// Fetches an image from the room into `destination`, a file that does not exist: sparse, each piece
	// verified by its hash, and synced before it gets its name. on_done is called once, with the error if it
	// failed, of which nothing is left behind.
	void fetch(std::string const& name, std::string torrent, std::string destination,
		std::function<void(result<void> const&)> on_done);

	// Ends a fetch; on_done is told so.
	void cancel_fetch(std::string const& name);

	// Of everything that is served or would be when it is wanted, and of what is fetched: whom a tracker
	// knows. 40 lower-case hex digits each.
	std::vector<std::string> info_hashes() const;

	// In the order of their names.
	std::vector<image_status> status() const;

	// How the budget of memory is used. While nothing is open it is 4 MiB, and the rest is the system's.
	storage_progress storage() const;

private:
	using clock = std::chrono::steady_clock;

	// What belongs to a number of the swarm's.
	struct member
	{
		seeded_image* image = nullptr;
		image_fetch* fetch = nullptr;

		passing_target& target() const { return image != nullptr ? image->target() : fetch->target(); }
	};

	void on_joined(std::size_t t) override;
	void on_downloaded(std::size_t t) override;
	void on_flushed(std::size_t t) override;
	void on_fully_distributed(std::size_t t) override;
	void on_stats(std::size_t t, transfer_stats const& stats) override;
	void on_peers(std::size_t /*target*/, std::vector<peer_progress> /*peers*/) override {}
	void on_target_error(std::size_t t, error const& e) override;
	void on_listen_error(error const& e) override;

	target_job* job(std::size_t t) const;
	target_job::environment environment();
	result<void> accept(std::string const& name, std::string const& info_hash);
	bool is_fetched(std::string const& info_hash) const;
	void take_memory(bool all);
	void tick();
	void forget_what_is_over();
	void tell_known();

	boost::asio::io_context& m_ios;
	image_seeder_options m_options;
	std::shared_ptr<storage_context> m_storage;
	std::size_t m_memory; // bytes, the whole budget
	bool m_has_memory = true;
	swarm m_swarm;
	boost::asio::thread_pool m_blocking; // outlives all that waits for work in it
	std::map<std::size_t, member> m_members; // by their numbers in the swarm
	std::size_t m_last_number = 0; // none is used twice
	std::map<std::string, std::unique_ptr<seeded_image>> m_images; // by info-hash
	std::vector<std::unique_ptr<image_fetch>> m_fetches;
	repeating_timer m_tick;
	repeating_timer m_dial_tick;
	blocking_scope m_scope; // last: what it posts uses the members before it
};

} // namespace rawswarm
