// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/running_progress.hpp"

#include "agent/machine/network_card.hpp"
#include "agent/progress/storage_progress.hpp"

#include <utility>

namespace rawswarm
{

running_progress::running_progress(
	sources const from, machine_identity const& self, std::chrono::milliseconds const fetching)
	: m_from(from)
	, m_phases(fetching)
	, m_limits(card_rate(self.mac), from.job.swarm.download_limit, !from.job.swarm.web_seeds.empty())
{}

void running_progress::sample(swarm_activity const& activity)
{
	m_limits.update(targets(), m_from.storage.stats(), activity, clock::now());
}

std::vector<target_progress> running_progress::targets() const
{
	auto all = m_from.targets.snapshots();
	for (auto& p : all)
	{
		m_from.link.add_to(p);
	}
	return all;
}

progress running_progress::snapshot(capture_job const* const capture) const
{
	auto all = targets();
	if (capture != nullptr && m_from.targets.empty())
	{
		all.push_back(capture->snapshot());
	}
	auto limit = m_limits.verdict(all);
	auto p = overall_progress(m_from.status, m_from.job, std::move(all));
	p.limit = std::move(limit);
	p.phases = m_phases.so_far(clock::now());
	p.uptime = std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - m_started);
	p.storage = summarize_storage(m_from.storage.stats());
	return p;
}

} // namespace rawswarm
