// SPDX-License-Identifier: BSD-3-Clause
// Lets functions that come back to an object find out whether it still exists.
//
// An object that belongs to one thread, that of an io_context, gets calls from other threads by posts. When
// it is destroyed such a post may still wait in the io_context. So the object has a lifetime as a member and
// posts only functions that guard() has wrapped: they do nothing once the lifetime has ended.
//
// Threads: guard() may be called by any thread while the object exists; a destructor that other threads might
// outlive must join them. The wrapped functions, end() and the destructor belong to the object's own thread,
// which is why no lock is needed.
//
// This is for objects with one owner whose calls come from threads that they do not start, such as
// libtorrent's. Work that blocks is started by a blocking_scope (base/run_blocking.hpp). An object that
// several threads keep alive derives from std::enable_shared_from_this.
#pragma once

#include <memory>
#include <utility>

namespace rawswarm
{

class lifetime
{
public:
	lifetime() = default;
	~lifetime() { end(); }
	lifetime(lifetime const&) = delete;
	lifetime& operator=(lifetime const&) = delete;

	// Calls f, unless the lifetime has ended by then.
	template <class F>
	auto guard(F f) const
	{
		return [alive = m_alive, f = std::move(f)](auto&&... args) mutable {
			if (*alive)
			{
				f(std::forward<decltype(args)>(args)...);
			}
		};
	}

	// Tells whether the lifetime goes on, also after its end: for loops that call what may destroy the
	// object.
	auto watch() const
	{
		return [alive = m_alive] { return *alive; };
	}

	// For destructors that destroy other members before this one could end by itself.
	void end() { *m_alive = false; }

private:
	std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
};

} // namespace rawswarm
