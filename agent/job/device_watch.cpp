// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/device_watch.hpp"

#include "agent/log/log.hpp"

#include <utility>

namespace rawswarm
{

device_watch::device_watch(std::string name, std::chrono::seconds const limit)
	: m_name(std::move(name))
	, m_limit(limit)
{}

std::optional<pending_request> device_watch::oldest() const
{
	return m_device != nullptr ? m_device->oldest() : std::nullopt;
}

std::optional<error> device_watch::check(clock::time_point const now)
{
	auto const request = oldest();
	auto const verdict = m_hang.check(request, m_limit, now);
	auto const waited =
		request ? std::chrono::duration_cast<std::chrono::seconds>(now - request->since).count() : 0;
	auto& logger = log::get(log::component::storage);
	switch (verdict)
	{
	case hang_watch::verdict::fine: break;
	case hang_watch::verdict::hangs:
		logger.warn("{}: no answer for {} seconds", to_string(*request, m_name), waited);
		break;
	case hang_watch::verdict::answers_again: logger.info("{} answers again", m_name); break;
	case hang_watch::verdict::failed:
		return fail(fault::device, "{}: no answer for {} seconds", to_string(*request, m_name), waited);
	}
	return std::nullopt;
}

bool device_watch::is_syncing() const
{
	auto const request = oldest();
	return request && !request->offset;
}

std::optional<std::string> device_watch::pending() const
{
	auto const request = oldest();
	return request ? std::optional(to_string(*request, m_name)) : std::nullopt;
}

} // namespace rawswarm
