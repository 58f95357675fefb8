// SPDX-License-Identifier: BSD-3-Clause
#include "agent/serve/room_watch.hpp"

#include "agent/room/room_file.hpp"

#include <fmt/format.h>

#include <memory>
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
		return "-;";
	}
	// A device's times change with every use.
	bool const is_device = S_ISBLK(status.st_mode) || S_ISCHR(status.st_mode);
	return fmt::format("{}.{}.{}.{}.{};", status.st_dev, status.st_ino, status.st_size,
		is_device ? 0 : status.st_mtim.tv_sec, is_device ? 0 : status.st_mtim.tv_nsec);
}

} // namespace

room_watch::room_watch(boost::asio::io_context& ios, std::string folder,
	std::function<room_description const&()> known, std::function<void(result<room_description>)> on_read)
	: m_folder(std::move(folder))
	, m_known(std::move(known))
	, m_on_read(std::move(on_read))
	, m_read(stamp())
	, m_seen(m_read)
	, m_tick(ios, look_interval, [this] { look(); })
	, m_scope(ios, m_thread)
{}

room_watch::~room_watch() = default;

void room_watch::start()
{
	m_tick.start();
}

std::string room_watch::stamp() const
{
	auto text = stamp_of(m_folder + "/room.json") + stamp_of(m_folder + "/images");
	auto const& room = m_known();
	for (auto const& file : {room.key_file, room.job_key})
	{
		text += file.empty() ? file : stamp_of(file);
	}
	for (auto const& [name, image] : room.images)
	{
		text += stamp_of(image.torrent) + stamp_of(image.source);
	}
	return text;
}

void room_watch::look()
{
	auto now = stamp();
	if (now != m_read && now == m_seen)
	{
		read_again();
	}
	m_seen = std::move(now);
}

void room_watch::read_again()
{
	if (std::exchange(m_is_reading, true))
	{
		m_again = true;
		return;
	}
	m_read = stamp();
	m_scope.run_blocking(
		[folder = m_folder] { return std::make_shared<result<room_description>>(read_room(folder)); },
		[this](std::shared_ptr<result<room_description>> const& read) {
			m_is_reading = false;
			m_on_read(std::move(*read));
			// The images that are known may be others now, and no change of the folder.
			m_read = m_seen = stamp();
			if (std::exchange(m_again, false))
			{
				read_again();
			}
		});
}

} // namespace rawswarm
