// SPDX-License-Identifier: BSD-3-Clause
// A mutex, a lock and a condition whose use clang checks while it compiles.
//
// A member that a mutex guards says GUARDED_BY(mutex), a function whose caller must hold it REQUIRES(mutex).
// clang then reports every access without the lock (-Wthread-safety; `toolchain/dev lint` asks for it). The
// standard library's own classes carry no such annotations in libstdc++, hence these. They are
// std::mutex and std::unique_lock under other names: nothing is larger, slower or checked when it runs, and
// for GCC, which knows no such check, the annotations are empty.
//
// The check is lexical: the body of a lambda counts as a function of its own that holds nothing, so a
// condition is waited for in a loop.
// The attributes: https://clang.llvm.org/docs/ThreadSafetyAnalysis.html
#pragma once

#include <condition_variable>
#include <mutex>

// NOLINTBEGIN(cppcoreguidelines-macro-usage): an attribute can be named by a macro only
#if defined(__clang__)
#define RAWSWARM_CLANG_ATTRIBUTE(x) __attribute__((x))
#else
#define RAWSWARM_CLANG_ATTRIBUTE(x)
#endif

#define GUARDED_BY(x) RAWSWARM_CLANG_ATTRIBUTE(guarded_by(x))
#define REQUIRES(x) RAWSWARM_CLANG_ATTRIBUTE(requires_capability(x))
// NOLINTEND(cppcoreguidelines-macro-usage)

namespace rawswarm
{

class RAWSWARM_CLANG_ATTRIBUTE(capability("mutex")) mutex
{
public:
	void lock() RAWSWARM_CLANG_ATTRIBUTE(acquire_capability()) { m_mutex.lock(); }
	void unlock() RAWSWARM_CLANG_ATTRIBUTE(release_capability()) { m_mutex.unlock(); }
	bool try_lock() RAWSWARM_CLANG_ATTRIBUTE(try_acquire_capability(true)) { return m_mutex.try_lock(); }

private:
	friend class condition;
	friend class mutex_lock;

	std::mutex m_mutex;
};

// Holds a mutex until its end, but for the time between unlock() and lock().
class RAWSWARM_CLANG_ATTRIBUTE(scoped_lockable) mutex_lock
{
public:
	explicit mutex_lock(mutex& m) RAWSWARM_CLANG_ATTRIBUTE(acquire_capability(m))
		: m_lock(m.m_mutex)
	{}

	// The caller holds it already, from try_lock().
	mutex_lock(mutex& m, std::adopt_lock_t) REQUIRES(m)
		: m_lock(m.m_mutex, std::adopt_lock)
	{}

	// Not defaulted: the annotation needs a body of ours.
	~mutex_lock() RAWSWARM_CLANG_ATTRIBUTE(release_capability()) {} // NOLINT(modernize-use-equals-default)

	mutex_lock(mutex_lock const&) = delete;
	mutex_lock& operator=(mutex_lock const&) = delete;

	void lock() RAWSWARM_CLANG_ATTRIBUTE(acquire_capability()) { m_lock.lock(); }
	void unlock() RAWSWARM_CLANG_ATTRIBUTE(release_capability()) { m_lock.unlock(); }

private:
	std::unique_lock<std::mutex> m_lock;
};

class condition
{
public:
	// Lets go of the mutex while it waits. May return for no reason, so the caller asks again in a loop.
	void wait(mutex& m) REQUIRES(m)
	{
		std::unique_lock<std::mutex> l(m.m_mutex, std::adopt_lock);
		m_condition.wait(l);
		l.release();
	}

	void notify_one() { m_condition.notify_one(); }
	void notify_all() { m_condition.notify_all(); }

private:
	std::condition_variable m_condition;
};

} // namespace rawswarm
