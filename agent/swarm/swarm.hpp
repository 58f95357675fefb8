// SPDX-License-Identifier: BSD-3-Clause
// The BitTorrent session of a job: targets as torrents, peers, and what libtorrent reports of them.
//
// Owned and called by one thread, that of the io_context; the observer is called there too, never from
// inside a call of this class. libtorrent's alerts wake that thread when there are any; nothing polls.
// Targets are known by their number.
#pragma once

#include "agent/manifest/manifest.hpp"
#include "base/result.hpp"
#include "storage/backend/storage_context.hpp"

#include <boost/asio/io_context.hpp>
#include <libtorrent/fwd.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace rawswarm
{

// What only libtorrent knows of a target. Rates and sizes of payload, in bytes.
struct swarm_numbers
{
	std::int64_t down = 0; // a second
	std::int64_t up = 0; // a second
	std::int64_t uploaded = 0;
	std::int64_t downloaded = 0;
	int peers = 0;
};

class swarm_observer
{
public:
	virtual void on_downloaded(std::size_t target) = 0; // every piece passed its hash
	virtual void on_flushed(std::size_t target) = 0; // the backend holds nothing of it any more
	virtual void on_all_out(std::size_t target) = 0; // of a seed: every piece is in some peer's hands
	virtual void on_numbers(std::size_t target, swarm_numbers const& numbers) = 0;
	virtual void on_target_error(std::size_t target, error const& e) = 0;
	virtual void on_listen_error(error const& e) = 0;

protected:
	~swarm_observer() = default;
};

class swarm
{
public:
	swarm(boost::asio::io_context& ios, manifest_swarm const& settings,
		std::shared_ptr<storage_context> storage, swarm_observer& observer);
	~swarm(); // ends the session; waits until libtorrent let go of every device
	swarm(swarm const&) = delete;
	swarm& operator=(swarm const&) = delete;

	// Opens the session and begins to listen. A port that cannot be had is reported to the observer.
	result<void> start();

	// What the storage knows to be verified is not fetched.
	void add(std::size_t target, std::shared_ptr<lt::torrent_info const> torrent, target_role role,
		std::shared_ptr<storage_target> storage);

	// on_flushed() follows.
	void flush(std::size_t target);

	// No more peers for this one.
	void remove(std::size_t target);

	// Stops all traffic; flush() still works.
	void pause();

	// on_numbers() follows for every target that changed.
	void update();

	// Dials the job's peers again, those that are not connected.
	void dial();

private:
	struct impl;
	std::unique_ptr<impl> m_impl;
};

} // namespace rawswarm
