// SPDX-License-Identifier: BSD-3-Clause
// What is behind raw_disk_io.hpp, whose rules it keeps: the calls of libtorrent's disk_interface, each passed
// on to who does the work. Only the files that implement it include this.
#pragma once

#include "storage/backend/block_cache.hpp"
#include "storage/backend/block_reader.hpp"
#include "storage/backend/block_writer.hpp"
#include "storage/backend/buffer_pool.hpp"
#include "storage/backend/disk_workers.hpp"
#include "storage/backend/fileless_disk_io.hpp"
#include "storage/backend/frame_packer.hpp"
#include "storage/backend/frame_store.hpp"
#include "storage/backend/frame_unpacker.hpp"
#include "storage/backend/open_storage.hpp"
#include "storage/backend/piece_hasher.hpp"
#include "storage/backend/storage_context.hpp"

#include <boost/asio/steady_timer.hpp>
#include <libtorrent/disk_interface.hpp>
#include <libtorrent/io_context.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace rawswarm
{

// The torrent's save path is that of no target.
inline lt::storage_error no_target(lt::operation_t const operation)
{
	return {lt::error_code(boost::system::errc::no_such_device, boost::system::generic_category()),
		lt::file_index_t{0}, operation};
}

class raw_disk final : public fileless_disk_io
{
public:
	raw_disk(lt::io_context& ios, std::shared_ptr<storage_context> context);
	// asio says that cancel() of a timer may throw, which it does not
	~raw_disk() override; // NOLINT(bugprone-exception-escape)
	raw_disk(raw_disk const&) = delete;
	raw_disk& operator=(raw_disk const&) = delete;

	lt::storage_holder new_torrent(
		lt::storage_params const& p, std::shared_ptr<void> const& torrent) override;
	void remove_torrent(lt::storage_index_t storage) override;
	void async_read(lt::storage_index_t storage, lt::peer_request const& r, read_handler handler,
		lt::disk_job_flags_t flags) override;
	bool async_write(lt::storage_index_t storage, lt::peer_request const& r, char const* buf,
		std::shared_ptr<lt::disk_observer> o, write_handler handler, lt::disk_job_flags_t flags) override;
	void async_hash(lt::storage_index_t storage, lt::piece_index_t piece, lt::span<lt::sha256_hash> v2,
		lt::disk_job_flags_t flags, hash_handler handler) override;
	void async_hash2(lt::storage_index_t storage, lt::piece_index_t piece, int offset,
		lt::disk_job_flags_t flags, hash2_handler handler) override;
	void async_release_files(lt::storage_index_t storage, std::function<void()> handler) override;
	void async_check_files(lt::storage_index_t storage, lt::add_torrent_params const* resume_data,
		lt::aux::vector<std::string, lt::file_index_t> links,
		std::function<void(lt::status_t, lt::storage_error const&)> handler) override;
	void async_stop_torrent(lt::storage_index_t storage, std::function<void()> handler) override;
	void async_clear_piece(lt::storage_index_t storage, lt::piece_index_t index,
		std::function<void(lt::piece_index_t)> handler) override;
	void update_stats_counters(lt::counters& c) const override;
	void abort(bool wait) override;
	void submit_jobs() override;
	void settings_updated() override;

private:
	using storage_ptr = std::shared_ptr<open_storage>;

	storage_ptr const& storage_at(lt::storage_index_t storage) const;
	void abort_jobs();
	void write_old_blocks();
	void on_written();
	void on_block(storage_ptr const& s, lt::peer_request const& r);
	void keep_frame_beside(storage_ptr const& s, lt::peer_request const& r);
	void on_unpacked(frame_unpacker::arrived_block block);
	void finish_hash(storage_ptr const& s, lt::piece_index_t piece, hash_request const& request,
		hash_handler const& handler);

	std::shared_ptr<storage_context> m_context;
	buffer_pool m_buffers;
	block_cache m_cache;
	frame_store m_frames;
	storage_table m_storages;
	piece_hasher m_hasher;
	std::atomic<bool> m_aborting{false};

	// network thread only
	std::vector<storage_ptr> m_slots; // by libtorrent's number; nullptr: free
	std::uint32_t m_last_id = 0;
	boost::asio::steady_timer m_age_timer;
	bool m_age_timer_runs = false;

	// the jobs of the workers use all of the above and those below
	disk_workers m_workers;
	frame_packer m_packer;
	frame_unpacker m_unpacker;
	block_reader m_reader;
	block_writer m_writer;
};

} // namespace rawswarm
