// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/device/disk_calls.hpp"

#include "storage/backend/frame_flags.hpp"
#include "storage/device/extent_map.hpp"
#include "storage/device/units.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/endian/conversion.hpp>
#include <gtest/gtest.h>
#include <libtorrent/add_torrent_params.hpp>
#include <libtorrent/load_torrent.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <thread>
#include <utility>

namespace rawswarm::test
{

namespace
{

// True in the test's thread while that runs the io_context.
thread_local bool in_io_context = false;

} // namespace

disk_calls::torrent& disk_calls::add(std::vector<torrent_file> files, torrent_options const& options)
{
	auto made = make_torrent(std::move(files), options);
	auto info = lt::load_torrent_buffer(made.bytes).ti;
	m_torrents.push_back({.made = std::move(made), .info = std::move(info)});
	return m_torrents.back();
}

void disk_calls::start(torrent& t, std::string const& save_path)
{
	lt::aux::vector<lt::download_priority_t, lt::file_index_t> const priorities;
	lt::storage_params const params(t.info->files(), nullptr, save_path, lt::storage_mode_sparse, priorities,
		t.info->info_hashes().get_best());
	t.storage = m_io->new_torrent(params, nullptr);
}

void disk_calls::check_end()
{
	end();
	for (auto const& r : m_replies)
	{
		EXPECT_EQ(r->calls, 1) << "each handler is called exactly once";
	}
	EXPECT_EQ(m_misplaced, 0) << "handlers are called by the io_context only";
}

void disk_calls::end()
{
	if (!m_io)
	{
		return;
	}
	before_end();
	for (auto& t : m_torrents)
	{
		t.storage.reset();
	}
	m_io->abort(true);
	// the handlers that the backend posted may hold blocks of its pool
	run_until([] { return true; });
	for (auto const& r : m_held)
	{
		if (r->value)
		{
			r->value->buffer.reset();
		}
	}
	m_io.reset();
	run_until([] { return true; });
}

int disk_calls::blocks_in_use() const
{
	lt::counters c;
	m_io->update_stats_counters(c);
	return static_cast<int>(c[lt::counters::disk_blocks_in_use]);
}

std::string disk_calls::piece(int const number) const
{
	return bytes_of(number, 0, info().piece_size(lt::piece_index_t{number}));
}

std::string disk_calls::bytes_of(int const piece, int const offset_in_piece, int const bytes_wanted) const
{
	std::string bytes;
	auto const& files = info().files();
	for (auto const& part : files.map_block(lt::piece_index_t{piece}, offset_in_piece, bytes_wanted))
	{
		auto const length = static_cast<std::size_t>(part.size);
		if (files.pad_file_at(part.file_index))
		{
			bytes.append(length, '\0');
			continue;
		}
		auto const offset = parse_offset(std::string(files.file_name(part.file_index)));
		auto const file = std::ranges::find(current().made.files, offset->bytes, &torrent_file::offset);
		bytes += file->bytes.substr(static_cast<std::size_t>(part.offset), length);
	}
	return bytes;
}

std::string disk_calls::block(int const piece, int const number) const
{
	return bytes_of(piece, number * block_size, block_length(piece, number));
}

int disk_calls::blocks(int const piece) const
{
	lt::piece_index_t const index{piece};
	return info().v2() ? info().files().blocks_in_piece2(index) : blocks_in(info().piece_size(index));
}

int disk_calls::block_length(int const piece, int const number) const
{
	return std::min(block_size, info().piece_size(lt::piece_index_t{piece}) - number * block_size);
}

int disk_calls::block_length2(int const piece, int const number) const
{
	lt::piece_index_t const index{piece};
	int const length = info().v2() ? info().files().piece_size2(index) : info().piece_size(index);
	return std::min(block_size, length - number * block_size);
}

void disk_calls::note_call(reply_base& r)
{
	bool const inside_call = m_answers_inside_calls && std::this_thread::get_id() == m_thread;
	if (!in_io_context && !inside_call)
	{
		++m_misplaced;
	}
	++r.calls;
}

reply<lt::storage_error> disk_calls::write(int const piece, int const block, std::string_view const bytes,
	std::shared_ptr<test_peer> const& peer, bool* const has_to_wait)
{
	auto const r = new_reply<lt::storage_error>();
	bool const wait = m_io->async_write(storage(),
		{lt::piece_index_t{piece}, block * block_size, static_cast<int>(bytes.size())}, bytes.data(), peer,
		[this, r](lt::storage_error const& e) { set(*r, e); });
	if (has_to_wait)
	{
		*has_to_wait = wait;
	}
	return r;
}

reply<lt::storage_error> disk_calls::write_block(int const piece, int const block)
{
	return write(piece, block, this->block(piece, block));
}

reply<lt::storage_error> disk_calls::write_frame(
	int const piece, int const block, std::string_view const frame)
{
	std::array<unsigned char, sizeof(std::uint32_t)> length{};
	boost::endian::store_big_u32(length.data(), static_cast<std::uint32_t>(frame.size()));
	auto message = std::string(length.begin(), length.end()).append(frame);
	auto const r = new_reply<lt::storage_error>();
	m_io->async_write(
		storage(), {lt::piece_index_t{piece}, block * block_size, block_length(piece, block)}, message.data(),
		nullptr, [this, r](lt::storage_error const& e) { set(*r, e); }, is_frame);
	message.assign(message.size(), '\x5a'); // the buffer is the caller's once the call has returned
	return r;
}

std::vector<reply<lt::storage_error>> disk_calls::write_piece(int const piece)
{
	std::vector<reply<lt::storage_error>> all;
	for (int b = 0; b < blocks(piece); ++b)
	{
		all.push_back(write_block(piece, b));
	}
	return all;
}

reply<read_reply> disk_calls::start_read(
	lt::peer_request const& request, lt::disk_job_flags_t const flags, bool const hold)
{
	auto const r = new_reply<read_reply>();
	auto handler = [this, r, hold, length = request.length](
					   lt::disk_buffer_holder buffer, lt::storage_error const& e) {
		// libtorrent's own backends return a buffer of a whole block, however few bytes were requested
		auto const size = std::min<std::ptrdiff_t>(buffer.size(), length);
		std::string bytes(buffer.data() ? buffer.data() : "", static_cast<std::size_t>(size));
		set(*r, read_reply{hold ? std::move(buffer) : lt::disk_buffer_holder(), std::move(bytes), e});
	};
	m_io->async_read(storage(), request, std::move(handler), flags);
	return r;
}

reply<read_reply> disk_calls::read(
	int const piece, int const start, int const length, lt::disk_job_flags_t const flags)
{
	return start_read({lt::piece_index_t{piece}, start, length}, flags, false);
}

reply<read_reply> disk_calls::read_and_hold(int const piece, int const start, int const length)
{
	auto r = start_read({lt::piece_index_t{piece}, start, length}, {}, true);
	m_held.push_back(r);
	return r;
}

reply<hash_reply> disk_calls::hash(
	int const piece, lt::disk_job_flags_t const flags, lt::span<lt::sha256_hash> const v2)
{
	auto const r = new_reply<hash_reply>();
	m_io->async_hash(storage(), lt::piece_index_t{piece}, v2, flags,
		[this, r](lt::piece_index_t, lt::sha1_hash const& h, lt::storage_error const& e) {
			set(*r, hash_reply{h, e});
		});
	return r;
}

reply<hash2_reply> disk_calls::hash2(int const piece, int const offset)
{
	auto const r = new_reply<hash2_reply>();
	m_io->async_hash2(storage(), lt::piece_index_t{piece}, offset, {},
		[this, r](lt::piece_index_t, lt::sha256_hash const& h, lt::storage_error const& e) {
			set(*r, hash2_reply{h, e});
		});
	return r;
}

reply<nothing> disk_calls::expect_call()
{
	return new_reply<nothing>();
}

reply<nothing> disk_calls::stop()
{
	auto const r = expect_call();
	m_io->async_stop_torrent(storage(), handler_of<>(r));
	return r;
}

reply<nothing> disk_calls::release()
{
	auto const r = expect_call();
	m_io->async_release_files(storage(), handler_of<>(r));
	return r;
}

reply<nothing> disk_calls::clear(int const piece)
{
	auto const r = expect_call();
	m_io->async_clear_piece(storage(), lt::piece_index_t{piece}, handler_of<lt::piece_index_t>(r));
	return r;
}

reply<check_reply> disk_calls::check(lt::add_torrent_params const* const resume)
{
	auto const r = new_reply<check_reply>();
	m_io->async_check_files(
		storage(), resume, {}, [this, r](lt::status_t const s, lt::storage_error const& e) {
			set(*r, check_reply{s, e});
		});
	return r;
}

bool disk_calls::run_until(std::function<bool()> const& done)
{
	if (m_io)
	{
		m_io->submit_jobs();
	}
	auto const deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
	auto const work = boost::asio::make_work_guard(m_ios);
	m_ios.restart();
	in_io_context = true;
	m_ios.poll();
	while (!done() && std::chrono::steady_clock::now() < deadline)
	{
		m_ios.run_one_until(deadline);
	}
	in_io_context = false;
	return done();
}

} // namespace rawswarm::test
