// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/image_completion.hpp"

#include "agent/job/fill_gaps.hpp"
#include "agent/job/image_check.hpp"
#include "agent/log/log.hpp"

#include <chrono>
#include <utility>
#include <vector>

namespace rawswarm
{

namespace
{

using clock = std::chrono::steady_clock;

constexpr char const* gaps_step = "gaps";
constexpr char const* flush_step = "flush";
constexpr char const* sync_step = "sync";

} // namespace

image_completion::image_completion(
	planned_target const& plan, verification const verify, blocking_scope& scope, observer o)
	: m_plan(plan)
	, m_verify(verify)
	, m_scope(scope)
	, m_observer(std::move(o))
{}

void image_completion::begin(storage_target& storage)
{
	m_storage = &storage;
	m_gaps = zero_gaps(m_plan);
	m_gaps_are_zero = m_gaps.empty();
	for (auto const& gap : m_gaps)
	{
		m_gap_bytes += static_cast<std::int64_t>(gap.length);
	}
}

void image_completion::fill_gaps()
{
	auto gaps = std::exchange(m_gaps, {});
	if (gaps.empty() || m_stop.stop_requested())
	{
		return;
	}
	auto const content =
		m_plan.spec.existing == existing_data::verify ? gap_content::zeros_already : gap_content::anything;
	m_steps.begin(gaps_step, clock::now());
	m_scope.run_blocking(
		[this, gaps = std::move(gaps), content] {
			return fill_with_zeros(*m_storage, gaps, content, m_zeroed, m_stop.get_token());
		},
		[this](bool const filled) {
			if (filled)
			{
				m_steps.end(gaps_step, clock::now());
				m_gaps_are_zero = true;
				sync_when_ready();
			}
		});
}

void image_completion::downloaded()
{
	m_downloaded = true;
	fill_gaps();
	m_steps.begin(flush_step, clock::now());
}

void image_completion::flushed()
{
	m_flushed = m_downloaded;
	if (m_flushed)
	{
		m_steps.end(flush_step, clock::now());
	}
	sync_when_ready();
}

void image_completion::sync_when_ready()
{
	bool const is_ready = m_flushed && m_gaps_are_zero && !m_stop.stop_requested();
	if (is_ready && !std::exchange(m_last_sync, true))
	{
		m_steps.begin(sync_step, clock::now());
		m_scope.run_blocking(
			[this] { return make_last(); }, [this](result<wiped_signatures> const& r) { on_synced(r); });
	}
}

result<wiped_signatures> image_completion::make_last()
{
	if (m_plan.spec.wipe)
	{
		return wipe_and_sync(*m_storage, m_plan);
	}
	BOOST_OUTCOME_TRYV(m_storage->sync());
	return wiped_signatures{};
}

void image_completion::on_synced(result<wiped_signatures> const& r)
{
	if (!r)
	{
		m_observer.on_failure(r.error());
		return;
	}
	m_steps.end(sync_step, clock::now());
	if (m_stop.stop_requested())
	{
		return;
	}
	if (!r.value().wiped.empty())
	{
		log::get(log::component::agent)
			.info("{}: wiped signatures of earlier uses: {}", m_plan.spec.device, r.value().wiped);
	}
	if (!r.value().unread.empty())
	{
		m_observer.on_note(note_on_unread(r.value().unread));
	}
	// libtorrent's word is not enough: by our own count every piece must have passed and every block been
	// written
	if (!m_storage->complete())
	{
		m_observer.on_failure(fail(fault::internal, "imaging {}: {} of {} bytes are verified and {} written",
			m_plan.spec.device, m_storage->verified(), m_storage->total(), m_storage->written()));
		return;
	}
	if (m_verify == verification::readback)
	{
		m_observer.on_event(target_event::safe_to_verify);
		read_back();
		return;
	}
	look(target_event::safe);
}

void image_completion::read_back()
{
	m_scope.run_blocking(
		[this] {
			return verify_content(
				m_storage->device(), image_of(m_plan), m_storage->profile(), m_read, m_stop.get_token());
		},
		[this](result<void> const& r) {
			if (m_stop.stop_requested())
			{
				return;
			}
			if (!r)
			{
				m_observer.on_failure(r.error());
				return;
			}
			look(target_event::verified);
		});
}

void image_completion::look(target_event const event)
{
	m_scope.run_blocking([this] { return look_at_tables(*m_storage, m_plan); },
		[this, event](result<std::vector<std::string>> const& r) {
			if (!r)
			{
				m_observer.on_failure(r.error());
				return;
			}
			for (auto const& text : r.value())
			{
				m_observer.on_note(text);
			}
			m_observer.on_event(event);
		});
}

} // namespace rawswarm
