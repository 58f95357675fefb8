// SPDX-License-Identifier: BSD-3-Clause
#include "agent/watch/replay.hpp"

#include <utility>

namespace rawswarm
{

namespace
{

constexpr int batch_size = 64; // datagrams between two looks at signals and keys

} // namespace

replay::replay(boost::asio::io_context& ios, watch_clock& clock)
	: m_clock(clock)
	, m_timer(ios)
{}

result<void> replay::open(std::string const& path, double const speed)
{
	BOOST_OUTCOME_TRY(reader, recording_reader::open(path));
	m_reader.emplace(std::move(reader));
	BOOST_OUTCOME_TRY(first, m_reader->next());
	m_next = std::move(first);
	m_clock = watch_clock::replaying(speed, m_next ? m_next->time_ms - m_next->elapsed.count() : 0);
	m_clock.hold_at(m_next ? m_next->elapsed : std::chrono::milliseconds(0));
	return success();
}

void replay::start(std::function<void(recorded_datagram const&)> take, std::function<void(result<void>)> done)
{
	m_take = std::move(take);
	m_done = std::move(done);
	play();
}

void replay::stop()
{
	m_stopped = true;
	m_timer.cancel();
}

void replay::play()
{
	for (int i = 0; i < batch_size && m_next && m_clock.until(m_next->elapsed).count() <= 0; ++i)
	{
		m_clock.advance_to(m_next->elapsed);
		m_take(*m_next);
		if (m_stopped)
		{
			return;
		}
		auto read = m_reader->next();
		if (!read)
		{
			m_done(read.error());
			return;
		}
		m_next = std::move(read.value());
		if (m_next)
		{
			m_clock.hold_at(m_next->elapsed);
		}
	}
	if (!m_next)
	{
		m_done(success());
		return;
	}
	m_timer.expires_after(std::chrono::duration_cast<std::chrono::steady_clock::duration>(
		std::max(m_clock.until(m_next->elapsed), std::chrono::nanoseconds(0))));
	m_timer.async_wait([this](boost::system::error_code const& ec) {
		if (!ec && !m_stopped)
		{
			play();
		}
	});
}

} // namespace rawswarm
