// SPDX-License-Identifier: BSD-3-Clause
#include "agent/serve/passing_target.hpp"

#include "agent/log/log.hpp"

#include <utility>

namespace rawswarm
{

namespace
{

// Who opens it says when it ends.
manifest_seed_until until_it_is_closed()
{
	manifest_seed_until until;
	until.forever = true;
	return until;
}

} // namespace

passing_target::passing_target(std::size_t const number, target_job::environment env)
	: m_number(number)
	, m_env(std::move(env))
	, m_scope(m_env.ios, m_env.blocking)
{}

void passing_target::open(planner plan, judge accept)
{
	m_accept = std::move(accept);
	m_is_planning = true;
	m_is_unwanted = false;
	m_failure.reset();
	m_notes.clear();
	m_scope.run_blocking(std::move(plan), [this](result<planned_target> p) { on_planned(std::move(p)); });
}

void passing_target::on_planned(result<planned_target> plan)
{
	m_is_planning = false;
	if (m_is_unwanted)
	{
		return;
	}
	if (!plan)
	{
		refuse(plan.error());
		return;
	}
	if (auto const accepted = m_accept ? m_accept(plan.value()) : success(); !accepted)
	{
		refuse(accepted.error());
		return;
	}
	m_job = std::make_unique<target_job>(m_number, std::move(plan).value(), m_env);
	if (m_job->open()) // else it has failed, which tick() finds
	{
		m_job->start();
	}
}

void passing_target::refuse(error const& e)
{
	m_failure = e;
	log::get(log::component::agent).error("{}", e.text);
}

void passing_target::close(error const& why)
{
	m_is_unwanted = true;
	if (m_job && m_job->state() == job_state::seeding)
	{
		m_job->stop_reading();
		m_job->stop_serving();
	}
	else
	{
		fail_with(why);
	}
}

void passing_target::fail_with(error const& e)
{
	if (m_job)
	{
		m_job->fail_with(e);
	}
	else if (m_is_planning)
	{
		m_is_unwanted = true;
		m_failure = e;
	}
}

void passing_target::tick(std::chrono::seconds const timeout)
{
	if (!m_job)
	{
		return;
	}
	m_job->on_tick(until_it_is_closed(), timeout);
	if (is_final(m_job->state()) && !m_job->is_busy())
	{
		m_failure = m_job->first_error();
		m_notes = m_job->snapshot().notes;
		m_job.reset();
	}
}

} // namespace rawswarm
