// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/job_signals.hpp"

#include <boost/asio/buffer.hpp>

#include <cstddef>
#include <utility>

#include <unistd.h>

namespace rawswarm
{

job_signals::job_signals(
	boost::asio::io_context& ios, int const descriptor, std::function<void(int signal)> on_signal)
	: m_descriptor(ios, ::dup(descriptor))
	, m_on_signal(std::move(on_signal))
{}

void job_signals::start()
{
	m_descriptor.async_read_some(
		boost::asio::buffer(&m_signal, 1), [this](boost::system::error_code const& ec, std::size_t) {
			if (!ec)
			{
				m_on_signal(m_signal);
				start();
			}
		});
}

} // namespace rawswarm
