// SPDX-License-Identifier: BSD-3-Clause
#include "agent/serve/room_watch.hpp"

#include "agent/room/room_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include <sys/stat.h>

namespace rawswarm
{

namespace
{

constexpr std::chrono::seconds look_interval{1};

// What changes when a file is written or another takes its place.
std::string stamp_of(std::string const& path)
{
	struct stat status
	{};
	if (::stat(path.c_str(), &status) != 0)
	{
		return "-";
	}
	// A device's times change with every use.
	bool const is_device = S_ISBLK(status.st_mode) || S_ISCHR(status.st_mode);
	return fmt::format("{}.{}.{}.{}.{}", status.st_dev, status.st_ino, status.st_size,
		is_device ? 0 : status.st_mtim.tv_sec, is_device ? 0 : status.st_mtim.tv_nsec);
}

} // namespace

room_watch::room_watch(boost::asio::io_context& ios, std::string folder,
	std::function<room_description const&()> known, std::function<void(result<room_description>)> on_read)
	: m_folder(std::move(folder))
	, m_known(std::move(known))
	, m_on_read(std::move(on_read))
	, m_tick(ios, look_interval, [this] { look(); })
	, m_scope(ios, m_thread)
{}

room_watch::~room_watch() = default;

room_watch::stamps room_watch::before_reading(std::string const& folder)
{
	return stamps_of(paths_of(folder, {}));
}

void room_watch::start(stamps before)
{
	m_is_looking = true;
	m_scope.run_blocking([paths = paths_of(m_folder, m_known())] { return stamps_of(paths); },
		[this, before = std::move(before)](stamps const& now) mutable {
			m_is_looking = false;
			m_seen = now;
			m_read = std::move(before);
			m_read.insert(now.begin(), now.end());
		});
	m_tick.start();
}

std::vector<std::string> room_watch::paths_of(std::string const& folder, room_description const& room)
{
	std::vector<std::string> paths{
		folder + "/room.json", folder + "/images", room.key_file, room.swarm_key_file, room.job_key};
	for (auto const& [name, image] : room.images)
	{
		paths.push_back(image.torrent);
		paths.push_back(image.source);
	}
	std::erase(paths, std::string());
	return paths;
}

room_watch::stamps room_watch::stamps_of(std::vector<std::string> const& paths)
{
	stamps found;
	for (auto const& path : paths)
	{
		found.try_emplace(path, stamp_of(path));
	}
	return found;
}

// A room with files that nobody had looked at is read once more, now that they are known. What is new even
// then has no stamp, and differs at the next look.
std::shared_ptr<room_watch::reading> room_watch::read(
	std::string const& folder, std::vector<std::string> const& paths)
{
	auto before = stamps_of(paths);
	auto room = read_room(folder);
	auto const lacks_stamp = [&before](std::string const& path) { return !before.contains(path); };
	if (room)
	{
		auto const found = paths_of(folder, room.value());
		if (std::ranges::any_of(found, lacks_stamp))
		{
			before = stamps_of(found);
			room = read_room(folder);
		}
	}
	if (room)
	{
		stamps known;
		for (auto const& path : paths_of(folder, room.value()))
		{
			auto const stamp = before.find(path);
			known.try_emplace(path, stamp == before.end() ? std::string() : stamp->second);
		}
		before = std::move(known);
	}
	return std::make_shared<reading>(reading{std::move(room), std::move(before)});
}

void room_watch::look()
{
	if (m_is_reading || std::exchange(m_is_looking, true))
	{
		return;
	}
	m_scope.run_blocking([paths = paths_of(m_folder, m_known())] { return stamps_of(paths); },
		[this](stamps now) { on_looked(std::move(now)); });
}

void room_watch::on_looked(stamps now)
{
	m_is_looking = false;
	if (m_is_reading)
	{
		return;
	}
	bool const has_changed = now != m_read && now == m_seen;
	m_seen = std::move(now);
	if (has_changed)
	{
		read_again();
	}
}

void room_watch::read_again()
{
	if (std::exchange(m_is_reading, true))
	{
		m_again = true;
		return;
	}
	m_scope.run_blocking(
		[folder = m_folder, paths = paths_of(m_folder, m_known())] { return read(folder, paths); },
		[this](std::shared_ptr<reading> const& done) {
			m_is_reading = false;
			m_read = m_seen = done->before;
			m_on_read(std::move(done->room));
			if (std::exchange(m_again, false))
			{
				read_again();
			}
		});
}

} // namespace rawswarm
