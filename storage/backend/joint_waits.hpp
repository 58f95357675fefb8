// SPDX-License-Identifier: BSD-3-Clause
// Calls that several members answer, each when it likes, and that are over once all have. A member that goes
// away is waited for no longer: neither by the calls under way nor by later ones.
//
// For one thread. What follows a call is called from answered() or gone(), or never if the waits end first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <utility>
#include <vector>

namespace rawswarm
{

class joint_waits
{
public:
	using id = std::uint64_t;

	// members: whose answers are waited for, at least one. then: called once.
	id add(std::vector<std::size_t> members, std::function<void()> then)
	{
		m_waits.emplace(++m_last, wait{std::move(members), std::move(then)});
		return m_last;
	}

	// A call that is over, and an answer that comes twice, mean nothing.
	void answered(id const call, std::size_t const member)
	{
		auto const it = m_waits.find(call);
		if (it == m_waits.end())
		{
			return;
		}
		std::erase(it->second.members, member);
		if (it->second.members.empty())
		{
			auto const over = m_waits.extract(it);
			over.mapped().then();
		}
	}

	void gone(std::size_t const member)
	{
		std::vector<id> all; // what follows a call may add others
		for (auto const& [call, w] : m_waits)
		{
			all.push_back(call);
		}
		for (auto const call : all)
		{
			answered(call, member);
		}
	}

	bool empty() const { return m_waits.empty(); }

private:
	struct wait
	{
		std::vector<std::size_t> members;
		std::function<void()> then;
	};

	std::map<id, wait> m_waits;
	id m_last = 0;
};

} // namespace rawswarm
