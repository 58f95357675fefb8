// SPDX-License-Identifier: BSD-3-Clause
// What a failure means for a client that may ask again.
#pragma once

#include "base/result.hpp"

namespace rawswarm
{

// A failure of the server or of the moment (5xx, and 408 Request Timeout, 425 Too Early, 429 Too Many
// Requests): the same request may be answered otherwise a little later.
constexpr bool may_pass(unsigned status)
{
	return status >= 500 || status == 408 || status == 425 || status == 429;
}

// A failure of what is fetched or posted (agent/net/fetch.hpp, http_post.hpp) that time may cure: the server
// could not be asked, or had a status of the above. With an error that says otherwise it has been.
inline bool may_pass(error const& why)
{
	return why.kind == fault::network && bool(why.ec);
}

} // namespace rawswarm
