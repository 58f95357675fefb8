// SPDX-License-Identifier: BSD-3-Clause
// Passes blocks that have arrived on to a disk backend as libtorrent does: a write for each, and a hash once
// the last one of a piece is there. Notes what becomes of them.
//
// All in the thread that runs the io_context.
#pragma once

#include "storage/device/units.hpp"
#include "tests/bench/disk/block_stream.hpp"

#include <libtorrent/disk_interface.hpp>
#include <libtorrent/disk_observer.hpp>
#include <libtorrent/error_code.hpp>
#include <libtorrent/io_context.hpp>
#include <libtorrent/peer_request.hpp>
#include <libtorrent/sha1_hash.hpp>
#include <libtorrent/torrent_info.hpp>

#include <chrono>
#include <memory>

namespace rawswarm::bench
{

inline constexpr int blocks_in_piece = piece_bytes / block_size;

class block_delivery
{
public:
	// The result is added to until nothing is open any more.
	block_delivery(lt::disk_interface& disk, lt::storage_index_t const storage, lt::torrent_info const& info,
		stream_result& result)
		: m_disk(disk)
		, m_storage(storage)
		, m_info(info)
		, m_result(result)
	{}

	// Of whom the first block of a piece comes, brings all of them, in their order. True: is to wait until
	// its on_disk() is called.
	bool bring(int const piece, int const block, char const* const content,
		std::shared_ptr<lt::disk_observer> const& from)
	{
		lt::piece_index_t const index{piece};
		auto const came = std::chrono::steady_clock::now();
		++m_open;
		bool const has_to_wait = m_disk.async_write(m_storage, {index, block * block_size, block_size},
			content, from, [this, came](lt::storage_error const& e) {
				--m_open;
				m_result.errors += e ? 1 : 0;
				m_result.latency.add(std::chrono::steady_clock::now() - came);
			});
		if (block == 0)
		{
			m_result.pieces.push_back(piece);
			m_result.bytes += piece_bytes;
		}
		if (block + 1 == blocks_in_piece)
		{
			hash(index);
		}
		return has_to_wait;
	}

	// Stops the torrent, and returns once every handler was called.
	void finish(lt::io_context& ios)
	{
		bool stopped = false;
		m_disk.async_stop_torrent(m_storage, [&] { stopped = true; });
		m_disk.submit_jobs();
		while (!stopped || m_open > 0)
		{
			ios.restart();
			ios.run_one();
		}
	}

private:
	void hash(lt::piece_index_t const piece)
	{
		++m_open;
		m_disk.async_hash(m_storage, piece, {}, lt::disk_interface::v1_hash,
			[this](lt::piece_index_t const i, lt::sha1_hash const& hash, lt::storage_error const& e) {
				--m_open;
				m_result.errors += e ? 1 : 0;
				m_result.wrong_hashes += hash != m_info.hash_for_piece(i) ? 1 : 0;
			});
	}

	lt::disk_interface& m_disk;
	lt::storage_index_t m_storage;
	lt::torrent_info const& m_info;
	stream_result& m_result;
	int m_open = 0; // handlers that were not called yet
};

} // namespace rawswarm::bench
