// Hands results to libtorrent's network thread, a batch in one post.
//
// Thread-safe. The handlers run in the io_context's thread, in the order in which they were added.
#pragma once

#include <boost/asio/post.hpp>
#include <libtorrent/fwd.hpp>
#include <libtorrent/io_context.hpp>

#include <functional>
#include <mutex>
#include <utility>
#include <vector>

namespace rawswarm
{

class completion_queue
{
public:
	explicit completion_queue(lt::io_context& ios)
		: m_ios(ios)
	{}

	void add(std::function<void()> handler)
	{
		std::vector<std::function<void()>> one;
		one.push_back(std::move(handler));
		add(std::move(one));
	}

	void add(std::vector<std::function<void()>> handlers)
	{
		if (handlers.empty())
		{
			return;
		}
		boost::asio::post(m_ios, [batch = std::move(handlers)] {
			for (auto const& h : batch)
			{
				h();
			}
		});
	}

private:
	lt::io_context& m_ios;
};

} // namespace rawswarm
