// SPDX-License-Identifier: BSD-3-Clause
#include "storage/device/content_check.hpp"

#include "base/bytes.hpp"
#include "base/first_error.hpp"
#include "base/is_zero.hpp"
#include "base/mutex.hpp"
#include "storage/device/page_buffer.hpp"

#include <libtorrent/hasher.hpp>
#include <libtorrent/torrent_info.hpp>

#include <algorithm>
#include <optional>
#include <semaphore>
#include <thread>
#include <utility>
#include <vector>

namespace rawswarm
{

namespace
{

// Size of a read where seeks cost nothing. A quarter of it reached 0.72 of the bound of bench check, this
// reached 0.90.
constexpr std::size_t usual_buffer = 1_MiB;

// Limit of a read where seeks cost: larger pieces are read in several steps. A seek is 3% of the time of such
// a step.
constexpr std::size_t largest_buffer = 16 * usual_buffer;

// Compared with zeros at once: the granularity at which a non-zero byte is reported.
constexpr std::uint64_t zero_step = 1_MiB;

constexpr auto page = page_buffer::page;

// At most `readers` of them at once. Given back at the end at the latest.
class read_turn
{
public:
	explicit read_turn(std::counting_semaphore<>& turns)
		: m_turns(&turns)
	{
		turns.acquire();
	}
	read_turn(read_turn const&) = delete;
	read_turn& operator=(read_turn const&) = delete;
	~read_turn() { leave(); }

	void leave()
	{
		if (auto* const turns = std::exchange(m_turns, nullptr))
		{
			turns->release();
		}
	}

private:
	std::counting_semaphore<>* m_turns;
};

// Pieces first, then steps of the ranges that must be zeros.
class checker
{
public:
	checker(block_device& device, lt::torrent_info const& torrent, extent_map const& extents,
		content_check_settings const& settings, content_check const& check, std::stop_token stop)
		: m_device(device)
		, m_torrent(torrent)
		, m_extents(extents)
		, m_settings(settings)
		, m_check(check)
		, m_stop(std::move(stop))
		, m_turns(settings.readers)
	{}

	result<void> run();

private:
	void work();
	std::optional<lt::piece_index_t> next_piece() REQUIRES(m_mutex);
	std::optional<byte_range> next_zeros() REQUIRES(m_mutex);
	result<void> hash(lt::piece_index_t piece, char* buffer, read_turn& turn);
	result<void> compare(byte_range range, char* buffer, read_turn& turn);
	result<void> read(device_offset offset, char* buffer, std::size_t length);

	block_device& m_device;
	lt::torrent_info const& m_torrent;
	extent_map const& m_extents;
	content_check_settings const& m_settings;
	content_check const& m_check;
	std::stop_token m_stop;
	std::counting_semaphore<> m_turns;
	first_error m_failed;
	mutex m_mutex;
	int m_next_piece GUARDED_BY(m_mutex) = 0;
	std::size_t m_zeros GUARDED_BY(m_mutex) = 0; // the range that comes next
	std::uint64_t m_compared GUARDED_BY(m_mutex) = 0; // bytes of that range that are handed out already
};

result<void> checker::run()
{
	{
		std::vector<std::jthread> threads;
		threads.reserve(static_cast<std::size_t>(m_settings.threads));
		for (int i = 0; i < m_settings.threads; ++i)
		{
			threads.emplace_back([this] { work(); });
		}
	}
	return m_failed.check();
}

std::optional<lt::piece_index_t> checker::next_piece()
{
	return m_next_piece < m_torrent.num_pieces() ? std::optional(lt::piece_index_t(m_next_piece++))
												 : std::nullopt;
}

// Steps are worked out one by one: a list of them would grow with the disk.
std::optional<byte_range> checker::next_zeros()
{
	while (m_zeros < m_check.zeros.size())
	{
		auto const& range = m_check.zeros[m_zeros];
		if (m_compared < range.length)
		{
			byte_range const step{range.offset + m_compared, std::min(zero_step, range.length - m_compared)};
			m_compared += step.length;
			return step;
		}
		++m_zeros;
		m_compared = 0;
	}
	return std::nullopt;
}

void checker::work()
{
	page_buffer memory(std::max(m_settings.buffer, m_check.zeros.empty() ? page : std::size_t(zero_step)));
	auto* const buffer = memory.data();
	while (!m_failed.is_set() && !m_stop.stop_requested())
	{
		// turns are given in the order of the pieces and steps, so that the device sees ascending offsets
		mutex_lock l(m_mutex);
		auto const piece = next_piece();
		auto const zeros = piece ? std::nullopt : next_zeros();
		if (!piece && !zeros)
		{
			return;
		}
		read_turn turn(m_turns);
		l.unlock();
		auto const r = piece ? hash(*piece, buffer, turn) : compare(*zeros, buffer, turn);
		if (!r && !(piece && m_check.on_unreadable && m_check.on_unreadable(*piece, r.error())))
		{
			m_failed.set(r.error());
		}
	}
}

result<void> checker::read(device_offset const offset, char* const buffer, std::size_t const length)
{
	BOOST_OUTCOME_TRYV(m_device.read_medium(offset, {buffer, length}));
	if (m_check.read != nullptr)
	{
		m_check.read->fetch_add(static_cast<std::int64_t>(length), std::memory_order_relaxed);
	}
	return success();
}

// The turn ends with the last read, so that another thread reads while this one hashes the rest.
result<void> checker::hash(lt::piece_index_t const piece, char* const buffer, read_turn& turn)
{
	lt::hasher hasher;
	std::size_t filled = 0; // of the buffer, not hashed yet
	int left = m_torrent.piece_size(piece);
	for (auto const& s : m_extents.map(piece, 0, left))
	{
		for (int done = 0; done < s.length;)
		{
			auto const step = std::min(static_cast<std::size_t>(s.length - done), m_settings.buffer - filled);
			if (s.offset)
			{
				BOOST_OUTCOME_TRYV(read(*s.offset + static_cast<std::uint64_t>(done), buffer + filled, step));
			}
			else
			{
				std::memset(buffer + filled, 0, step); // a pad file
			}
			filled += step;
			done += static_cast<int>(step);
			left -= static_cast<int>(step);
			if (left == 0)
			{
				turn.leave();
			}
			if (left == 0 || filled == m_settings.buffer)
			{
				hasher.update({buffer, static_cast<std::ptrdiff_t>(filled)});
				filled = 0;
			}
		}
	}
	m_check.on_piece(piece, hasher.final());
	return success();
}

result<void> checker::compare(byte_range const range, char* const buffer, read_turn& turn)
{
	auto const length = static_cast<std::size_t>(range.length);
	BOOST_OUTCOME_TRYV(read(range.offset, buffer, length));
	turn.leave();
	bool const zeros = is_zero({buffer, length});
	if (!zeros && m_check.on_not_zero)
	{
		auto const* const at = std::find_if(buffer, buffer + length, [](char const c) { return c != 0; });
		m_check.on_not_zero(range.offset + static_cast<std::uint64_t>(at - buffer));
	}
	return success();
}

std::size_t whole_pages(std::size_t const bytes)
{
	return std::max(page, bytes / page * page);
}

} // namespace

content_check_settings content_check_settings::of(
	device_profile const& profile, int const piece_size, std::size_t const memory)
{
	int const processors = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
	bool const seeks_cost = profile.kind == device_kind::hdd;
	content_check_settings s;
	// Enough readers that no processor waits for a read; a thread that hashes does not read. With 2
	// processors 2, 3 and 4 readers reached 0.90, 0.94 and 0.95 of the bound (bench check).
	s.readers = seeks_cost ? 1 : std::max(2, std::min(profile.readers, 2 * processors));
	s.threads = processors + s.readers;
	auto const piece = static_cast<std::size_t>(piece_size);
	s.buffer = seeks_cost ? std::min((piece + page - 1) / page * page, largest_buffer) : usual_buffer;
	s.buffer = std::min(s.buffer, whole_pages(memory / static_cast<std::size_t>(s.threads)));
	return s;
}

result<void> check_content(block_device& device, lt::torrent_info const& torrent, extent_map const& extents,
	content_check_settings const& settings, content_check const& check, std::stop_token const& stop)
{
	return checker(device, torrent, extents, settings, check, stop).run();
}

} // namespace rawswarm
