#include "tests/support/disk_fixture.hpp"

#include "storage/raw_disk_io.hpp"
#include "tests/support/random_bytes.hpp"
#include "tests/support/value_of.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <gtest/gtest.h>
#include <libtorrent/add_torrent_params.hpp>
#include <libtorrent/load_torrent.hpp>
#include <libtorrent/settings_pack.hpp>

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

namespace rawswarm::test
{

namespace
{

std::string const known_path = "target-0";
std::string const unknown_path = "nowhere";

// True in the test's thread while it runs the io_context.
thread_local bool in_io_context = false;

} // namespace

disk_fixture::disk_fixture(std::vector<torrent_file> files, disk_options const& options)
	: m_made(make_torrent(std::move(files), options.torrent))
	, m_info(lt::load_torrent_buffer(m_made.bytes).ti)
	, m_device(std::make_shared<memory_device>(end_of(m_made.files) + 4096))
	, m_target(std::make_shared<storage_target>(m_device, m_info,
		  value_of(extent_map::build(m_info->files())), [this](error const&) { ++m_target_errors; }))
	, m_context(std::make_shared<storage_context>(options.settings))
{
	m_target->check_existing = options.check_existing;
	m_target->must_match = options.must_match;
	m_target->profile = options.profile;
	m_context->add_target(known_path, m_target);
	m_io = raw_disk_io_constructor(m_context)(m_ios, lt::settings_pack(), m_counters);
	lt::aux::vector<lt::download_priority_t, lt::file_index_t> const priorities;
	lt::storage_params const params(m_info->files(), nullptr, options.known ? known_path : unknown_path,
		lt::storage_mode_sparse, priorities, m_info->info_hashes().v1);
	m_storage = m_io->new_torrent(params, nullptr);
}

disk_fixture::~disk_fixture()
{
	end();
	for (auto const& r : m_replies)
	{
		EXPECT_EQ(r->calls, 1) << "each handler is called exactly once";
	}
	EXPECT_EQ(m_misplaced, 0) << "handlers are called by the io_context only";
}

void disk_fixture::end()
{
	if (!m_io)
	{
		return;
	}
	m_device->release_all();
	m_storage.reset();
	m_io->abort(true);
	// the handlers that it posted may hold blocks of its pool
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

int disk_fixture::blocks_in_use() const
{
	lt::counters c;
	m_io->update_stats_counters(c);
	return static_cast<int>(c[lt::counters::disk_blocks_in_use]);
}

std::string disk_fixture::piece(int const number) const
{
	lt::piece_index_t const index{number};
	std::string bytes;
	auto const& files = m_info->files();
	for (auto const& part : files.map_block(index, 0, m_info->piece_size(index)))
	{
		auto const length = static_cast<std::size_t>(part.size);
		if (files.pad_file_at(part.file_index))
		{
			bytes.append(length, '\0');
			continue;
		}
		auto const offset = parse_offset(std::string(files.file_name(part.file_index)));
		auto const file = std::ranges::find(m_made.files, offset->bytes, &torrent_file::offset);
		bytes += file->bytes.substr(static_cast<std::size_t>(part.offset), length);
	}
	return bytes;
}

std::string disk_fixture::block(int const piece, int const number) const
{
	return this->piece(piece).substr(
		static_cast<std::size_t>(number) * block_size, static_cast<std::size_t>(block_size));
}

int disk_fixture::blocks(int const piece) const
{
	return (m_info->piece_size(lt::piece_index_t{piece}) + block_size - 1) / block_size;
}

void disk_fixture::put_image()
{
	for (auto const& file : m_made.files)
	{
		m_device->put(file.offset, file.bytes);
	}
}

bool disk_fixture::device_holds_image() const
{
	std::string expected(m_device->size(), memory_device::untouched_byte);
	for (auto const& file : m_made.files)
	{
		expected.replace(file.offset, file.bytes.size(), file.bytes);
	}
	return m_device->bytes(0, m_device->size()) == expected;
}

void disk_fixture::note_call(reply_base& r)
{
	if (!in_io_context)
	{
		++m_misplaced;
	}
	++r.calls;
}

reply<lt::storage_error> disk_fixture::write(int const piece, int const block, std::string_view const bytes,
	std::shared_ptr<test_peer> const& peer, bool* const has_to_wait)
{
	auto const r = new_reply<lt::storage_error>();
	bool const wait = m_io->async_write(m_storage,
		{lt::piece_index_t{piece}, block * block_size, static_cast<int>(bytes.size())}, bytes.data(), peer,
		[this, r](lt::storage_error const& e) { set(*r, e); });
	if (has_to_wait)
	{
		*has_to_wait = wait;
	}
	return r;
}

reply<lt::storage_error> disk_fixture::write_block(int const piece, int const block)
{
	return write(piece, block, this->block(piece, block));
}

std::vector<reply<lt::storage_error>> disk_fixture::write_piece(int const piece)
{
	std::vector<reply<lt::storage_error>> all;
	for (int b = 0; b < blocks(piece); ++b)
	{
		all.push_back(write_block(piece, b));
	}
	return all;
}

reply<read_reply> disk_fixture::start_read(
	lt::peer_request const& request, lt::disk_job_flags_t const flags, bool const hold)
{
	auto const r = new_reply<read_reply>();
	auto handler = [this, r, hold](lt::disk_buffer_holder buffer, lt::storage_error const& e) {
		std::string bytes(buffer.data() ? buffer.data() : "", static_cast<std::size_t>(buffer.size()));
		set(*r, read_reply{hold ? std::move(buffer) : lt::disk_buffer_holder(), std::move(bytes), e});
	};
	m_io->async_read(m_storage, request, std::move(handler), flags);
	return r;
}

reply<read_reply> disk_fixture::read(
	int const piece, int const start, int const length, lt::disk_job_flags_t const flags)
{
	return start_read({lt::piece_index_t{piece}, start, length}, flags, false);
}

reply<read_reply> disk_fixture::read_and_hold(int const piece, int const start, int const length)
{
	auto r = start_read({lt::piece_index_t{piece}, start, length}, {}, true);
	m_held.push_back(r);
	return r;
}

reply<hash_reply> disk_fixture::hash(
	int const piece, lt::disk_job_flags_t const flags, lt::span<lt::sha256_hash> const v2)
{
	auto const r = new_reply<hash_reply>();
	m_io->async_hash(m_storage, lt::piece_index_t{piece}, v2, flags,
		[this, r](lt::piece_index_t, lt::sha1_hash const& h, lt::storage_error const& e) {
			set(*r, hash_reply{h, e});
		});
	return r;
}

reply<hash2_reply> disk_fixture::hash2(int const piece, int const offset)
{
	auto const r = new_reply<hash2_reply>();
	m_io->async_hash2(m_storage, lt::piece_index_t{piece}, offset, {},
		[this, r](lt::piece_index_t, lt::sha256_hash const& h, lt::storage_error const& e) {
			set(*r, hash2_reply{h, e});
		});
	return r;
}

reply<nothing> disk_fixture::expect_call()
{
	return new_reply<nothing>();
}

reply<nothing> disk_fixture::stop()
{
	auto const r = expect_call();
	m_io->async_stop_torrent(m_storage, handler_of<>(r));
	return r;
}

reply<nothing> disk_fixture::release()
{
	auto const r = expect_call();
	m_io->async_release_files(m_storage, handler_of<>(r));
	return r;
}

reply<nothing> disk_fixture::clear(int const piece)
{
	auto const r = expect_call();
	m_io->async_clear_piece(m_storage, lt::piece_index_t{piece}, handler_of<lt::piece_index_t>(r));
	return r;
}

reply<check_reply> disk_fixture::check(lt::add_torrent_params const* const resume)
{
	auto const r = new_reply<check_reply>();
	m_io->async_check_files(
		m_storage, resume, {}, [this, r](lt::status_t const s, lt::storage_error const& e) {
			set(*r, check_reply{s, e});
		});
	return r;
}

bool disk_fixture::run_until(std::function<bool()> const& done)
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

std::vector<torrent_file> extents_of(std::vector<std::size_t> const& sizes, std::uint64_t const gap)
{
	std::vector<torrent_file> files;
	std::uint64_t at = 0;
	for (auto const size : sizes)
	{
		at += gap;
		files.push_back({.offset = at, .bytes = random_bytes(at + 1, size)});
		at += size;
	}
	return files;
}

} // namespace rawswarm::test
