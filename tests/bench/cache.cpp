// SPDX-License-Identifier: BSD-3-Clause
// cache [SECONDS]: the gain from the shards of block_cache. One thread stands for libtorrent's network
// thread: it inserts the blocks of open pieces in turns and finds blocks. Eight stand for the I/O workers:
// they write complete pieces and find blocks. Runs of SECONDS each with 1, 2, 8 and 32 shards.
//
// An operation is one block inserted, found, or written (begin_write and end_write). Nothing is copied and
// no device waits, so there is more contention than any swarm makes. Exits with 1 if a block that was
// inserted is not written.
#include "storage/backend/block_cache.hpp"
#include "storage/backend/buffer_pool.hpp"
#include "storage/backend/disk_stats.hpp"
#include "storage/device/units.hpp"

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <optional>
#include <random>
#include <thread>
#include <vector>

namespace rawswarm::bench
{

namespace
{

constexpr int blocks_in_piece = 64;
constexpr int open_pieces = 50; // as many as peers
constexpr int io_threads = 8;
constexpr std::size_t budget = std::size_t(64) * 1024 * 1024;

// Lookups per block that is inserted or written: more than one peer reads a block.
constexpr int finds = 2;

struct figures
{
	double network = 0; // operations per second
	double io = 0;
	double inserted = 0;
	bool lost = false;
};

class contention
{
public:
	explicit contention(int const shards)
		: m_pool(budget, m_stats)
		, m_cache(m_pool, shards, m_stats)
	{}

	figures run(double const seconds)
	{
		auto const start = std::chrono::steady_clock::now();
		std::vector<std::thread> threads;
		for (int i = 0; i < io_threads; ++i)
		{
			threads.emplace_back([this, i] { write_pieces(static_cast<unsigned>(i)); });
		}
		insert_until(start + std::chrono::duration<double>(seconds));
		// without the blocks that the other threads still have to write then
		double const took = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
		auto const io = m_io_operations.load();
		m_stopping = true;
		for (auto& t : threads)
		{
			t.join();
		}
		for (int const piece : m_incomplete)
		{
			write_piece(piece);
		}
		return {double(m_network_operations) / took, double(io) / took, double(m_inserted) / took,
			m_written != m_inserted || m_cache.unwritten() != 0};
	}

private:
	static piece_key key_of(int const piece) { return {1, lt::piece_index_t{piece}}; }

	template <class Time>
	void insert_until(Time const end)
	{
		struct arriving_piece
		{
			int piece = 0;
			int next = 0; // block
		};
		std::minstd_rand random(1);
		std::vector<arriving_piece> open;
		for (; m_next_piece < open_pieces; ++m_next_piece)
		{
			// in every state between empty and complete, as in a swarm
			open.push_back({m_next_piece, m_next_piece * blocks_in_piece / open_pieces});
		}
		while (std::chrono::steady_clock::now() < end)
		{
			for (auto& o : open)
			{
				insert(o.piece, o.next, random);
				if (++o.next == blocks_in_piece)
				{
					std::unique_lock<std::mutex> const l(m_mutex);
					m_complete.push_back(o.piece);
					o = {m_next_piece++, 0};
				}
			}
		}
		for (auto const& o : open)
		{
			m_incomplete.push_back(o.piece);
		}
	}

	void insert(int const piece, int const block, std::minstd_rand& random)
	{
		char* buffer = m_cache.take_buffer();
		while (!buffer)
		{
			std::this_thread::yield(); // every block is still unwritten
			buffer = m_cache.take_buffer();
		}
		m_cache.insert_dirty(key_of(piece), {block}, buffer, block_size, [](lt::storage_error const&) {});
		++m_inserted;
		for (int i = 0; i < finds; ++i)
		{
			find_one(random);
		}
		m_network_operations += 1 + finds;
		m_newest.store(piece, std::memory_order_relaxed);
	}

	// Any recent block, which may be there or not.
	void find_one(std::minstd_rand& random)
	{
		int const newest = m_newest.load(std::memory_order_relaxed);
		int const piece = newest - static_cast<int>(random() % (2 * open_pieces));
		int const block = static_cast<int>(random() % blocks_in_piece);
		if (char* const found = m_cache.find(key_of(piece), {block}))
		{
			m_cache.unref(found);
		}
	}

	void write_pieces(unsigned const seed)
	{
		std::minstd_rand random(seed + 2);
		for (;;)
		{
			auto const piece = take_piece();
			if (!piece && m_stopping)
			{
				return;
			}
			int const written = piece ? write_piece(*piece) : 0;
			// a thread with nothing to write reads
			for (int i = 0; i < blocks_in_piece * finds; ++i)
			{
				find_one(random);
			}
			m_io_operations += written + blocks_in_piece * finds;
		}
	}

	std::optional<int> take_piece()
	{
		std::unique_lock<std::mutex> const l(m_mutex);
		if (m_complete.empty())
		{
			return {};
		}
		int const piece = m_complete.front();
		m_complete.pop_front();
		return piece;
	}

	int write_piece(int const piece)
	{
		std::vector<pending_block> blocks;
		m_cache.begin_write(key_of(piece), blocks);
		if (!blocks.empty())
		{
			m_cache.end_write(blocks);
		}
		m_cache.piece_arrived(key_of(piece));
		m_written += static_cast<std::int64_t>(blocks.size());
		return static_cast<int>(blocks.size());
	}

	disk_stats m_stats;
	buffer_pool m_pool;
	block_cache m_cache;
	std::atomic<int> m_newest{0};
	std::atomic<bool> m_stopping{false};
	std::atomic<std::int64_t> m_io_operations{0};
	std::atomic<std::int64_t> m_written{0};
	std::int64_t m_inserted = 0; // network thread
	std::int64_t m_network_operations = 0; // network thread
	int m_next_piece = 0; // network thread
	std::vector<int> m_incomplete; // when the network thread ended
	std::mutex m_mutex;
	std::deque<int> m_complete; // pieces to be written
};

int run_all(double const seconds)
{
	fmt::print("{} processors, one network thread, {} I/O threads, {:.1f} s each\n",
		std::thread::hardware_concurrency(), io_threads, seconds);
	fmt::print("{:>6} {:>14} {:>14} {:>14} {:>14}\n", "shards", "all, ops/s", "network, ops/s", "I/O, ops/s",
		"inserted/s");
	bool lost = false;
	for (int const shards : {1, 2, 8, 32})
	{
		auto const f = contention(shards).run(seconds);
		fmt::print("{:>6} {:>14.0f} {:>14.0f} {:>14.0f} {:>14.0f}{}\n", shards, f.network + f.io, f.network,
			f.io, f.inserted, f.lost ? "  FAILED: blocks were lost" : "");
		std::fflush(stdout);
		lost = lost || f.lost;
	}
	return lost ? 1 : 0;
}

} // namespace

} // namespace rawswarm::bench

int main(int const argc, char const* const* const argv)
{
	double const seconds = argc == 2 ? std::atof(argv[1]) : 3;
	if (argc > 2 || seconds <= 0)
	{
		std::fprintf(stderr, "cache [SECONDS]\n");
		return 2;
	}
	return rawswarm::bench::run_all(seconds);
}
