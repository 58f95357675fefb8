// SPDX-License-Identifier: BSD-3-Clause
// Objects that are dear to make and used by one thread at a time, such as the working memory of a codec.
//
// take() makes one if none is free, so there are as many as threads were at work at once. They live as long
// as the pool, which must outlive what was taken. Any thread may call.
#pragma once

#include "base/mutex.hpp"

#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace rawswarm
{

template <class T>
class object_pool
{
public:
	using factory = std::function<std::unique_ptr<T>()>;

	explicit object_pool(factory make)
		: m_make(std::move(make))
	{}

	object_pool(object_pool const&) = delete;
	object_pool& operator=(object_pool const&) = delete;
	~object_pool() = default;

	struct give_back
	{
		object_pool* pool = nullptr;

		void operator()(T* const object) const { pool->put(std::unique_ptr<T>(object)); }
	};

	using taken = std::unique_ptr<T, give_back>;

	taken take() { return taken(take_free_or_make().release(), {this}); }

private:
	std::unique_ptr<T> take_free_or_make()
	{
		{
			mutex_lock const l(m_mutex);
			if (!m_free.empty())
			{
				auto object = std::move(m_free.back());
				m_free.pop_back();
				return object;
			}
		}
		return m_make();
	}

	void put(std::unique_ptr<T> object)
	{
		mutex_lock const l(m_mutex);
		m_free.push_back(std::move(object));
	}

	factory const m_make;
	mutex m_mutex;
	std::vector<std::unique_ptr<T>> m_free GUARDED_BY(m_mutex);
};

} // namespace rawswarm
