// SPDX-License-Identifier: BSD-3-Clause
// An ordinary BitTorrent client inside the test: libtorrent with its default storage, in one session that
// listens on 127.0.0.1 by default. It knows nothing of devices; its files have the names in the torrent.
//
// One thread owns it, and it is in that thread's network namespace. No DHT, local discovery, port mapping or
// uTP.
#pragma once

#include "tests/support/torrent/torrent_maker.hpp"

#include <libtorrent/session.hpp>
#include <libtorrent/torrent_handle.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace rawswarm::test
{

class stock_client
{
public:
	// listen: ADDRESS:PORT; port 0: any free one.
	explicit stock_client(std::string const& listen = "127.0.0.1:0");

	// Where it listens.
	std::uint16_t port() const { return m_port; }

	// Seeds FOLDER/<torrent's name>/…, as write_files made it.
	void seed(made_torrent const& torrent, std::filesystem::path const& folder);

	// Seeds the content of the files, right or wrong.
	void seed_unverified(std::string const& torrent_bytes, std::filesystem::path const& folder);

	// Fetches into FOLDER, from a peer on 127.0.0.1.
	void download(made_torrent const& torrent, std::filesystem::path const& folder, std::uint16_t peer_port);

	// The same for a torrent that was not made by make_torrent.
	void seed(std::string const& torrent_bytes, std::filesystem::path const& folder);
	void download(
		std::string const& torrent_bytes, std::filesystem::path const& folder, std::uint16_t peer_port);

	// Waits until all its torrents have every piece and the files hold them. False after the timeout.
	bool wait_until_complete(std::chrono::milliseconds timeout);

	// Has a torrent that is there find peers by this tracker.
	void ask_tracker(std::string const& url);

	// Fetches into FOLDER, from whom it finds by a tracker.
	void download(made_torrent const& torrent, std::filesystem::path const& folder);

	// Has all torrents that are there dial a peer.
	void dial(std::string const& address, std::uint16_t peer_port);

	// Bytes of payload per second that each torrent may send; 0: no limit.
	void limit_upload(int rate);

	// Bytes of payload sent to peers, all torrents together.
	std::int64_t uploaded() const;

private:
	enum class manner
	{
		download,
		seed,
		seed_unverified
	};

	lt::torrent_handle add(std::string const& bytes, std::filesystem::path const& folder, manner how);
	bool complete() const;
	std::size_t pop_flushed(); // reads the alerts; returns how many torrents were flushed

	int m_upload_limit = 0;
	std::vector<lt::torrent_handle> m_torrents;
	lt::session m_session;
	std::uint16_t m_port = 0;
};

} // namespace rawswarm::test
