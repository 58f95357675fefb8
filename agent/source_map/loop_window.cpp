// SPDX-License-Identifier: BSD-3-Clause
#include "agent/source_map/loop_window.hpp"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <linux/loop.h>
#include <sys/ioctl.h>

namespace rawswarm
{

namespace
{

// A number that is free when it is asked for may be taken by another program a moment later.
constexpr int attempts = 16;

error not_attached(int const reason)
{
	return fail(fault::internal, system_error(reason), "setting up a loop device");
}

} // namespace

loop_window::loop_window(unique_fd device, std::string path)
	: m_device(std::move(device))
	, m_path(std::move(path))
{}

result<loop_window> loop_window::attach(int const file, byte_range const range)
{
	unique_fd const control(::open("/dev/loop-control", O_RDWR | O_CLOEXEC));
	if (!control)
	{
		return not_attached(errno);
	}
	for (int i = 0; i < attempts; ++i)
	{
		int const number = ::ioctl(control.get(), LOOP_CTL_GET_FREE);
		if (number < 0)
		{
			return not_attached(errno);
		}
		auto path = fmt::format("/dev/loop{}", number);
		unique_fd device(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
		if (!device)
		{
			return not_attached(errno);
		}
		loop_config config = {};
		config.fd = static_cast<__u32>(file);
		config.info.lo_offset = range.offset.bytes;
		config.info.lo_sizelimit = range.length;
		config.info.lo_flags = LO_FLAGS_READ_ONLY | LO_FLAGS_AUTOCLEAR;
		if (::ioctl(device.get(), LOOP_CONFIGURE, &config) == 0)
		{
			return loop_window(std::move(device), std::move(path));
		}
		if (errno != EBUSY)
		{
			return not_attached(errno);
		}
	}
	return not_attached(EBUSY);
}

} // namespace rawswarm
