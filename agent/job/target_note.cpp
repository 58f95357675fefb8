// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/target_note.hpp"

#include "agent/log/log.hpp"

#include <utility>

namespace rawswarm
{

target_note::target_note(std::string device)
	: m_device(std::move(device))
{}

void target_note::set(std::string text, bool const is_trouble)
{
	if (text == m_text)
	{
		return;
	}
	auto& logger = log::get(log::component::agent);
	if (m_text.empty())
	{
		logger.log(is_trouble ? spdlog::level::warn : spdlog::level::info, "{}: {}", m_device, text);
	}
	else if (text.empty() && is_trouble)
	{
		logger.info("{}: peers send again", m_device);
	}
	m_text = std::move(text);
}

} // namespace rawswarm
