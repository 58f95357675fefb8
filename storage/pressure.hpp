// Says when peers have to wait because blocks come faster than the device takes them.
//
// Counts blocks that are dirty or being written: clean ones can be given up at any time. Thread-safe.
#pragma once

#include <libtorrent/disk_observer.hpp>

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace rawswarm
{

class pressure
{
public:
	// Of the pool's blocks. Every peer may bring one or two more after it was told to stop, and reads
	// need room as well: hence half. The lower mark is far enough below that peers are not woken for a
	// handful of blocks.
	static constexpr double high = 0.5;
	static constexpr double urgent = 0.375; // write what has gathered, complete or not
	static constexpr double low = 0.25;

	explicit pressure(int const capacity)
		: m_high(static_cast<int>(capacity * high))
		, m_urgent(static_cast<int>(capacity * urgent))
		, m_low(static_cast<int>(capacity * low))
	{}

	bool is_urgent(int const unwritten) const { return unwritten >= m_urgent; }
	bool is_low(int const unwritten) const { return unwritten <= m_low; }

	// True, and the observer will be returned by a later relieve(), if the peer has to wait.
	bool exceeded(int const unwritten, std::shared_ptr<lt::disk_observer> const& observer)
	{
		std::unique_lock<std::mutex> const l(m_mutex);
		if (unwritten < m_high && !(m_stopped && unwritten > m_low))
		{
			return false;
		}
		m_stopped = true;
		if (observer)
		{
			m_waiting.push_back(observer);
		}
		return true;
	}

	// Whom to wake, now that so many are unwritten.
	std::vector<std::weak_ptr<lt::disk_observer>> relieve(int const unwritten)
	{
		std::unique_lock<std::mutex> const l(m_mutex);
		if (!m_stopped || unwritten > m_low)
		{
			return {};
		}
		m_stopped = false;
		return std::exchange(m_waiting, {});
	}

private:
	int const m_high;
	int const m_urgent;
	int const m_low;
	std::mutex m_mutex;
	bool m_stopped = false;
	std::vector<std::weak_ptr<lt::disk_observer>> m_waiting;
};

} // namespace rawswarm
