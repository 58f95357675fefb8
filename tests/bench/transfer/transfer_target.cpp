// SPDX-License-Identifier: BSD-3-Clause
#include "tests/bench/transfer/transfer_target.hpp"

#include "base/unique_fd.hpp"
#include "tests/support/base/child_process.hpp"
#include "tests/support/base/throw_errno.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace rawswarm::bench
{

transfer_target::transfer_target(std::string const& folder, std::uint64_t const size, bool const is_loop)
	: m_file(folder + "/target")
	, m_size(size)
{
	clear();
	if (is_loop)
	{
		m_loop = std::make_unique<test::loop_device>(m_file);
	}
}

void transfer_target::clear() const
{
	unique_fd const fd(::open(m_file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	std::string const zeros(1024 * 1024, '\0');
	for (std::uint64_t at = 0; at < m_size; at += zeros.size())
	{
		if (!fd || ::pwrite(fd.get(), zeros.data(), zeros.size(), off_t(at)) != ssize_t(zeros.size()))
		{
			test::throw_errno("filling " + m_file);
		}
	}
	if (m_loop)
	{
		// what the device's own pages have is no longer what is below
		test::run_checked({"blockdev", "--flushbufs", m_loop->path()});
	}
}

} // namespace rawswarm::bench
