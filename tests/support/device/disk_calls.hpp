// SPDX-License-Identifier: BSD-3-Clause
// The calls of a disk backend, with its io_context run by hand.
//
// Every call returns a reply, which holds the handler's arguments once that was called. The end aborts the
// backend and fails the test if a handler was not called exactly once, or not by the io_context while that
// was run. All members are for the test's own thread. A derived class makes m_io and calls check_end() in its
// destructor.
#pragma once

#include "tests/support/torrent/torrent_maker.hpp"

#include <libtorrent/disk_buffer_holder.hpp>
#include <libtorrent/disk_interface.hpp>
#include <libtorrent/disk_observer.hpp>
#include <libtorrent/io_context.hpp>
#include <libtorrent/peer_request.hpp>
#include <libtorrent/performance_counters.hpp>
#include <libtorrent/torrent_info.hpp>

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace rawswarm::test
{

struct reply_base
{
	int calls = 0;
};

template <class T>
struct reply_state : reply_base
{
	std::optional<T> value;
};

template <class T>
using reply = std::shared_ptr<reply_state<T>>;

struct read_reply
{
	lt::disk_buffer_holder buffer; // empty unless it was to be held
	std::string bytes; // the content of the buffer
	lt::storage_error error;
};

struct hash_reply
{
	lt::sha1_hash v1;
	lt::storage_error error;
};

struct hash2_reply
{
	lt::sha256_hash v2;
	lt::storage_error error;
};

struct check_reply
{
	lt::status_t status{};
	lt::storage_error error;
};

struct nothing
{};

// A peer that can be told to wait.
struct test_peer : lt::disk_observer
{
	virtual ~test_peer() = default;
	void on_disk() override { ++woken; }
	int woken = 0; // times
};

class disk_calls
{
public:
	disk_calls(disk_calls const&) = delete;
	disk_calls& operator=(disk_calls const&) = delete;

	lt::disk_interface& io() { return *m_io; }

	// The members below are about this torrent, the first one by default.
	void use(std::size_t number) { m_current = number; }
	lt::storage_index_t storage() const { return current().storage; }
	lt::torrent_info const& info() const { return *current().info; }
	int blocks_in_use() const; // of the pool

	// The content according to the torrent; pad files are zeros.
	std::string piece(int number) const;
	std::string block(int piece, int number) const;
	int pieces() const { return info().num_pieces(); }
	int blocks(
		int piece) const; // v2 and hybrid: without those of padding alone, which nobody asks a peer for
	int block_length(int piece, int number) const; // as it comes from a peer, padding included
	int block_length2(int piece, int number) const; // as v2 hashes it: a file's last block ends with the file

	// These only make the call; submit() starts the job.
	reply<lt::storage_error> write(int piece, int block, std::string_view bytes,
		std::shared_ptr<test_peer> const& peer = nullptr, bool* has_to_wait = nullptr);
	reply<lt::storage_error> write_block(int piece, int block);
	// The block came as this frame (storage/backend/frame_flags.hpp).
	reply<lt::storage_error> write_frame(int piece, int block, std::string_view frame);
	std::vector<reply<lt::storage_error>> write_piece(int piece);
	// The buffer goes back to the pool as soon as its bytes are copied...
	reply<read_reply> read(int piece, int start, int length, lt::disk_job_flags_t flags = {});
	// ...or when the test resets it, at the latest at the fixture's end.
	reply<read_reply> read_and_hold(int piece, int start, int length);
	reply<hash_reply> hash(int piece, lt::disk_job_flags_t flags = lt::disk_interface::v1_hash,
		lt::span<lt::sha256_hash> v2 = {});
	reply<hash2_reply> hash2(int piece, int offset);
	reply<nothing> stop();
	reply<nothing> release();
	reply<nothing> clear(int piece);
	reply<check_reply> check(lt::add_torrent_params const* resume = nullptr);

	// For calls without a member here: a handler that stores only that it was called.
	reply<nothing> expect_call();
	template <class... Args>
	std::function<void(Args...)> handler_of(reply<nothing> const& r)
	{
		return [this, r](Args...) { set(*r, nothing()); };
	}

	void submit() { m_io->submit_jobs(); }

	// Submits, and runs the io_context until done() or for 5 s. Returns done().
	bool run_until(std::function<bool()> const& done);

	// Runs until the handler was called. Throws if it is not.
	template <class T>
	T& finish(reply<T> const& r)
	{
		if (!run_until([&] { return r->value.has_value(); }))
		{
			throw std::runtime_error("a handler was not called in time");
		}
		return *r->value;
	}
	template <class T>
	void finish(std::vector<reply<T>> const& all)
	{
		for (auto const& r : all)
		{
			finish(r);
		}
	}

	// Destroys the backend and runs all that it posted. No handler can be called after that. check_end()
	// calls it if the test has not.
	void end();

protected:
	struct torrent
	{
		made_torrent made;
		std::shared_ptr<lt::torrent_info const> info;
		lt::storage_holder storage = {};
	};

	disk_calls() = default;
	~disk_calls() = default;

	torrent const& current() const { return m_torrents.at(m_current); }
	torrent& add(std::vector<torrent_file> files, torrent_options const& options);
	void start(torrent& t, std::string const& save_path); // adds the torrent to m_io
	void check_end();
	virtual void before_end() {} // release all that stalls the backend

	lt::io_context m_ios;
	lt::counters m_counters;
	std::unique_ptr<lt::disk_interface> m_io;
	std::deque<torrent> m_torrents;
	bool m_answers_inside_calls =
		false; // a handler may also be called from within the call, in the test's thread

private:
	template <class T>
	reply<T> new_reply()
	{
		auto r = std::make_shared<reply_state<T>>();
		m_replies.push_back(r);
		return r;
	}
	template <class T>
	void set(reply_state<T>& r, T value)
	{
		note_call(r);
		r.value.emplace(std::move(value));
	}
	void note_call(reply_base& r);
	std::string bytes_of(int piece, int offset_in_piece, int bytes_wanted) const;
	reply<read_reply> start_read(lt::peer_request const& request, lt::disk_job_flags_t flags, bool hold);

	std::size_t m_current = 0;
	std::thread::id const m_thread = std::this_thread::get_id();
	std::atomic<int> m_misplaced{0}; // handlers that were called anywhere else
	std::vector<std::shared_ptr<reply_base>> m_replies;
	std::vector<reply<read_reply>> m_held;
};

} // namespace rawswarm::test
