// SPDX-License-Identifier: BSD-3-Clause
// A web_seed_knowledge that checks itself after each step, and two peers, for tests of what it knows.
#pragma once

#include "agent/web_seed/web_seed_knowledge.hpp"

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace rawswarm::test
{

inline constexpr web_seed_knowledge::peer alice = 1;
inline constexpr web_seed_knowledge::peer bob = 2;

inline std::vector<bool> all(std::size_t const pieces)
{
	std::vector<bool> bits(pieces, true);
	return bits;
}

// Checks itself after each step.
class checked_knowledge
{
public:
	explicit checked_knowledge(std::vector<bool> have)
		: m_known(std::move(have))
	{
		m_known.check_invariants();
	}

	web_seed_knowledge const* operator->() const { return &m_known; }

	void got(std::size_t const piece)
	{
		step([&] { m_known.got(piece); });
	}
	void joined(web_seed_knowledge::peer const p)
	{
		step([&] { m_known.joined(p); });
	}
	void left(web_seed_knowledge::peer const p)
	{
		step([&] { m_known.left(p); });
	}
	void is_member(web_seed_knowledge::peer const p, std::uint64_t const id)
	{
		step([&] { m_known.is_member(p, id); });
	}
	void delivered(web_seed_knowledge::peer const p, std::int64_t const bytes)
	{
		step([&] { m_known.delivered(p, bytes); });
	}
	void delivered_by_web_seed(std::int64_t const bytes)
	{
		step([&] { m_known.delivered_by_web_seed(bytes); });
	}
	void weigh(web_seed_knowledge::time const now)
	{
		step([&] { m_known.weigh(now); });
	}
	void peer_has(web_seed_knowledge::peer const p, std::vector<bool> pieces)
	{
		step([&] { m_known.peer_has(p, std::move(pieces)); });
	}
	void peer_got(web_seed_knowledge::peer const p, std::size_t const piece)
	{
		step([&] { m_known.peer_got(p, piece); });
	}
	void peer_lost(web_seed_knowledge::peer const p, std::size_t const piece)
	{
		step([&] { m_known.peer_lost(p, piece); });
	}
	void claimed(
		web_seed_knowledge::peer const p, std::size_t const piece, web_seed_knowledge::time const now)
	{
		step([&] { m_known.claimed(p, piece, now); });
	}
	void dropped(web_seed_knowledge::peer const p, std::size_t const piece)
	{
		step([&] { m_known.dropped(p, piece); });
	}

private:
	template <class F>
	void step(F const f)
	{
		f();
		m_known.check_invariants();
	}

	web_seed_knowledge m_known;
};

inline checked_knowledge knowing_nobody(std::size_t const pieces)
{
	return checked_knowledge(std::vector<bool>(pieces, false));
}

} // namespace rawswarm::test
