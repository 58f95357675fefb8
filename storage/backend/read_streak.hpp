// SPDX-License-Identifier: BSD-3-Clause
// Whether pieces are asked for in their order, nearly, and which ones therefore come next.
//
// A source reveals its pieces to the room in the order of the torrent (agent/swarm/super_seed.hpp), so that
// the machines of a room together ask for one after the other, a little mixed. Peers that ask for pieces here
// and there have nothing read ahead. Pure; numbers are those of pieces.
#pragma once

#include <algorithm>
#include <optional>

namespace rawswarm
{

class read_streak
{
public:
	// The piece is asked for. window: so many pieces are read ahead of the last one.
	void asked_for(int const piece, int const window)
	{
		int const near = std::max(window, least_near);
		bool const follows = m_length > 0 && piece >= m_last - near && piece <= m_last + near;
		m_length = follows ? m_length + 1 : 1;
		m_last = follows ? std::max(m_last, piece) : piece;
		m_next = follows ? std::max(m_next, m_last + 1) : m_last + 1;
	}

	// The next piece to read ahead, which counts as read from here on. Nothing: wait for peers to ask.
	std::optional<int> take_ahead(int const window, int const pieces)
	{
		if (m_length < shortest || m_next > m_last + window || m_next >= pieces)
		{
			return std::nullopt;
		}
		return m_next++;
	}

private:
	static constexpr int shortest = 3; // pieces that show an order
	static constexpr int least_near = 4; // pieces; machines of a room do not ask in step

	int m_length = 0; // pieces that were asked for in their order
	int m_last = 0; // the furthest of them
	int m_next = 0; // what is behind it and was not read ahead yet
};

} // namespace rawswarm
