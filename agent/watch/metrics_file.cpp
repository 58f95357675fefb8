// SPDX-License-Identifier: BSD-3-Clause
#include "agent/watch/metrics_file.hpp"

#include "agent/log/log.hpp"
#include "base/atomic_file.hpp"
#include "base/clean_text.hpp"

#include <utility>

namespace rawswarm
{

namespace
{

constexpr std::chrono::seconds write_every{
	5}; // Prometheus asks every 15 seconds by default, and rarely more often

} // namespace

metrics_file::metrics_file(std::string path)
	: m_path(std::move(path))
{}

result<void> metrics_file::check() const
{
	if (!m_path.ends_with(".prom"))
	{
		return fail(fault::usage, "--prometheus {}: the collector reads only files whose names end in .prom",
			printable(m_path));
	}
	return check_writable(m_path);
}

bool metrics_file::is_due(fleet_clock::time_point const now) const
{
	return now >= m_due;
}

void metrics_file::write(std::string_view const text, fleet_clock::time_point const now)
{
	m_due = now + write_every;
	auto const written = write_atomically(m_path, text);
	if (!written && !m_failed)
	{
		log::get(log::component::beacon).warn("{}", written.error().text);
	}
	m_failed = !written;
}

} // namespace rawswarm
