// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/link_watch.hpp"

#include <fmt/format.h>

namespace rawswarm
{

link_watch::verdict link_watch::update(std::string const& why, clock::time_point const now)
{
	if (!why.empty())
	{
		m_since = m_since.value_or(now);
		if (now - *m_since < patience)
		{
			return verdict::nothing_new;
		}
		m_text = "this machine has no link: " + why;
		bool const was_gone = m_is_gone;
		m_is_gone = true;
		return was_gone ? verdict::nothing_new : verdict::is_gone;
	}
	if (m_is_gone)
	{
		auto const gone = std::chrono::duration_cast<std::chrono::seconds>(now - *m_since);
		m_text = fmt::format("this machine had no link for {} seconds", gone.count());
		m_is_gone = false;
		m_back = now;
		m_since.reset();
		return verdict::is_back;
	}
	m_since.reset();
	if (m_back && now - *m_back >= aftermath)
	{
		m_back.reset();
		m_text.clear();
	}
	return verdict::nothing_new;
}

} // namespace rawswarm
