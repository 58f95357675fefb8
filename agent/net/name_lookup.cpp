// SPDX-License-Identifier: BSD-3-Clause
#include "agent/net/name_lookup.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <algorithm>
#include <cerrno>
#include <future>
#include <system_error>
#include <thread>
#include <utility>

namespace rawswarm
{

namespace
{

namespace asio = boost::asio;

// How soon a stop is noticed: getaddrinfo() cannot be told.
constexpr std::chrono::milliseconds stop_interval{50};

result<address_list> look_in_own_thread(std::string const& host,
	std::chrono::steady_clock::time_point const until, name_lookup look, std::stop_token const& stop)
{
	// The future of a packaged task, unlike that of std::async, does not wait in its destructor.
	std::packaged_task<result<address_list>()> task([host, look = std::move(look)] { return look(host); });
	auto answer = task.get_future();
	std::thread(std::move(task)).detach();
	for (auto now = std::chrono::steady_clock::now(); now < until; now = std::chrono::steady_clock::now())
	{
		if (answer.wait_until(std::min(until, now + stop_interval)) == std::future_status::ready)
		{
			return answer.get();
		}
		if (stop.stop_requested())
		{
			return fail(fault::network, system_error(ECANCELED), "looking up {}", host);
		}
	}
	return fail(fault::network, system_error(ETIMEDOUT), "looking up {}", host);
}

} // namespace

result<address_list> system_lookup(std::string const& host)
{
	asio::io_context context(1);
	asio::ip::tcp::resolver resolver(context);
	boost::system::error_code ec;
	// No "address configured" flag: it hides addresses while the network is still coming up.
	auto const found = resolver.resolve(host, "", asio::ip::tcp::resolver::flags(), ec);
	if (ec)
	{
		return fail(fault::network, ec, "looking up {}", host);
	}
	address_list addresses;
	for (auto const& entry : found)
	{
		addresses.push_back(entry.endpoint().address());
	}
	return addresses;
}

result<address_list> lookup_host(std::string const& host, std::chrono::steady_clock::time_point const until,
	name_lookup look, std::stop_token const& stop)
{
	boost::system::error_code no_address;
	if (auto const address = asio::ip::make_address(host, no_address); !no_address)
	{
		return address_list{address};
	}
	try
	{
		auto found = look_in_own_thread(host, until, std::move(look), stop);
		if (found && found.value().empty())
		{
			return fail(fault::network, "looking up {}: it has no address", host);
		}
		return found;
	}
	catch (std::system_error const& e) // no thread available
	{
		return fail(fault::internal, e.code(), "looking up {}", host);
	}
}

} // namespace rawswarm
