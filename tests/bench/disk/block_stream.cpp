// SPDX-License-Identifier: BSD-3-Clause
#include "tests/bench/disk/block_stream.hpp"

#include "storage/device/units.hpp"

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

constexpr int blocks_in_piece = piece_bytes / block_size;

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
		, m_storage(storage)
		, m_info(info)
		, m_options(options)
		, m_result(result)
		, m_order(static_cast<std::size_t>(info.num_pieces()))
	{
		std::iota(m_order.begin(), m_order.end(), 0);
		std::shuffle(m_order.begin(), m_order.end(), std::mt19937_64(options.seed));
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
		bool stopped = false;
		m_disk.async_stop_torrent(m_storage, [&] { stopped = true; });
		m_disk.submit_jobs();
		while (!stopped || m_open > 0)
		{
			m_ios.restart();
			m_ios.run_one();
		}
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
			m_result.pieces.push_back(p.piece);
			m_result.bytes += piece_bytes;
		}
		return p.piece >= 0;
	}

	void bring(std::shared_ptr<peer> const& p)
	{
		lt::piece_index_t const piece{p->piece};
		auto const came = std::chrono::steady_clock::now();
		++m_open;
		p->waits = m_disk.async_write(m_storage, {piece, p->block * block_size, block_size},
			block_content(p->piece, p->block), p, [this, came](lt::storage_error const& e) {
				--m_open;
				m_result.errors += e ? 1 : 0;
				m_result.latency.add(std::chrono::steady_clock::now() - came);
			});
		if (++p->block < blocks_in_piece)
		{
			return;
		}
		++m_open;
		m_disk.async_hash(m_storage, piece, {}, lt::disk_interface::v1_hash,
			[this](lt::piece_index_t const i, lt::sha1_hash const& hash, lt::storage_error const& e) {
				--m_open;
				m_result.errors += e ? 1 : 0;
				m_result.wrong_hashes += hash != m_info.hash_for_piece(i) ? 1 : 0;
			});
		p->piece = -1;
	}

	lt::disk_interface& m_disk;
	lt::io_context& m_ios;
	lt::storage_index_t m_storage;
	lt::torrent_info const& m_info;
	stream_options const& m_options;
	stream_result& m_result;
	std::vector<int> m_order;
	std::size_t m_next = 0;
	bool m_may_begin = true;
	int m_open = 0; // handlers that were not called yet
	std::vector<std::shared_ptr<peer>> m_peers;
};

} // namespace

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
	swarm_stand_in(disk, ios, storage, info, options, result).run();
}

} // namespace rawswarm::bench
