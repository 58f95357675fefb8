// SPDX-License-Identifier: BSD-3-Clause
#include "agent/serve/image_fetch.hpp"

#include "agent/job/plan.hpp"
#include "agent/log/log.hpp"
#include "base/atomic_file.hpp"

#include <filesystem>
#include <system_error>
#include <utility>

#include <unistd.h>

namespace rawswarm
{

namespace
{

result<planned_target> plan_fetch(
	manifest_target const& spec, std::string const& torrent, std::string const& destination)
{
	std::error_code ignored; // a path that cannot be examined cannot be written either
	if (std::filesystem::exists(std::filesystem::symlink_status(destination, ignored)))
	{
		return fail(fault::target, "fetching {}: {} is there already", describe(spec.torrent), destination);
	}
	::unlink(spec.device.c_str()); // left by a program that was killed
	return plan_target(spec, torrent);
}

} // namespace

image_fetch::image_fetch(order what, std::size_t const number, target_job::environment const& env)
	: m_order(std::move(what))
	, m_target(number, env)
	, m_scope(env.ios, env.blocking)
{
	manifest_target spec;
	spec.torrent = location::of_path(m_order.name);
	spec.device = temporary();
	spec.create_file = true;
	spec.wipe = false; // the file is new
	m_target.open([spec, torrent = std::move(m_order.torrent),
					  destination = m_order.destination] { return plan_fetch(spec, torrent, destination); },
		[this](planned_target const& plan) { return accept(plan); });
}

result<void> image_fetch::accept(planned_target const& plan)
{
	BOOST_OUTCOME_TRYV(m_order.accept(plan.info_hash));
	m_info_hash = plan.info_hash;
	return success();
}

image_fetch::~image_fetch()
{
	if (!m_is_there)
	{
		::unlink(temporary().c_str());
	}
}

void image_fetch::cancel()
{
	m_target.fail_with(fail(fault::network, "fetching {}: given up", m_order.name));
}

void image_fetch::on_stats(transfer_stats const& s)
{
	m_stats = s;
	if (auto* const job = m_target.job())
	{
		job->on_stats(s);
	}
}

void image_fetch::tick(std::chrono::seconds const timeout)
{
	m_target.tick(timeout);
	if (m_is_ending)
	{
		return;
	}
	if (auto* const job = m_target.job())
	{
		if (job->state() == job_state::seeding)
		{
			m_is_there = true;
			job->stop_serving();
		}
		if (job->state() != job_state::failed)
		{
			return;
		}
	}
	else if (m_target.is_opening() || !m_target.is_closed())
	{
		return;
	}
	end();
}

void image_fetch::end()
{
	m_is_ending = true;
	auto const& failed = m_target.job() != nullptr ? m_target.job()->first_error() : m_target.failure();
	if (failed || !m_is_there)
	{
		m_is_there = false;
		tell(failed ? result<void>(*failed)
					: fail(fault::internal, "fetching {}: it ended too early", m_order.name));
		return;
	}
	m_scope.run_blocking([from = temporary(), to = m_order.destination] { return rename_for_good(from, to); },
		[this](result<void> const& renamed) { tell(renamed); });
}

void image_fetch::tell(result<void> const& r)
{
	if (r)
	{
		log::get(log::component::agent).info("{}: fetched into {}", m_order.name, m_order.destination);
	}
	else
	{
		::unlink(temporary().c_str());
	}
	m_is_over = true;
	if (m_order.on_done)
	{
		m_order.on_done(r);
	}
}

image_status image_fetch::status() const
{
	image_status s;
	s.name = m_order.name;
	s.info_hash = m_info_hash;
	s.activity = image_activity::fetching;
	if (m_target.failure())
	{
		s.error = m_target.failure()->text;
	}
	if (auto const* const job = m_target.job())
	{
		auto const p = job->snapshot();
		s.peers = p.peers;
		s.needy_peers = m_stats.needy_peers;
		s.total = p.total;
		s.done = p.done;
		s.up = p.up;
		s.down = p.down;
		s.uploaded = p.uploaded;
		s.error = p.error;
		s.notes = p.notes;
	}
	return s;
}

} // namespace rawswarm
