// SPDX-License-Identifier: BSD-3-Clause
// Looks whether a room's folder has changed, and reads it anew if it has.
//
// What counts is room.json, the folder images/, and each torrent and image that is known: their times and
// sizes, once a second. A file that is still being written is read once it has stayed the same for a second.
// inotify would not tell of changes by another machine (NFS).
//
// A change while the folder is read counts: what was looked at before is what was read.
//
// Made, called and destroyed by the thread of the io_context; the folder is looked at and read on a thread of
// its own, which a server of files that does not answer may hold up.
#pragma once

#include "agent/job/repeating_timer.hpp"
#include "agent/room/room.hpp"
#include "base/result.hpp"
#include "base/run_blocking.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

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

	using stamps = std::map<std::string, std::string>; // by path

	// To be called before the folder is read for the first time: what of it may have another content by the
	// time that start() is called. Blocking.
	static stamps before_reading(std::string const& folder);

	// before: before_reading()'s; what has changed since then is read again. What else is there by now counts
	// as known.
	void start(stamps before = {});

	// Reads it now, whether it has changed or not.
	void read_again();

private:
	struct reading
	{
		result<room_description> room;
		stamps before; // of what was read, at most as new as that
	};

	static std::vector<std::string> paths_of(std::string const& folder, room_description const& room);
	static stamps stamps_of(std::vector<std::string> const& paths);
	static std::shared_ptr<reading> read(std::string const& folder, std::vector<std::string> const& paths);

	void look();
	void on_looked(stamps now);

	std::string m_folder;
	std::function<room_description const&()> m_known;
	std::function<void(result<room_description>)> m_on_read;
	stamps m_read; // of what was read last
	stamps m_seen; // of the last look
	bool m_is_looking = false;
	bool m_is_reading = false;
	bool m_again = false;
	boost::asio::thread_pool m_thread{1};
	repeating_timer m_tick;
	blocking_scope m_scope; // last: what it posts uses the members before it
};

} // namespace rawswarm
