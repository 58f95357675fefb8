// SPDX-License-Identifier: BSD-3-Clause
#include "agent/http_server/held_bytes.hpp"

namespace rawswarm
{

void held_bytes::add(shared_text const& text)
{
	if (text && ++m_holders[text.get()] == 1)
	{
		m_total += text->size();
	}
}

void held_bytes::remove(shared_text const& text)
{
	if (!text)
	{
		return;
	}
	auto const found = m_holders.find(text.get());
	if (--found->second == 0)
	{
		m_holders.erase(found);
		m_total -= text->size();
	}
}

} // namespace rawswarm
