// SPDX-License-Identifier: BSD-3-Clause
// The meaning of an HTTP status for a client that may ask again.
#pragma once

namespace rawswarm
{

// A failure of the server or of the moment (5xx, and 408 Request Timeout, 425 Too Early, 429 Too Many
// Requests): the same request may be answered otherwise a little later.
constexpr bool may_pass(unsigned status)
{
	return status >= 500 || status == 408 || status == 425 || status == 429;
}

} // namespace rawswarm
