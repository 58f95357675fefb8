// SPDX-License-Identifier: BSD-3-Clause
#include "agent/watch/room_page.hpp"

#include "base/descriptor_limit.hpp"

#include <utility>

namespace rawswarm
{

room_page::room_page(boost::asio::io_context& ios, room_history const& room, room_facts const& facts,
	std::vector<std::string> names)
	: m_answers(room, facts)
	, m_server(ios,
		  {.names = std::move(names), .name_hint = "; --http-name allows another", .headers = page_headers},
		  [this](http_question const& question) { return m_answers.answer(question); })
{}

result<void> room_page::listen(endpoint const& where)
{
	raise_descriptor_limit(); // a reader has one, or several
	return m_server.listen(where);
}

void room_page::update()
{
	m_answers.update();
	m_server.wake();
}

} // namespace rawswarm
