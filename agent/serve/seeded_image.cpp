// SPDX-License-Identifier: BSD-3-Clause
#include "agent/serve/seeded_image.hpp"

#include "agent/job/plan.hpp"
#include "agent/log/log.hpp"

#include <algorithm>
#include <utility>

namespace rawswarm
{

namespace
{

using namespace std::chrono_literals;

// What failed is opened again at most this often, however many ask.
constexpr auto retry = 5s;

// How often the file is looked at while it is served.
constexpr auto look_interval = 2s;

// An image that the room no longer has: long enough for a machine that lost its connection to be back.
constexpr std::chrono::seconds unlisted_idle = 10s;

manifest_target seed_of(room_image const& image)
{
	manifest_target spec;
	spec.torrent = location::of_path(image.torrent);
	spec.info_hash = image.info_hash;
	spec.device = image.source;
	spec.role = target_role::seed;
	return spec;
}

} // namespace

seeded_image::seeded_image(room_image image, std::size_t const number, target_job::environment const& env)
	: m_image(std::move(image))
	, m_target(number, env)
	, m_look(env.ios, env.blocking)
{}

void seeded_image::list(room_image image)
{
	m_is_listed = true;
	if (image != m_image)
	{
		m_image = std::move(image);
		m_opened.reset();
	}
}

bool seeded_image::want(clock::time_point const now)
{
	m_idle.wanted(now);
	if (m_is_listed && m_target.is_closed() && (!m_opened || now - *m_opened >= retry))
	{
		open(now);
	}
	auto const* const job = m_target.job();
	return job != nullptr && job->state() == job_state::seeding;
}

void seeded_image::open(clock::time_point const now)
{
	m_opened = now;
	m_source_note.clear();
	m_stats = {};
	m_stamp = std::make_shared<source_stamp>();
	m_target.open([spec = seed_of(m_image), stamp = m_stamp] {
		*stamp = source_stamp::of(spec.device); // first: what changes meanwhile shall be noticed
		return plan_target(spec);
	});
}

void seeded_image::on_stats(transfer_stats const& s, clock::time_point const now)
{
	m_stats = s;
	m_idle.update(s.needy_peers, s.uploaded, now);
	if (auto* const job = m_target.job())
	{
		job->on_stats(s);
	}
}

void seeded_image::tick(std::chrono::seconds const idle, clock::time_point const now)
{
	m_target.tick(0s);
	auto const* const job = m_target.job();
	if (job == nullptr || job->state() != job_state::seeding)
	{
		return;
	}
	m_idle.update(m_stats.needy_peers, m_stats.uploaded, now);
	if (m_idle.is_idle(m_is_listed ? idle : std::min(idle, unlisted_idle), now))
	{
		log::get(log::component::agent).info("{}: closed, as nobody wants it", m_image.name);
		m_target.close(fail(fault::internal, "closing {}", m_image.name));
		m_opened.reset(); // whoever wants it next gets it at once
		m_stats = {};
		return;
	}
	if (!m_is_looking && now - m_looked >= look_interval)
	{
		m_looked = now;
		look_at_source();
	}
}

void seeded_image::look_at_source()
{
	m_is_looking = true;
	m_look.run_blocking([path = m_target.job()->plan().spec.device] { return source_stamp::of(path); },
		[this](source_stamp const& stamp) { on_source(stamp); });
}

// The pieces of a file that was written to are all in doubt, also those that were hashed before.
void seeded_image::on_source(source_stamp const& stamp)
{
	m_is_looking = false;
	auto const* const job = m_target.job();
	if (job == nullptr || job->state() != job_state::seeding)
	{
		return;
	}
	auto const& path = job->plan().spec.device;
	switch (compare(*m_stamp, stamp))
	{
	case source_change::none: break;
	case source_change::written:
		m_target.fail_with(
			fail(fault::device, "serving {}: {} was written to while it was served", m_image.name, path));
		break;
	case source_change::gone:
		if (m_source_note.empty())
		{
			m_source_note =
				fmt::format("{} was replaced or removed; the file that was opened is served until "
							"nobody needs it",
					path);
			log::get(log::component::agent).warn("{}: {}", m_image.name, m_source_note);
		}
		break;
	}
}

image_status seeded_image::status() const
{
	image_status s;
	s.name = m_image.name;
	s.info_hash = m_image.info_hash;
	s.is_listed = m_is_listed;
	s.notes = m_target.notes();
	if (m_target.failure())
	{
		s.error = m_target.failure()->text;
	}
	auto const* const job = m_target.job();
	if (job == nullptr)
	{
		s.activity = m_target.is_opening() ? image_activity::opening
			: m_target.failure()           ? image_activity::failed
										   : image_activity::idle;
		return s;
	}
	auto const p = job->snapshot();
	s.activity = p.state == job_state::seeding ? image_activity::serving
		: p.state == job_state::failed         ? image_activity::failed
		: p.state == job_state::done           ? image_activity::idle
											   : image_activity::opening;
	s.peers = p.peers;
	s.needy_peers = m_stats.needy_peers;
	s.total = p.total;
	s.up = p.up;
	s.uploaded = p.uploaded;
	s.error = p.error;
	s.notes = p.notes;
	if (!m_source_note.empty())
	{
		s.notes.push_back(m_source_note);
	}
	return s;
}

} // namespace rawswarm
