// SPDX-License-Identifier: BSD-3-Clause
#include "agent/web_seed/web_seed_worker.hpp"

#include <libtorrent/hasher.hpp>

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

namespace rawswarm
{

namespace
{

// How long a thread that waits for the download limit may take to notice that it is to end.
constexpr std::chrono::milliseconds longest_sleep{50};

} // namespace

web_seed_worker::web_seed_worker(boost::asio::io_context& ios, token_bucket& download_limit, name_lookup look)
	: m_download_limit(download_limit)
	, m_connection(std::move(look), [this](std::size_t const bytes) { on_arrived(bytes); })
	, m_scope(ios, m_thread)
{}

web_seed_worker::~web_seed_worker()
{
	m_stopping = true;
	m_connection.stop();
}

void web_seed_worker::fetch(web_order order, handler on_done)
{
	m_scope.run_blocking([this, order = std::move(order)] { return run(order); }, std::move(on_done));
}

web_outcome web_seed_worker::run(web_order const& order)
{
	web_outcome outcome;
	m_arrived = order.arrived;
	outcome.piece.resize(order.size); // zeros wherever no range lies
	for (auto const& range : order.ranges)
	{
		outcome.failure = m_connection.get(order.from, range, outcome.piece.data() + range.offset);
		if (outcome.failure)
		{
			outcome.piece.clear();
			return outcome;
		}
	}
	// libtorrent hashes the piece too. But if peers sent it blocks of the same piece, it could not be told
	// afterwards whose were wrong.
	if (lt::hasher(outcome.piece).final() != order.hash)
	{
		outcome.is_wrong = true;
		outcome.piece.clear();
	}
	return outcome;
}

void web_seed_worker::on_arrived(std::size_t const bytes)
{
	auto const n = static_cast<std::int64_t>(bytes);
	m_arrived->fetch_add(n, std::memory_order_relaxed);
	m_download_limit.take(n, token_bucket::clock::now());
	while (!m_stopping)
	{
		auto const wait = m_download_limit.wait_time(token_bucket::clock::now());
		if (wait == token_bucket::clock::duration())
		{
			return;
		}
		std::this_thread::sleep_for(std::min<token_bucket::clock::duration>(wait, longest_sleep));
	}
}

} // namespace rawswarm
