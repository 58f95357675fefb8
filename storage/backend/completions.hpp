// SPDX-License-Identifier: BSD-3-Clause
// Hands results to libtorrent's network thread.
//
// Thread-safe. Each call is one post, so that the handlers run in the io_context's thread, in the order in
// which they were handed over. Results that end together are best posted by one function.
#pragma once

#include <boost/asio/post.hpp>
#include <libtorrent/fwd.hpp>
#include <libtorrent/io_context.hpp>

#include <utility>

namespace rawswarm
{

class completions
{
public:
	explicit completions(lt::io_context& ios)
		: m_ios(ios)
	{}

	// f(): calls one handler or many. May be move-only.
	template <class F>
	void post(F f)
	{
		boost::asio::post(m_ios, std::move(f));
	}

	// handler(args...)
	template <class Handler, class... Args>
	void answer(Handler handler, Args... args)
	{
		post([h = std::move(handler), ... a = std::move(args)]() mutable { h(std::move(a)...); });
	}

private:
	lt::io_context& m_ios;
};

} // namespace rawswarm
