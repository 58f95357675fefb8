// SPDX-License-Identifier: BSD-3-Clause
// Looks whether a room's folder has changed, and reads it anew if it has.
//
// What counts is room.json, the folder images/, and each torrent and image that is known: their times and
// sizes, once a second. A file that is still being written is read once it has stayed the same for a second.
// inotify would not tell of changes by another machine (NFS).
//
// Made, called and destroyed by the thread of the io_context; the folder is read on a thread of its own.
#pragma once

#include "agent/job/repeating_timer.hpp"
#include "agent/room/room.hpp"
#include "base/result.hpp"
#include "base/run_blocking.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include <functional>
#include <string>

namespace rawswarm
{

class room_watch
{
public:
	// on_read: with the room, or with why it cannot be used. known: what there is; read when the folder
	// changes, and must live as long as this.
	room_watch(boost::asio::io_context& ios, std::string folder,
		std::function<room_description const&()> known,
		std::function<void(result<room_description>)> on_read);
	room_watch(room_watch const&) = delete;
	room_watch& operator=(room_watch const&) = delete;
	~room_watch();

	void start();

	// Reads it now, whether it has changed or not.
	void read_again();

private:
	std::string stamp() const;
	void look();

	std::string m_folder;
	std::function<room_description const&()> m_known;
	std::function<void(result<room_description>)> m_on_read;
	std::string m_read; // the stamp of what was read last
	std::string m_seen; // that of the last look
	bool m_is_reading = false;
	bool m_again = false;
	boost::asio::thread_pool m_thread{1};
	repeating_timer m_tick;
	blocking_scope m_scope; // last: what it posts uses the members before it
};

} // namespace rawswarm
