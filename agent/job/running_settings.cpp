// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/running_settings.hpp"

#include "agent/job/change_settings.hpp"
#include "agent/job/storage_setup.hpp"

#include <memory>
#include <vector>

namespace rawswarm
{

void running_settings::set_io_threads()
{
	auto settings = m_storage.settings();
	settings.io_threads = io_threads_of(m_targets.storages(), m_asked);
	m_storage.change_settings(settings);
}

agent_settings running_settings::current() const
{
	return settings_of(m_storage, m_targets.storages());
}

result<void> running_settings::change(std::span<std::string const> const words, swarm* const begun)
{
	BOOST_OUTCOME_TRY(wanted, parse_settings_change(words));
	auto const in_use =
		begun != nullptr ? m_targets.storages() : std::vector<std::shared_ptr<storage_target>>();
	BOOST_OUTCOME_TRYV(change_settings(wanted, m_storage, in_use, m_asked));
	if (begun != nullptr)
	{
		begun->apply_storage_settings();
	}
	return success();
}

} // namespace rawswarm
