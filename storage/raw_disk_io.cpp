#include "storage/raw_disk_io.hpp"

#include "storage/block_cache.hpp"
#include "storage/block_reader.hpp"
#include "storage/block_writer.hpp"
#include "storage/buffer_pool.hpp"
#include "storage/completion_queue.hpp"
#include "storage/disk_workers.hpp"
#include "storage/piece_hasher.hpp"
#include "storage/target_io.hpp"
#include "storage/target_table.hpp"

#include <boost/asio/error.hpp>
#include <libtorrent/add_torrent_params.hpp>
#include <libtorrent/disk_interface.hpp>
#include <libtorrent/peer_request.hpp>
#include <libtorrent/performance_counters.hpp>
#include <libtorrent/torrent_flags.hpp>

#include <algorithm>
#include <atomic>
#include <utility>

namespace rawswarm
{

namespace
{

lt::storage_error failure(boost::system::errc::errc_t const reason, lt::operation_t const operation)
{
	return {lt::error_code(reason, boost::system::generic_category()), lt::file_index_t{0}, operation};
}

lt::storage_error aborted(lt::operation_t const operation)
{
	return {lt::error_code(boost::asio::error::operation_aborted), lt::file_index_t{0}, operation};
}

struct storage_slot
{
	std::uint32_t id = 0; // of the cache's keys, never used twice; 0: the slot is free
	std::shared_ptr<storage_target> target; // nullptr: the agent knows no such target
};

class raw_disk_io final : public lt::disk_interface
{
public:
	raw_disk_io(lt::io_context& ios, std::shared_ptr<storage_context> context);
	~raw_disk_io() override;
	raw_disk_io(raw_disk_io const&) = delete;
	raw_disk_io& operator=(raw_disk_io const&) = delete;

	lt::storage_holder new_torrent(
		lt::storage_params const& p, std::shared_ptr<void> const& torrent) override;
	void remove_torrent(lt::storage_index_t storage) override;
	void async_read(lt::storage_index_t storage, lt::peer_request const& r, read_handler handler,
		lt::disk_job_flags_t flags) override;
	bool async_write(lt::storage_index_t storage, lt::peer_request const& r, char const* buf,
		std::shared_ptr<lt::disk_observer> o, write_handler handler, lt::disk_job_flags_t flags) override;
	void async_hash(lt::storage_index_t storage, lt::piece_index_t piece, lt::span<lt::sha256_hash> v2,
		lt::disk_job_flags_t flags,
		std::function<void(lt::piece_index_t, lt::sha1_hash const&, lt::storage_error const&)> handler)
		override;
	void async_hash2(lt::storage_index_t storage, lt::piece_index_t piece, int offset,
		lt::disk_job_flags_t flags,
		std::function<void(lt::piece_index_t, lt::sha256_hash const&, lt::storage_error const&)> handler)
		override;
	void async_move_storage(lt::storage_index_t storage, std::string p, lt::move_flags_t flags,
		std::function<void(lt::status_t, std::string const&, lt::storage_error const&)> handler) override;
	void async_release_files(lt::storage_index_t storage, std::function<void()> handler) override;
	void async_check_files(lt::storage_index_t storage, lt::add_torrent_params const* resume_data,
		lt::aux::vector<std::string, lt::file_index_t> links,
		std::function<void(lt::status_t, lt::storage_error const&)> handler) override;
	void async_stop_torrent(lt::storage_index_t storage, std::function<void()> handler) override;
	void async_rename_file(lt::storage_index_t storage, lt::file_index_t index, std::string name,
		std::function<void(std::string const&, lt::file_index_t, lt::storage_error const&)> handler) override;
	void async_delete_files(lt::storage_index_t storage, lt::remove_flags_t options,
		std::function<void(lt::storage_error const&)> handler) override;
	void async_set_file_priority(lt::storage_index_t storage,
		lt::aux::vector<lt::download_priority_t, lt::file_index_t> prio,
		std::function<void(
			lt::storage_error const&, lt::aux::vector<lt::download_priority_t, lt::file_index_t>)>
			handler) override;
	void async_clear_piece(lt::storage_index_t storage, lt::piece_index_t index,
		std::function<void(lt::piece_index_t)> handler) override;
	void update_stats_counters(lt::counters& c) const override;
	std::vector<lt::open_file_state> get_status(lt::storage_index_t) const override { return {}; }
	void abort(bool wait) override;
	void submit_jobs() override;
	void settings_updated() override {}

private:
	storage_slot const& slot(lt::storage_index_t storage) const;
	void abort_jobs();

	std::shared_ptr<storage_context> m_context;
	completion_queue m_completions;
	buffer_pool m_buffers;
	block_cache m_cache;
	target_table m_targets;
	std::atomic<bool> m_aborting{false};

	// network thread only
	std::vector<storage_slot> m_slots;
	std::uint32_t m_last_id = 0;

	// the jobs of the workers use all of the above and both of these
	disk_workers m_workers;
	block_reader m_reader;
	block_writer m_writer;
};

raw_disk_io::raw_disk_io(lt::io_context& ios, std::shared_ptr<storage_context> context)
	: m_context(std::move(context))
	, m_completions(ios)
	, m_buffers(m_context->settings().memory)
	, m_cache(m_buffers, m_context->settings().cache_shards)
	, m_workers(ios, m_context->settings().io_threads, m_context->settings().hash_threads)
	, m_reader(*m_context, m_buffers, m_cache, m_completions, m_workers)
	, m_writer(
		  *m_context, m_buffers, m_cache, m_completions, m_workers, m_targets, [this] { m_reader.on_room(); })
{
	m_context->stats().pool_blocks = m_buffers.capacity();
	m_buffers.set_on_return([this] { m_reader.on_room(); });
}

raw_disk_io::~raw_disk_io()
{
	abort(true);
}

void raw_disk_io::abort(bool const wait)
{
	abort_jobs();
	m_workers.submit(); // what was added after an earlier abort
	if (wait)
	{
		m_workers.join();
	}
}

void raw_disk_io::abort_jobs()
{
	if (m_aborting.exchange(true))
	{
		return;
	}
	m_workers.submit();
	m_reader.abort();
	m_workers.post_io([this] { m_writer.flush_all(); });
}

void raw_disk_io::submit_jobs()
{
	m_workers.submit();
}

storage_slot const& raw_disk_io::slot(lt::storage_index_t const storage) const
{
	return m_slots[static_cast<std::size_t>(static_cast<std::uint32_t>(storage))];
}

lt::storage_holder raw_disk_io::new_torrent(lt::storage_params const& p, std::shared_ptr<void> const&)
{
	auto it = std::ranges::find(m_slots, 0U, &storage_slot::id);
	if (it == m_slots.end())
	{
		it = m_slots.insert(m_slots.end(), storage_slot());
	}
	it->id = ++m_last_id;
	it->target = m_context->find_target(p.path);
	m_targets.add(it->id, it->target);
	return {lt::storage_index_t(static_cast<std::uint32_t>(it - m_slots.begin())), *this};
}

void raw_disk_io::remove_torrent(lt::storage_index_t const storage)
{
	auto& s = m_slots[static_cast<std::size_t>(static_cast<std::uint32_t>(storage))];
	auto const id = std::exchange(s, storage_slot()).id;
	if (m_aborting)
	{
		return; // all is flushed and forgotten with the backend itself
	}
	// what is still queued for it ends first, as the jobs were posted first
	m_workers.submit();
	m_workers.post_io([this, id] {
		m_writer.flush_storage(id);
		m_cache.drop_clean(id);
	});
}

void raw_disk_io::async_read(lt::storage_index_t const storage, lt::peer_request const& r,
	read_handler handler, lt::disk_job_flags_t const flags)
{
	auto const& s = slot(storage);
	if (!s.target)
	{
		m_completions.add([h = std::move(handler)] {
			h(lt::disk_buffer_holder(),
				failure(boost::system::errc::no_such_device, lt::operation_t::file_read));
		});
		return;
	}
	m_reader.read({s.id, s.target, r, std::move(handler), !(flags & volatile_read)});
}

bool raw_disk_io::async_write(lt::storage_index_t const storage, lt::peer_request const& r,
	char const* const buf, std::shared_ptr<lt::disk_observer> o, write_handler handler, lt::disk_job_flags_t)
{
	auto const& s = slot(storage);
	if (!s.target)
	{
		m_completions.add([h = std::move(handler)] {
			h(failure(boost::system::errc::no_such_device, lt::operation_t::file_write));
		});
		return false;
	}
	if (m_aborting)
	{
		// nobody flushes any more
		m_completions.add([h = std::move(handler)] { h(aborted(lt::operation_t::file_write)); });
		return false;
	}
	return m_writer.write(s.id, r, buf, o, std::move(handler));
}

void raw_disk_io::async_hash(lt::storage_index_t const storage, lt::piece_index_t const piece,
	lt::span<lt::sha256_hash> const v2, lt::disk_job_flags_t const flags,
	std::function<void(lt::piece_index_t, lt::sha1_hash const&, lt::storage_error const&)> handler)
{
	auto const& s = slot(storage);
	if (!s.target)
	{
		m_completions.add([h = std::move(handler), piece] {
			h(piece, lt::sha1_hash(),
				failure(boost::system::errc::no_such_device, lt::operation_t::file_read));
		});
		return;
	}
	piece_key const key{s.id, piece};
	if (!(flags & volatile_read)) // that is a check of what is on the device
	{
		// it comes right after the last block of the piece: all of it can go to the device now
		m_writer.queue_flush(key);
	}
	bool const want_v1 = bool(flags & v1_hash);
	m_workers.add_hash([this, key, v2, want_v1, t = s.target, h = std::move(handler)] {
		if (m_aborting)
		{
			m_completions.add(
				[h, key] { h(key.piece, lt::sha1_hash(), aborted(lt::operation_t::file_read)); });
			return;
		}
		auto const r = hash_piece(m_cache, *t, key, want_v1, v2, m_context->stats());
		m_reader.on_room(); // blocks that were held to be hashed may be given up again
		if (!r)
		{
			t->fail(r.error());
			auto const e = to_storage_error(r.error(), lt::operation_t::file_read);
			m_completions.add([h, key, e] { h(key.piece, lt::sha1_hash(), e); });
			return;
		}
		if (want_v1)
		{
			t->piece_hashed(key.piece, r.value().v1, r.value().from_device);
		}
		m_completions.add([h, key, hash = r.value().v1] { h(key.piece, hash, lt::storage_error()); });
	});
}

void raw_disk_io::async_hash2(lt::storage_index_t const storage, lt::piece_index_t const piece,
	int const offset, lt::disk_job_flags_t,
	std::function<void(lt::piece_index_t, lt::sha256_hash const&, lt::storage_error const&)> handler)
{
	auto const& s = slot(storage);
	if (!s.target)
	{
		m_completions.add([h = std::move(handler), piece] {
			h(piece, lt::sha256_hash(),
				failure(boost::system::errc::no_such_device, lt::operation_t::file_read));
		});
		return;
	}
	m_workers.add_hash([this, id = s.id, t = s.target, piece, offset, h = std::move(handler)] {
		lt::sha256_hash hash;
		lt::storage_error e;
		if (m_aborting)
		{
			e = aborted(lt::operation_t::file_read);
		}
		else if (auto const r = hash_block(m_cache, *t, {id, piece}, {offset / block_size}); r)
		{
			hash = r.value();
		}
		else
		{
			t->fail(r.error());
			e = to_storage_error(r.error(), lt::operation_t::file_read);
		}
		m_completions.add([h, piece, hash, e] { h(piece, hash, e); });
	});
}

void raw_disk_io::async_check_files(lt::storage_index_t const storage,
	lt::add_torrent_params const* const resume_data, lt::aux::vector<std::string, lt::file_index_t>,
	std::function<void(lt::status_t, lt::storage_error const&)> handler)
{
	auto const& s = slot(storage);
	auto status = lt::status_t::no_error;
	lt::storage_error e;
	if (!s.target)
	{
		status = lt::status_t::fatal_disk_error;
		e = failure(boost::system::errc::no_such_device, lt::operation_t::check_resume);
	}
	else if (s.target->check_existing
		&& !(resume_data && (resume_data->flags & lt::torrent_flags::seed_mode)))
	{
		status = lt::status_t::need_full_check;
	}
	m_completions.add([h = std::move(handler), status, e] { h(status, e); });
}

void raw_disk_io::async_release_files(lt::storage_index_t const storage, std::function<void()> handler)
{
	m_workers.add_io([this, id = slot(storage).id, h = std::move(handler)] {
		m_writer.flush_storage(id);
		if (h)
		{
			m_completions.add(h);
		}
	});
}

void raw_disk_io::async_stop_torrent(lt::storage_index_t const storage, std::function<void()> handler)
{
	async_release_files(storage, std::move(handler));
}

void raw_disk_io::async_clear_piece(lt::storage_index_t const storage, lt::piece_index_t const index,
	std::function<void(lt::piece_index_t)> handler)
{
	m_workers.add_io([this, key = piece_key{slot(storage).id, index}, h = std::move(handler)] {
		// what is dirty is written, wrong as it may be: its handlers are due, and the blocks come again
		m_writer.flush_piece(key);
		m_cache.drop_clean(key);
		m_completions.add([h, key] { h(key.piece); });
	});
}

// Rename, move, delete and priorities are about files, and there are none: the device is left alone.

void raw_disk_io::async_move_storage(lt::storage_index_t, std::string p, lt::move_flags_t,
	std::function<void(lt::status_t, std::string const&, lt::storage_error const&)> handler)
{
	m_completions.add([h = std::move(handler), path = std::move(p)] {
		h(lt::status_t::fatal_disk_error, path,
			failure(boost::system::errc::operation_not_supported, lt::operation_t::file_rename));
	});
}

void raw_disk_io::async_rename_file(lt::storage_index_t, lt::file_index_t const index, std::string name,
	std::function<void(std::string const&, lt::file_index_t, lt::storage_error const&)> handler)
{
	m_completions.add([h = std::move(handler), n = std::move(name), index] {
		h(n, index, failure(boost::system::errc::operation_not_supported, lt::operation_t::file_rename));
	});
}

void raw_disk_io::async_delete_files(
	lt::storage_index_t, lt::remove_flags_t, std::function<void(lt::storage_error const&)> handler)
{
	m_completions.add([h = std::move(handler)] {
		h(failure(boost::system::errc::operation_not_supported, lt::operation_t::file_remove));
	});
}

void raw_disk_io::async_set_file_priority(lt::storage_index_t,
	lt::aux::vector<lt::download_priority_t, lt::file_index_t> prio,
	std::function<void(lt::storage_error const&, lt::aux::vector<lt::download_priority_t, lt::file_index_t>)>
		handler)
{
	m_completions.add([h = std::move(handler), p = std::move(prio)] { h(lt::storage_error(), p); });
}

void raw_disk_io::update_stats_counters(lt::counters& c) const
{
	auto const& s = m_context->stats();
	c.set_value(lt::counters::num_blocks_written, s.blocks_written);
	c.set_value(lt::counters::num_write_ops, s.write_calls);
	c.set_value(lt::counters::num_blocks_read, s.blocks_read);
	c.set_value(lt::counters::num_read_ops, s.read_calls);
	c.set_value(lt::counters::num_blocks_hashed, s.blocks_hashed);
	c.set_value(lt::counters::num_read_back, s.blocks_read_back);
	c.set_value(lt::counters::disk_blocks_in_use, m_buffers.in_use());
}

} // namespace

lt::disk_io_constructor_type raw_disk_io_constructor(std::shared_ptr<storage_context> context)
{
	return [context = std::move(context)](lt::io_context& ios, lt::settings_interface const&, lt::counters&) {
		return std::make_unique<raw_disk_io>(ios, context);
	};
}

} // namespace rawswarm
