// SPDX-License-Identifier: BSD-3-Clause
#include "agent/create/piece_hash_pool.hpp"

#include "base/bytes.hpp"

#include <libtorrent/hasher.hpp>

#include <algorithm>
#include <cstring>
#include <utility>

namespace rawswarm
{

namespace
{

lt::sha1_hash sha1(char const* bytes, std::size_t length)
{
	return lt::hasher(lt::span<char const>(bytes, static_cast<std::ptrdiff_t>(length))).final();
}

// What all pieces in memory may take because of readers. Of pieces of 4 MiB two processors and their readers
// have eight.
constexpr int memory_for_readers = 64_MiB;

// 0: nothing is read here.
int readers_of(piece_input const& input, int const piece_size, int const threads)
{
	return input.read ? std::clamp(memory_for_readers / piece_size - threads - 2, 1, input.readers) : 0;
}

} // namespace

piece_hash_pool::piece_hash_pool(
	int const piece_size, int const threads, piece_sink* const sink, piece_input input)
	: m_piece_size(static_cast<std::size_t>(piece_size))
	, m_input(std::move(input))
	, m_readers(readers_of(m_input, piece_size, threads))
	, m_max_buffers(static_cast<std::size_t>(threads + m_readers + 2))
	, m_sink(sink)
{
	for (int i = 0; i < threads + m_readers; ++i)
	{
		m_threads.emplace_back([this] { hash_pieces(); });
	}
}

piece_hash_pool::~piece_hash_pool()
{
	{
		std::unique_lock<std::mutex> const lock(m_mutex);
		m_stop = true;
		m_waiting.clear();
	}
	m_changed_for_threads.notify_all();
	for (auto& thread : m_threads)
	{
		thread.join();
	}
}

piece_hash_pool::buffer piece_hash_pool::take_buffer()
{
	if (m_allocated < m_max_buffers)
	{
		++m_allocated;
		return std::make_unique<page_buffer>(m_piece_size);
	}
	std::unique_lock<std::mutex> lock(m_mutex);
	m_changed_for_caller.wait(lock, [this] { return !m_free.empty(); });
	auto taken = std::move(m_free.back());
	m_free.pop_back();
	return taken;
}

std::span<char> piece_hash_pool::space()
{
	if (!m_current)
	{
		m_current = take_buffer();
	}
	return {m_current->data() + m_filled, m_piece_size - m_filled};
}

void piece_hash_pool::commit(std::size_t length)
{
	m_filled += length;
	if (m_filled == m_piece_size)
	{
		hand_over();
	}
}

void piece_hash_pool::commit_read(device_offset const from, std::size_t const length)
{
	m_reads.push_back({from, m_filled, length});
	commit(length);
}

void piece_hash_pool::hand_over()
{
	{
		std::unique_lock<std::mutex> const lock(m_mutex);
		m_waiting.push_back({std::move(m_current), m_filled, m_hashes.size(), std::move(m_reads)});
		m_hashes.emplace_back();
		m_seals.emplace_back();
		++m_unhashed;
	}
	m_changed_for_threads.notify_one();
	m_filled = 0;
	m_reads.clear();
}

void piece_hash_pool::append(std::span<char const> bytes)
{
	while (!bytes.empty())
	{
		auto const free = space();
		std::size_t const part = std::min(free.size(), bytes.size());
		std::memcpy(free.data(), bytes.data(), part);
		commit(part);
		bytes = bytes.subspan(part);
	}
}

void piece_hash_pool::append_zeros(std::uint64_t length)
{
	while (length > 0)
	{
		if (m_filled == 0 && length >= m_piece_size)
		{
			append_piece_of_zeros();
			length -= m_piece_size;
			continue;
		}
		auto const free = space();
		auto const part = static_cast<std::size_t>(std::min<std::uint64_t>(free.size(), length));
		std::memset(free.data(), 0, part);
		commit(part);
		length -= part;
	}
}

void piece_hash_pool::append_piece_of_zeros()
{
	if (m_zeros.empty())
	{
		m_zeros.resize(m_piece_size);
		m_hash_of_zeros = sha1(m_zeros.data(), m_zeros.size());
		m_seal_of_zeros = seal_of(m_zeros);
	}
	std::size_t index = 0;
	{
		std::unique_lock<std::mutex> const lock(m_mutex);
		index = m_hashes.size();
		m_hashes.push_back(m_hash_of_zeros);
		m_seals.push_back(m_seal_of_zeros);
	}
	if (m_sink != nullptr)
	{
		m_sink->add(index, m_zeros);
	}
}

// Pieces before the one that failed may still be read, and fail as well.
result<void> piece_hash_pool::check()
{
	{
		std::unique_lock<std::mutex> lock(m_mutex);
		if (m_failed)
		{
			m_changed_for_caller.wait(lock, [this] { return m_unhashed == 0; });
			return m_failed->what;
		}
	}
	return m_sink == nullptr ? result<void>(success()) : m_sink->check();
}

result<std::vector<lt::sha1_hash>> piece_hash_pool::finish()
{
	if (m_filled > 0)
	{
		hand_over();
	}
	std::unique_lock<std::mutex> lock(m_mutex);
	m_changed_for_caller.wait(lock, [this] { return m_unhashed == 0; });
	if (m_failed)
	{
		return m_failed->what;
	}
	return std::move(m_hashes);
}

bool piece_hash_pool::can_begin() const
{
	return !m_waiting.empty() && (m_waiting.front().reads.empty() || m_reading < m_readers);
}

piece_hash_pool::full_piece piece_hash_pool::take_piece(std::unique_lock<std::mutex>& lock)
{
	auto piece = std::move(m_waiting.front());
	m_waiting.pop_front();
	if (!piece.reads.empty())
	{
		read_piece(piece, lock);
	}
	return piece;
}

// Pieces are begun in their order, so that the device sees ascending offsets. What comes behind a read that
// failed is not read.
void piece_hash_pool::read_piece(full_piece& piece, std::unique_lock<std::mutex>& lock)
{
	if (m_failed)
	{
		return;
	}
	++m_reading;
	lock.unlock();
	auto done = result<void>(success());
	for (auto read = piece.reads.begin(); done && read != piece.reads.end(); ++read)
	{
		done = m_input.read(read->from, {piece.bytes->data() + read->begin, read->length});
	}
	lock.lock();
	--m_reading;
	if (!done && (!m_failed || piece.index < m_failed->index))
	{
		m_failed = {piece.index, std::move(done).error()};
	}
	m_changed_for_threads.notify_all();
}

// A piece that could not be read is passed on like any other: the sink waits for each, and what was made of
// them is not kept.
void piece_hash_pool::hash_pieces()
{
	std::unique_lock<std::mutex> lock(m_mutex);
	for (;;)
	{
		m_changed_for_threads.wait(lock, [this] { return m_stop || can_begin(); });
		if (m_stop)
		{
			return;
		}
		auto piece = take_piece(lock);
		lock.unlock();
		auto const hash = sha1(piece.bytes->data(), piece.length);
		auto const seal = seal_of({piece.bytes->data(), piece.length});
		if (m_sink != nullptr)
		{
			m_sink->add(piece.index, {piece.bytes->data(), piece.length});
		}
		lock.lock();
		m_hashes[piece.index] = hash;
		m_seals[piece.index] = seal;
		m_free.push_back(std::move(piece.bytes));
		--m_unhashed;
		m_changed_for_caller.notify_one();
	}
}

} // namespace rawswarm
