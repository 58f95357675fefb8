// SPDX-License-Identifier: BSD-3-Clause
#include "tests/bench/disk/socket_stream.hpp"

#include "tests/bench/disk/block_delivery.hpp"
#include "tests/bench/disk/socket_peers.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <libtorrent/disk_observer.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

namespace rawswarm::bench
{

namespace
{

using boost::asio::ip::tcp;

class socket_stand_in
{
public:
	socket_stand_in(lt::disk_interface& disk, lt::io_context& ios, lt::storage_index_t const storage,
		lt::torrent_info const& info, stream_result& result)
		: m_disk(disk)
		, m_ios(ios)
		, m_result(result)
		, m_delivery(disk, storage, info, result)
	{}

	~socket_stand_in()
	{
		for (auto const& p : m_peers)
		{
			p->close(); // or its sender would wait for ever, after an error
		}
	}

	socket_stand_in(socket_stand_in const&) = delete;
	socket_stand_in& operator=(socket_stand_in const&) = delete;

	// receive_buffer: as setsockopt() takes it; 0: the kernel's own.
	void connect(int const peers, std::uint16_t const port, int const receive_buffer)
	{
		for (; m_connected < peers; ++m_connected)
		{
			tcp::socket socket(m_ios, tcp::v4());
			if (receive_buffer > 0)
			{
				// before it connects, as the window's scale is agreed on then
				socket.set_option(tcp::socket::receive_buffer_size(receive_buffer));
			}
			socket.connect({boost::asio::ip::address_v4::loopback(), port});
			m_peers.push_back(std::make_shared<peer>(*this, std::move(socket)));
		}
	}

	void run()
	{
		for (auto const& p : m_peers)
		{
			p->read_on();
		}
		while (m_connected > 0)
		{
			m_ios.restart();
			m_ios.run_one();
		}
		m_delivery.finish(m_ios);
	}

private:
	class peer final
		: public lt::disk_observer
		, public std::enable_shared_from_this<peer>
	{
	public:
		peer(socket_stand_in& room, tcp::socket socket)
			: m_room(room)
			, m_socket(std::move(socket))
		{}

		void close()
		{
			boost::system::error_code ignored;
			m_socket.close(ignored);
		}

		void on_disk() override
		{
			m_room.m_late = 0;
			m_waits = false;
			read_on();
		}

		void read_on()
		{
			m_socket.async_wait(tcp::socket::wait_read, [self = shared_from_this()](auto const& error) {
				if (!self->read_all(error))
				{
					--self->m_room.m_connected;
				}
			});
		}

	private:
		// False: that was the end.
		bool read_all(boost::system::error_code error)
		{
			auto const kept = m_bytes.size();
			auto const available = error ? 0 : m_socket.available(error);
			m_bytes.resize(kept + std::max<std::size_t>(available, 1));
			auto const length = error
				? 0
				: m_socket.read_some(
					boost::asio::buffer(m_bytes.data() + kept, m_bytes.size() - kept), error);
			if (error == boost::asio::error::eof && kept == 0) // between two blocks
			{
				return false;
			}
			if (error)
			{
				throw std::system_error(error, "reading what a peer sent");
			}
			m_bytes.resize(kept + length);
			bring_blocks();
			if (!m_waits)
			{
				read_on();
			}
			return true;
		}

		void bring_blocks()
		{
			std::size_t at = 0;
			for (; m_bytes.size() - at >= message_bytes; at += message_bytes)
			{
				int piece = 0;
				int block = 0;
				std::memcpy(&piece, &m_bytes[at], sizeof(piece));
				std::memcpy(&block, &m_bytes[at + sizeof(piece)], sizeof(block));
				if (m_room.bring(piece, block, &m_bytes[at + head_bytes], shared_from_this()))
				{
					m_waits = true;
				}
			}
			m_bytes.erase(m_bytes.begin(), m_bytes.begin() + static_cast<std::ptrdiff_t>(at));
		}

		socket_stand_in& m_room;
		tcp::socket m_socket;
		std::vector<char> m_bytes;
		bool m_waits = false;
	};

	bool bring(int const piece, int const block, char const* const content,
		std::shared_ptr<lt::disk_observer> const& from)
	{
		bool const has_to_wait = m_delivery.bring(piece, block, content, from);
		m_late += has_to_wait ? 1 : 0;
		m_result.most_late = std::max(m_result.most_late, m_late);
		// after what all sockets have that are ready now, as libtorrent does
		if (!std::exchange(m_submits, true))
		{
			boost::asio::post(m_ios, [this] {
				m_submits = false;
				m_disk.submit_jobs();
			});
		}
		return has_to_wait;
	}

	lt::disk_interface& m_disk;
	lt::io_context& m_ios;
	stream_result& m_result;
	block_delivery m_delivery;
	std::vector<std::shared_ptr<peer>> m_peers;
	int m_connected = 0;
	int m_late = 0; // blocks since a peer was woken
	bool m_submits = false;
};

} // namespace

void run_socket_stream(lt::disk_interface& disk, lt::io_context& ios, lt::storage_index_t const storage,
	lt::torrent_info const& info, stream_options const& options, stream_result& result)
{
	socket_peers peers(options.peers, order_of(info.num_pieces(), options.seed));
	socket_stand_in receivers(disk, ios, storage, info, result);
	receivers.connect(options.peers, peers.port(), *options.receive_buffer);
	peers.start(options.time_limit);
	receivers.run();
}

} // namespace rawswarm::bench
