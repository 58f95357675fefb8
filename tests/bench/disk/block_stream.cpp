// SPDX-License-Identifier: BSD-3-Clause
#include "tests/bench/disk/block_stream.hpp"

#include "storage/device/units.hpp"
#include "tests/bench/disk/block_delivery.hpp"
#include "tests/bench/disk/socket_stream.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <fmt/format.h>
#include <libtorrent/create_torrent.hpp>
#include <libtorrent/disk_observer.hpp>
#include <libtorrent/file_storage.hpp>
#include <libtorrent/hasher.hpp>
#include <libtorrent/load_torrent.hpp>
#include <libtorrent/peer_request.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>
#include <random>

namespace rawswarm::bench
{

namespace
{

// Blocks that a peer's socket holds at a time: libtorrent reads all that has arrived, passes it on and
// submits.
constexpr int batch = 4;

using block_bytes = std::array<char, static_cast<std::size_t>(block_size)>;

std::vector<block_bytes> random_blocks()
{
	std::vector<block_bytes> blocks(64);
	std::mt19937_64 generator(4711);
	for (auto& b : blocks)
	{
		for (std::size_t i = 0; i < b.size(); i += sizeof(std::uint64_t))
		{
			std::uint64_t const value = generator();
			std::memcpy(b.data() + i, &value, sizeof(value));
		}
	}
	return blocks;
}

class swarm_stand_in
{
public:
	swarm_stand_in(lt::disk_interface& disk, lt::io_context& ios, lt::storage_index_t const storage,
		lt::torrent_info const& info, stream_options const& options, stream_result& result)
		: m_disk(disk)
		, m_ios(ios)
		, m_options(options)
		, m_order(order_of(info.num_pieces(), options.seed))
		, m_delivery(disk, storage, info, result)
	{
		for (int i = 0; i < options.peers; ++i)
		{
			m_peers.push_back(std::make_shared<peer>());
		}
	}

	void run()
	{
		// a context that had nothing to do has stopped, and would run no handler any more
		auto const guard = boost::asio::make_work_guard(m_ios);
		auto const end = std::chrono::steady_clock::now() + m_options.time_limit;
		do
		{
			m_may_begin = std::chrono::steady_clock::now() < end;
			for (auto const& p : m_peers)
			{
				for (int i = 0; i < batch && !p->waits && take_piece(*p); ++i)
				{
					bring(p);
				}
			}
			m_disk.submit_jobs();
			m_ios.restart();
			m_ios.poll();
			while (is_left() && !can_bring())
			{
				m_ios.run_one();
			}
		} while (is_left());
		m_delivery.finish(m_ios);
	}

private:
	struct peer final : lt::disk_observer
	{
		void on_disk() override { waits = false; }

		int piece = -1;
		int block = 0;
		bool waits = false;
	};

	bool has_next() const { return m_may_begin && m_next < m_order.size(); }

	bool is_left() const
	{
		return has_next() || std::ranges::any_of(m_peers, [](auto const& p) { return p->piece >= 0; });
	}

	bool can_bring() const
	{
		return std::ranges::any_of(
			m_peers, [this](auto const& p) { return !p->waits && (p->piece >= 0 || has_next()); });
	}

	bool take_piece(peer& p)
	{
		if (p.piece < 0 && has_next())
		{
			p.piece = m_order[m_next++];
			p.block = 0;
		}
		return p.piece >= 0;
	}

	void bring(std::shared_ptr<peer> const& p)
	{
		p->waits = m_delivery.bring(p->piece, p->block, block_content(p->piece, p->block), p);
		p->piece = ++p->block < blocks_in_piece ? p->piece : -1;
	}

	lt::disk_interface& m_disk;
	lt::io_context& m_ios;
	stream_options const& m_options;
	std::vector<int> m_order;
	std::size_t m_next = 0;
	bool m_may_begin = true;
	block_delivery m_delivery;
	std::vector<std::shared_ptr<peer>> m_peers;
};

} // namespace

std::vector<int> order_of(int const pieces, std::uint64_t const seed)
{
	std::vector<int> order(static_cast<std::size_t>(pieces));
	std::iota(order.begin(), order.end(), 0);
	std::shuffle(order.begin(), order.end(), std::mt19937_64(seed));
	return order;
}

char const* block_content(int const piece, int const block)
{
	static std::vector<block_bytes> blocks = random_blocks();
	auto& b = blocks[static_cast<std::size_t>(piece * 61 + block) % blocks.size()];
	std::memcpy(b.data(), &piece, sizeof(piece));
	std::memcpy(b.data() + sizeof(piece), &block, sizeof(block));
	return b.data();
}

namespace
{

std::vector<char> make_torrent_bytes(int const pieces)
{
	lt::file_storage files;
	files.add_file("disk/0x00000000", std::int64_t(pieces) * piece_bytes);
	lt::create_torrent torrent(files, piece_bytes, lt::create_torrent::v1_only);
	for (int p = 0; p < pieces; ++p)
	{
		lt::hasher hash;
		for (int b = 0; b < blocks_in_piece; ++b)
		{
			hash.update(lt::span<char const>(block_content(p, b), block_size));
		}
		torrent.set_hash(lt::piece_index_t{p}, hash.final());
	}
	std::vector<char> bytes;
	lt::bencode(std::back_inserter(bytes), torrent.generate());
	return bytes;
}

} // namespace

image_torrent_file make_image_torrent_file(int const pieces)
{
	auto const bytes = make_torrent_bytes(pieces);
	std::string digits;
	for (char const c : make_image_torrent(pieces)->info_hashes().v1.to_string())
	{
		digits += fmt::format("{:02x}", static_cast<unsigned char>(c));
	}
	return {{bytes.begin(), bytes.end()}, digits};
}

std::shared_ptr<lt::torrent_info const> make_image_torrent(int const pieces)
{
	auto const bytes = make_torrent_bytes(pieces);
	lt::load_torrent_limits limits;
	limits.max_pieces = std::max(limits.max_pieces, pieces);
	limits.max_buffer_size = std::max<int>(limits.max_buffer_size, static_cast<int>(bytes.size()));
	return lt::load_torrent_buffer(bytes, limits).ti;
}

void run_stream(lt::disk_interface& disk, lt::io_context& ios, lt::storage_index_t const storage,
	lt::torrent_info const& info, stream_options const& options, stream_result& result)
{
	if (options.receive_buffer)
	{
		run_socket_stream(disk, ios, storage, info, options, result);
		return;
	}
	swarm_stand_in(disk, ios, storage, info, options, result).run();
}

} // namespace rawswarm::bench
