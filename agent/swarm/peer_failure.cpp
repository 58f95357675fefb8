// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/peer_failure.hpp"

#include <boost/asio/error.hpp>

namespace rawswarm
{

std::string failure_in_words(lt::error_code const& ec)
{
	if (ec == boost::asio::error::eof || ec == boost::asio::error::connection_reset)
	{
		return "it hangs up, perhaps as it serves another image";
	}
	if (ec == lt::errors::timed_out || ec == lt::errors::timed_out_no_handshake)
	{
		return "it does not answer";
	}
	return ec.message();
}

} // namespace rawswarm
