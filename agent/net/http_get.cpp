// SPDX-License-Identifier: BSD-3-Clause
#include "agent/net/http_get.hpp"

#include "agent/net/http_exchange.hpp"

namespace rawswarm
{

result<http_answer> http_get(url const& from, std::chrono::steady_clock::time_point const until,
	std::size_t const max_bytes, name_lookup const& look)
{
	http_call call;
	call.max_answer = max_bytes;
	return http_exchange(from, call, until, look);
}

} // namespace rawswarm
