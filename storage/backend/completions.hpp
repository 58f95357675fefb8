// SPDX-License-Identifier: BSD-3-Clause
// Hands results to libtorrent's network thread, a batch in one post.
//
// Thread-safe. The handlers run in the io_context's thread, in the order in which they were added.
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
	void add(F f)
	{
		boost::asio::post(m_ios, std::move(f));
	}

private:
	lt::io_context& m_ios;
};

} // namespace rawswarm
