// SPDX-License-Identifier: BSD-3-Clause
#include "agent/web_seed/web_seed_worker.hpp"

#include "storage/device/block_frame.hpp"

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

// libtorrent hashes the piece too. But if peers sent it blocks of the same piece, it could not be told
// afterwards whose were wrong.
bool is_wrong(std::vector<char> const& piece, lt::sha1_hash const& hash)
{
	return lt::hasher(piece).final() != hash;
}

void add(std::atomic<std::int64_t>& counter, std::size_t const bytes)
{
	counter.fetch_add(static_cast<std::int64_t>(bytes), std::memory_order_relaxed);
}

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
	m_traffic = order.traffic;
	m_connection.begin(order.pace);
	outcome.frames = order.frames;
	outcome.piece.resize(order.place.length); // zeros wherever no range lies
	if (!order.frames)
	{
		get_raw(order, outcome);
		if (order.may_be_compressed && (outcome.is_wrong || (outcome.failure && outcome.failure->is_shorter)))
		{
			look(order, outcome, order.lengths);
		}
	}
	if (outcome.frames)
	{
		get_frames(order, outcome);
	}
	if (outcome.frames.lengths && (outcome.is_wrong || (outcome.failure && outcome.failure->lasting)))
	{
		// of this size, and not the file that was made with the torrent: its own table says where frames are
		look(order, outcome, nullptr);
		if (outcome.frames)
		{
			get_frames(order, outcome);
		}
	}
	outcome.pace = m_connection.pace();
	if (outcome.failure || outcome.is_wrong)
	{
		outcome.piece = {};
		outcome.beside = {};
	}
	return outcome;
}

void web_seed_worker::get_raw(web_order const& order, web_outcome& outcome)
{
	m_arrives_raw = true;
	for (auto const& range : order.ranges)
	{
		outcome.failure = m_connection.get(order.from, range, outcome.piece.data() + range.offset);
		if (outcome.failure)
		{
			return;
		}
	}
	outcome.is_wrong = is_wrong(outcome.piece, order.hash);
}

void web_seed_worker::look(
	web_order const& order, web_outcome& outcome, std::shared_ptr<frame_lengths const> lengths)
{
	m_arrives_raw = false;
	auto found = look_for_image(m_connection, order.from, order.payload, std::move(lengths));
	outcome.frames = std::move(found.frames);
	if (found.failure)
	{
		outcome.failure = std::move(found.failure);
	}
}

void web_seed_worker::get_frames(web_order const& order, web_outcome& outcome)
{
	m_arrives_raw = false;
	bool keeps = true;
	outcome.beside = {};
	outcome.failure = get_payload(m_connection, order.from, outcome.frames, {order.piece, order.place},
		outcome.piece, [&](std::span<char const> const frame, std::size_t const block_length) {
			add(m_traffic->image, block_length);
			keeps = keeps && outcome.beside.bytes() + frame.size() <= order.most_frames;
			if (keeps)
			{
				auto const shrank = frame.size() <= longest_frame(block_length);
				outcome.beside.add(shrank ? frame : std::span<char const>());
			}
		});
	outcome.is_wrong = !outcome.failure && is_wrong(outcome.piece, order.hash);
}

void web_seed_worker::on_arrived(std::size_t const bytes)
{
	add(m_traffic->wire, bytes);
	if (m_arrives_raw)
	{
		add(m_traffic->image, bytes);
	}
	m_download_limit.take(static_cast<std::int64_t>(bytes), token_bucket::clock::now());
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
