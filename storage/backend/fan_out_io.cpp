// SPDX-License-Identifier: BSD-3-Clause
#include "storage/backend/fan_out_io.hpp"

#include "storage/backend/fanned_torrent.hpp"
#include "storage/backend/fileless_disk_io.hpp"
#include "storage/backend/joint_verdict.hpp"
#include "storage/backend/pending_block.hpp"
#include "storage/backend/raw_disk_io.hpp"
#include "storage/backend/read_job.hpp"
#include "storage/backend/target_io.hpp"

#include <boost/asio/post.hpp>
#include <libtorrent/add_torrent_params.hpp>
#include <libtorrent/disk_buffer_holder.hpp>
#include <libtorrent/peer_request.hpp>
#include <libtorrent/performance_counters.hpp>
#include <libtorrent/storage_defs.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace rawswarm
{

namespace
{

class fan_out_io final : public fileless_disk_io
{
public:
	fan_out_io(lt::io_context& ios, lt::settings_interface const& settings, lt::counters& counters,
		std::shared_ptr<storage_context> context);
	~fan_out_io() override;
	fan_out_io(fan_out_io const&) = delete;
	fan_out_io& operator=(fan_out_io const&) = delete;

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
	void update_stats_counters(lt::counters& c) const override { m_io->update_stats_counters(c); }
	void abort(bool const wait) override { m_io->abort(wait); }
	void submit_jobs() override { m_io->submit_jobs(); }
	void settings_updated() override { m_io->settings_updated(); }

private:
	using flush_call = void (lt::disk_interface::*)(lt::storage_index_t, std::function<void()>);

	void flush(lt::storage_index_t storage, flush_call how, std::function<void()> handler);
	fanned_ptr const& torrent_at(lt::storage_index_t storage) const;
	lt::storage_index_t first_of(lt::storage_index_t storage) const;
	void tell_of_ends(fanned_ptr const& torrent);

	lt::io_context& m_ios;
	std::shared_ptr<storage_context> m_context;
	std::unique_ptr<lt::disk_interface> m_io;
	std::vector<fanned_ptr> m_torrents; // by libtorrent's number; nullptr: free
};

fan_out_io::fan_out_io(lt::io_context& ios, lt::settings_interface const& settings, lt::counters& counters,
	std::shared_ptr<storage_context> context)
	: fileless_disk_io(ios)
	, m_ios(ios)
	, m_context(std::move(context))
	, m_io(raw_disk_io_constructor(m_context)(ios, settings, counters))
{}

fan_out_io::~fan_out_io()
{
	for (auto const& torrent : m_torrents)
	{
		if (torrent)
		{
			torrent->close();
		}
	}
}

fanned_ptr const& fan_out_io::torrent_at(lt::storage_index_t const storage) const
{
	return m_torrents[static_cast<std::size_t>(static_cast<std::uint32_t>(storage))];
}

lt::storage_index_t fan_out_io::first_of(lt::storage_index_t const storage) const
{
	auto const& torrent = torrent_at(storage);
	return torrent->members[torrent->first()].storage;
}

lt::storage_holder fan_out_io::new_torrent(lt::storage_params const& p, std::shared_ptr<void> const& torrent)
{
	auto made = std::make_shared<fanned_out>();
	made->io = m_io.get();
	for (auto const& path : m_context->targets_of(p.path))
	{
		lt::storage_params const one(p.files, p.mapped_files, path, p.mode, p.priorities, p.info_hash);
		made->members.push_back({m_io->new_torrent(one, torrent), m_context->find_target(path)});
	}
	tell_of_ends(made);
	auto it = std::ranges::find(m_torrents, nullptr);
	if (it == m_torrents.end())
	{
		it = m_torrents.insert(m_torrents.end(), nullptr);
	}
	*it = std::move(made);
	return {lt::storage_index_t(static_cast<std::uint32_t>(it - m_torrents.begin())), *this};
}

// Has the calls under way not wait for a member that has ended.
void fan_out_io::tell_of_ends(fanned_ptr const& torrent)
{
	if (torrent->is_alone())
	{
		return;
	}
	for (std::size_t i = 0; i < torrent->members.size(); ++i)
	{
		auto const& target = torrent->members[i].target;
		if (target)
		{
			target->count_arrivals(i == 0);
			target->set_on_end([&ios = m_ios, weak = std::weak_ptr(torrent), i] {
				boost::asio::post(ios, [weak, i] {
					if (auto const alive = weak.lock())
					{
						alive->member_gone(i);
					}
				});
			});
		}
	}
}

void fan_out_io::remove_torrent(lt::storage_index_t const storage)
{
	std::exchange(m_torrents[static_cast<std::size_t>(static_cast<std::uint32_t>(storage))], nullptr)
		->close();
}

// A read that has been answered.
struct read_answer
{
	lt::disk_buffer_holder buffer;
	lt::storage_error error;
};

// Reads from the first member; if that fails, or goes away before it has answered, from the next one.
void read_from_first(fanned_ptr const& torrent, lt::peer_request const& r, read_handler handler,
	lt::disk_job_flags_t const flags)
{
	auto const from = torrent->first();
	auto const answer = std::make_shared<read_answer>();
	answer->error = aborted(lt::operation_t::file_read);
	auto then = [weak = std::weak_ptr(torrent), answer, from, r, flags, h = std::move(handler)] {
		auto const t = weak.lock();
		if (!answer->error || !t || t->io == nullptr || t->first() == from)
		{
			h(std::move(answer->buffer), answer->error);
			return;
		}
		read_from_first(t, r, h, flags);
		t->io->submit_jobs();
	};
	auto const read = torrent->waits.add({from}, std::move(then));
	torrent->io->async_read(
		torrent->members[from].storage, r,
		[torrent, answer, read, from](lt::disk_buffer_holder buffer, lt::storage_error const& e) {
			*answer = {std::move(buffer), e};
			torrent->waits.answered(read, from);
		},
		flags);
}

void fan_out_io::async_read(lt::storage_index_t const storage, lt::peer_request const& r,
	read_handler handler, lt::disk_job_flags_t const flags)
{
	auto const& torrent = torrent_at(storage);
	if (torrent->is_alone())
	{
		m_io->async_read(torrent->members.front().storage, r, std::move(handler), flags);
		return;
	}
	read_from_first(torrent, r, std::move(handler), flags);
}

// Has the member count what arrives that is read as well: the first that goes on.
void choose_counting(fanned_out& torrent, std::size_t const first)
{
	if (torrent.counting == first)
	{
		return;
	}
	torrent.members[torrent.counting].target->count_arrivals(false);
	torrent.members[first].target->count_arrivals(true);
	torrent.counting = first;
}

bool fan_out_io::async_write(lt::storage_index_t const storage, lt::peer_request const& r,
	char const* const buf, std::shared_ptr<lt::disk_observer> o, write_handler handler,
	lt::disk_job_flags_t const flags)
{
	auto const& torrent = torrent_at(storage);
	if (torrent->is_alone())
	{
		return m_io->async_write(
			torrent->members.front().storage, r, buf, std::move(o), std::move(handler), flags);
	}
	auto const living = torrent->living();
	choose_counting(*torrent, living.front());
	auto const said = std::make_shared<verdict>();
	auto const written = torrent->waits.add(
		living, [said, h = std::move(handler)] { h(said->error(lt::operation_t::file_write)); });
	std::vector<std::size_t> stopping;
	for (auto const i : living)
	{
		bool const has_to_wait = m_io->async_write(
			torrent->members[i].storage, r, buf, o ? observer_of(torrent, o, i) : nullptr,
			[torrent, said, written, i](lt::storage_error const& e) {
				said->add(e);
				torrent->waits.answered(written, i);
			},
			flags);
		if (has_to_wait)
		{
			stopping.push_back(i);
		}
	}
	if (stopping.empty() || !o)
	{
		return !stopping.empty();
	}
	auto const wait = torrent->waits.add(stopping, [peer = std::weak_ptr(o)] {
		if (auto const p = peer.lock())
		{
			p->on_disk();
		}
	});
	for (auto const i : stopping)
	{
		observer_of(torrent, o, i)->add_wait(wait);
	}
	return true;
}

// The hash that is told is a wrong one if there is any. v2: nothing asks for it, as hybrid torrents are
// loaded by their v1 half.
void fan_out_io::async_hash(lt::storage_index_t const storage, lt::piece_index_t const piece,
	lt::span<lt::sha256_hash> const v2, lt::disk_job_flags_t const flags, hash_handler handler)
{
	auto const& torrent = torrent_at(storage);
	if (torrent->is_alone())
	{
		m_io->async_hash(torrent->members.front().storage, piece, v2, flags, std::move(handler));
		return;
	}
	auto const living = torrent->living();
	auto const said = std::make_shared<hash_verdict>();
	auto const hashed = torrent->waits.add(living, [said, piece, h = std::move(handler)] {
		h(piece, said->hash, said->error(lt::operation_t::file_read));
	});
	auto const expected = torrent->members[living.front()].target->info().hash_for_piece(piece);
	for (auto const i : living)
	{
		m_io->async_hash(torrent->members[i].storage, piece, {}, flags,
			[torrent, said, hashed, expected, i](
				lt::piece_index_t, lt::sha1_hash const& hash, lt::storage_error const& e) {
				// a device that failed may have been hashed without what could not be written
				bool const counts = !torrent->members[i].target->has_ended();
				if (!e && counts && (!said->is_right || hash != expected))
				{
					said->hash = hash;
				}
				said->add(e || counts ? e : aborted(lt::operation_t::file_read));
				torrent->waits.answered(hashed, i);
			});
	}
}

void fan_out_io::async_hash2(lt::storage_index_t const storage, lt::piece_index_t const piece,
	int const offset, lt::disk_job_flags_t const flags, hash2_handler handler)
{
	m_io->async_hash2(first_of(storage), piece, offset, flags, std::move(handler));
}

void fan_out_io::async_check_files(lt::storage_index_t const storage,
	lt::add_torrent_params const* const resume_data, lt::aux::vector<std::string, lt::file_index_t> links,
	std::function<void(lt::status_t, lt::storage_error const&)> handler)
{
	m_io->async_check_files(first_of(storage), resume_data, std::move(links), std::move(handler));
}

void fan_out_io::async_release_files(lt::storage_index_t const storage, std::function<void()> handler)
{
	flush(storage, &disk_interface::async_release_files, std::move(handler));
}

// how: the call that each of them gets.
void fan_out_io::flush(lt::storage_index_t const storage, flush_call const how, std::function<void()> handler)
{
	auto const& torrent = torrent_at(storage);
	if (torrent->is_alone())
	{
		(*m_io.*how)(torrent->members.front().storage, std::move(handler));
		return;
	}
	auto const living = torrent->living();
	auto const flushed = torrent->waits.add(living, [h = std::move(handler)] {
		if (h)
		{
			h();
		}
	});
	for (auto const i : living)
	{
		(*m_io.*how)(
			torrent->members[i].storage, [torrent, flushed, i] { torrent->waits.answered(flushed, i); });
	}
}

void fan_out_io::async_stop_torrent(lt::storage_index_t const storage, std::function<void()> handler)
{
	flush(storage, &disk_interface::async_stop_torrent, std::move(handler));
}

void fan_out_io::async_clear_piece(lt::storage_index_t const storage, lt::piece_index_t const index,
	std::function<void(lt::piece_index_t)> handler)
{
	auto const& torrent = torrent_at(storage);
	if (torrent->is_alone())
	{
		m_io->async_clear_piece(torrent->members.front().storage, index, std::move(handler));
		return;
	}
	auto const living = torrent->living();
	auto const cleared = torrent->waits.add(living, [h = std::move(handler), index] { h(index); });
	for (auto const i : living)
	{
		m_io->async_clear_piece(torrent->members[i].storage, index,
			[torrent, cleared, i](lt::piece_index_t) { torrent->waits.answered(cleared, i); });
	}
}

} // namespace

lt::disk_io_constructor_type fan_out_io_constructor(std::shared_ptr<storage_context> context)
{
	return [context = std::move(context)](
			   lt::io_context& ios, lt::settings_interface const& settings, lt::counters& counters) {
		return std::make_unique<fan_out_io>(ios, settings, counters, context);
	};
}

} // namespace rawswarm
