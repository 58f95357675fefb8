// SPDX-License-Identifier: BSD-3-Clause
// A file descriptor that is closed by its destructor.
//
// close() is not checked: what must be on the medium was synced before.
#pragma once

#include <utility>

#include <unistd.h>

namespace rawswarm
{

class unique_fd
{
public:
	unique_fd() = default;
	explicit unique_fd(int fd) noexcept
		: m_fd(fd)
	{}
	unique_fd(unique_fd const&) = delete;
	unique_fd& operator=(unique_fd const&) = delete;
	unique_fd(unique_fd&& other) noexcept
		: m_fd(std::exchange(other.m_fd, -1))
	{}

	unique_fd& operator=(unique_fd&& other) noexcept
	{
		unique_fd(std::move(other)).swap(*this);
		return *this;
	}

	~unique_fd()
	{
		if (m_fd >= 0)
		{
			::close(m_fd);
		}
	}

	int get() const noexcept { return m_fd; }
	explicit operator bool() const noexcept { return m_fd >= 0; }
	void swap(unique_fd& other) noexcept { std::swap(m_fd, other.m_fd); }

private:
	int m_fd = -1;
};

} // namespace rawswarm
