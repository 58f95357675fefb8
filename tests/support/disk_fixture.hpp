// The disk backend on a device in memory, with its io_context run by hand.
//
// Every call gives a reply, which holds what its handler was called with once it was. The fixture's end
// aborts the backend and fails the test if any handler was not called exactly once, or was called
// other than by the io_context while it was run. All members are for the test's own thread.
#pragma once

#include "storage/storage_context.hpp"
#include "storage/storage_target.hpp"
#include "tests/support/memory_device.hpp"
#include "tests/support/torrent_maker.hpp"

#include <libtorrent/disk_buffer_holder.hpp>
#include <libtorrent/disk_interface.hpp>
#include <libtorrent/disk_observer.hpp>
#include <libtorrent/io_context.hpp>
#include <libtorrent/peer_request.hpp>
#include <libtorrent/performance_counters.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
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
	std::string bytes; // that were in it
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
struct test_peer final : lt::disk_observer
{
	void on_disk() override { ++woken; }
	int woken = 0; // times
};

struct disk_options
{
	torrent_options torrent = {.piece_size = 64 * 1024};
	storage_settings settings = {.memory = 4 * 1024 * 1024};
	device_profile profile = {};
	bool known = true; // the torrent's save path is that of a target
	bool check_existing = false;
	bool must_match = false;
};

class disk_fixture
{
public:
	explicit disk_fixture(std::vector<torrent_file> files, disk_options const& options = {});
	~disk_fixture();
	disk_fixture(disk_fixture const&) = delete;
	disk_fixture& operator=(disk_fixture const&) = delete;

	memory_device& device() { return *m_device; }
	storage_target& target() { return *m_target; }
	storage_context& context() { return *m_context; }
	disk_stats const& stats() const { return m_context->stats(); }
	lt::disk_interface& io() { return *m_io; }
	lt::storage_index_t storage() const { return m_storage; }
	lt::torrent_info const& info() const { return *m_info; }
	int target_errors() const { return m_target_errors; } // calls of the target's on_error
	int blocks_in_use() const; // of the pool

	// What the torrent says: pad files are zeros.
	std::string piece(int number) const;
	std::string block(int piece, int number) const;
	int pieces() const { return m_info->num_pieces(); }
	int blocks(int piece) const;

	void put_image(); // onto the device, behind the backend's back

	// Compares the whole device, gaps included.
	bool device_holds_image() const;

	// These only make the call, which starts with submit().
	reply<lt::storage_error> write(int piece, int block, std::string_view bytes,
		std::shared_ptr<test_peer> const& peer = nullptr, bool* has_to_wait = nullptr);
	reply<lt::storage_error> write_block(int piece, int block);
	std::vector<reply<lt::storage_error>> write_piece(int piece);
	// The buffer goes back to the pool as soon as its bytes were copied...
	reply<read_reply> read(int piece, int start, int length, lt::disk_job_flags_t flags = {});
	// ...or when the test resets it, at the latest with the fixture's end.
	reply<read_reply> read_and_hold(int piece, int start, int length);
	reply<hash_reply> hash(int piece, lt::disk_job_flags_t flags = lt::disk_interface::v1_hash,
		lt::span<lt::sha256_hash> v2 = {});
	reply<hash2_reply> hash2(int piece, int offset);
	reply<nothing> stop();
	reply<nothing> release();
	reply<nothing> clear(int piece);
	reply<check_reply> check(lt::add_torrent_params const* resume = nullptr);

	// For a member that is not above: a handler that stores nothing but that it was called.
	reply<nothing> expect_call();
	template <class... Args>
	std::function<void(Args...)> handler_of(reply<nothing> const& r)
	{
		return [this, r](Args...) { set(*r, nothing()); };
	}

	void submit() { m_io->submit_jobs(); }

	// Submits, and runs the io_context until done() or for 5 s. Returns done().
	bool run_until(std::function<bool()> const& done);

	// Runs until the handler came. Throws if it does not.
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

	// Destroys the backend and runs what it posted: no handler can come any more. Done by the destructor
	// at the latest.
	void end();

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
	reply<read_reply> start_read(lt::peer_request const& request, lt::disk_job_flags_t flags, bool hold);

	made_torrent m_made;
	std::shared_ptr<lt::torrent_info const> m_info;
	std::shared_ptr<memory_device> m_device;
	std::atomic<int> m_target_errors{0};
	std::shared_ptr<storage_target> m_target;
	std::shared_ptr<storage_context> m_context;
	lt::io_context m_ios;
	lt::counters m_counters;
	std::atomic<int> m_misplaced{0}; // handlers that were called anywhere else
	std::unique_ptr<lt::disk_interface> m_io;
	lt::storage_holder m_storage;
	std::vector<std::shared_ptr<reply_base>> m_replies;
	std::vector<reply<read_reply>> m_held;
};

// Consecutive extents of random content with a gap before each.
std::vector<torrent_file> extents_of(std::vector<std::size_t> const& sizes, std::uint64_t gap = 512);

} // namespace rawswarm::test
