// SPDX-License-Identifier: BSD-3-Clause
// Work that blocks, on other threads, with its result brought back to the io_context's thread.
//
// An object that starts such work (the owner) has a blocking_scope as its last member, and one rule holds for
// all that it starts: the owner outlives the work, and nothing comes back once the owner is gone.
// - The destructor waits for work that has begun. Work may therefore use the owner, and the owner makes what
//   takes long end early, before its members go.
// - Work that has not begun by then never begins.
// - `then`, and whatever was posted, runs in the io_context's thread, and only while the owner exists. It may
//   destroy the owner.
//
// Made, called and destroyed by the thread that runs the io_context, never from inside of the work; a poster
// may be used from any thread and may outlive the scope, the io_context and the pool. What throws ends the
// program.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <type_traits>
#include <utility>

namespace rawswarm
{

class blocking_scope
{
	class shared_state;

public:
	// Brings a call to the io_context's thread.
	class poster
	{
	public:
		// f() is called later, never from inside of this call; not at all once the scope is gone.
		template <class F>
		void operator()(F f) const
		{
			m_state->post(m_state, std::move(f));
		}

	private:
		friend class blocking_scope;
		explicit poster(std::shared_ptr<shared_state> state)
			: m_state(std::move(state))
		{}

		std::shared_ptr<shared_state> m_state;
	};

	blocking_scope(boost::asio::io_context& ios, boost::asio::thread_pool& pool)
		: m_pool(pool)
		, m_state(std::make_shared<shared_state>(ios))
	{}
	~blocking_scope() { m_state->close(); }
	blocking_scope(blocking_scope const&) = delete;
	blocking_scope& operator=(blocking_scope const&) = delete;

	// work() on a thread of the pool, then then(what it returned), or then() if it returns nothing.
	template <class Work, class Then>
	void run_blocking(Work work, Then then)
	{
		boost::asio::post(
			m_pool, [state = m_state, work = std::move(work), then = std::move(then)]() mutable {
				if (!state->begin())
				{
					return;
				}
				carry_out(state, std::move(work), std::move(then));
				state->end();
			});
	}

	// f() in the io_context's thread.
	template <class F>
	void post(F f)
	{
		m_state->post(m_state, std::move(f));
	}

	poster make_poster() const { return poster(m_state); }

	// Whether work has begun that has not ended: the destructor would wait for it.
	bool is_busy() const { return m_state->is_busy(); }

private:
	// Tasks on both sides still hold this when the owner is gone.
	class shared_state
	{
	public:
		explicit shared_state(boost::asio::io_context& ios)
			: m_ios(ios)
		{}

		bool begin()
		{
			std::lock_guard const lock(m_mutex);
			m_under_way += m_open ? 1 : 0;
			return m_open;
		}

		void end()
		{
			std::lock_guard const lock(m_mutex);
			--m_under_way;
			m_ended.notify_all();
		}

		bool is_busy()
		{
			std::lock_guard const lock(m_mutex);
			return m_under_way > 0;
		}

		void close()
		{
			std::unique_lock lock(m_mutex);
			m_open = false;
			m_ended.wait(lock, [this] { return m_under_way == 0; });
		}

		// The lock is held while it is queued: the io_context may go right after close().
		template <class F>
		void post(std::shared_ptr<shared_state> const& self, F f)
		{
			std::lock_guard const lock(m_mutex);
			if (!m_open)
			{
				return;
			}
			boost::asio::post(m_ios, [self, f = std::move(f)]() mutable {
				if (self->is_open())
				{
					f();
				}
			});
		}

	private:
		bool is_open()
		{
			std::lock_guard const lock(m_mutex);
			return m_open;
		}

		boost::asio::io_context& m_ios;
		std::mutex m_mutex;
		std::condition_variable m_ended;
		int m_under_way = 0;
		bool m_open = true;
	};

	// The work, by value: what it holds is gone before it counts as ended.
	template <class Work, class Then>
	static void carry_out(std::shared_ptr<shared_state> const& state, Work work, Then then)
	{
		if constexpr (std::is_void_v<std::invoke_result_t<Work&>>)
		{
			work();
			state->post(state, std::move(then));
		}
		else
		{
			state->post(state, [then = std::move(then), r = work()]() mutable { then(std::move(r)); });
		}
	}

	boost::asio::thread_pool& m_pool;
	std::shared_ptr<shared_state> m_state;
};

} // namespace rawswarm
