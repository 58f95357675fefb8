// SPDX-License-Identifier: BSD-3-Clause
// What a handler of agent/http_server is asked, and what it answers. Values.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace rawswarm
{

struct http_question
{
	std::string_view path; // begins with a slash, without the query; as it came: nothing is decoded
};

using shared_text = std::shared_ptr<std::string const>;

// The next part of a stream. Null: nothing new; it is asked again after http_server::wake(). It is asked only
// when the client has taken all that came before, so that a slow client gets fewer and larger parts, and one
// part is all that is held for it.
using http_stream = std::function<shared_text()>;

struct http_reply
{
	unsigned status = 200;
	std::string_view type = "text/plain; charset=utf-8"; // constants
	shared_text body; // null: empty
	http_stream stream; // set: in place of body; the answer ends with the connection
};

// A line of text.
http_reply make_reply(unsigned status, std::string text);

} // namespace rawswarm
