// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/capture_job.hpp"

#include "agent/create/create.hpp"
#include "agent/job/plan_capture.hpp"
#include "agent/log/log.hpp"
#include "agent/net/http_exchange.hpp"
#include "agent/net/http_post.hpp"
#include "agent/net/http_status.hpp"
#include "agent/net/uri_reference.hpp"
#include "base/format_size.hpp"

#include <utility>

namespace rawswarm
{

namespace
{

constexpr std::chrono::milliseconds tick_interval{250};
constexpr std::chrono::seconds question_interval{1};
constexpr std::chrono::seconds longest_question{10};

// The server may be away for so long: it starts anew, with its machine.
constexpr std::chrono::seconds longest_silence{300};
constexpr std::chrono::seconds time_to_send = longest_silence;
constexpr std::chrono::seconds longest_sending{120}; // 64 MiB at 4.5 Mbit/s

constexpr std::size_t max_answer_bytes = std::size_t(64) * 1024;

// No more space comes by waiting.
constexpr unsigned no_space = 507; // RFC 4918, section 11.5

void tell(create_summary const& made, std::string const& device)
{
	auto& logger = log::get(log::component::agent);
	for (auto const& part : made.parts)
	{
		logger.info("{}{}: {} of {} ({})", part.of.name,
			part.of.content.empty() ? "" : fmt::format(" ({})", part.of.content),
			format_size(static_cast<std::int64_t>(part.taken)),
			format_size(static_cast<std::int64_t>(part.of.size)), part.of.means);
	}
	logger.info("{}: {} of {} in {} extents, {} pieces of {}", device, format_size(made.bytes),
		format_size(made.source_size), made.extents, made.pieces, format_size(made.piece_size));
}

} // namespace

capture_job::capture_job(manifest_capture capture, environment env)
	: m_capture(std::move(capture))
	, m_env(std::move(env))
	, m_tick(m_env.ios, tick_interval, [this] { on_tick(); })
	, m_last_advance(clock::now())
	, m_scope(m_env.ios, m_env.blocking)
{}

void capture_job::start()
{
	log::get(log::component::agent).info("{}: it is read for the image {}", m_capture.device, m_capture.name);
	m_tick.start();
	m_scope.run_blocking([this] { return read_and_send(); },
		[this](result<planned_target> target) {
			if (!target)
			{
				fail_with(target.error());
				return;
			}
			m_is_served = true;
			m_last_answer = m_next_question = clock::now();
			m_env.serve(std::move(target).value());
		});
}

void capture_job::stop()
{
	m_stop.request_stop();
	m_tick.stop();
}

// In the pool.
result<planned_target> capture_job::read_and_send()
{
	create_options options;
	options.source = m_capture.device;
	options.map.from = map_source::file_systems;
	options.allow_unclean = m_capture.allow_unclean;
	options.name = m_capture.name;
	options.stop = m_stop.get_token();
	options.progress = [this](std::int64_t const done, std::int64_t const total) {
		m_read = done;
		m_to_read = total;
	};
	auto made = create_in_memory(options);
	m_is_reading = false;
	BOOST_OUTCOME_TRYV(made);
	tell(made.value().summary, m_capture.device);
	m_torrent = std::move(made.value().bytes);
	BOOST_OUTCOME_TRY(target, plan_captured(m_capture, m_torrent));
	BOOST_OUTCOME_TRYV(send_torrent());
	return std::move(target);
}

// In the pool.
result<void> capture_job::send_torrent()
{
	http_posting posting{m_capture.to, "application/x-bittorrent", m_torrent};
	posting.longest_try = longest_sending;
	posting.is_final = [](unsigned const status) { return status == no_space || !may_pass(status); };
	posting.on_wait = [](error const& why) {
		log::get(log::component::agent).warn("{}: trying again", why.text);
	};
	BOOST_OUTCOME_TRYV(post_until(posting, clock::now() + time_to_send, m_stop.get_token()));
	return success();
}

void capture_job::on_tick()
{
	if (m_is_taken)
	{
		m_env.taken();
		return;
	}
	if (!m_is_served)
	{
		check_reading();
		return;
	}
	if (!m_is_asking && clock::now() >= m_next_question)
	{
		ask();
	}
}

// A device that hangs is waited for no longer than in any other job.
void capture_job::check_reading()
{
	auto const now = clock::now();
	auto const read = m_read.load();
	m_rates.update(read, m_to_read, now);
	if (read != m_last_read || m_to_read == 0 || !m_is_reading)
	{
		m_last_read = read;
		m_last_advance = now;
	}
	if (m_env.longest_read.count() > 0 && now - m_last_advance > m_env.longest_read)
	{
		fail_with(fail(fault::device, "reading {}: nothing was read for {} s", m_capture.device,
			m_env.longest_read.count()));
		return;
	}
	m_env.draw();
}

void capture_job::ask()
{
	m_is_asking = true;
	m_next_question = clock::now() + question_interval;
	m_scope.run_blocking(
		[this] {
			http_call call;
			call.max_answer = max_answer_bytes;
			call.tells_why = true;
			return http_exchange(
				m_capture.to, call, clock::now() + longest_question, system_lookup, m_stop.get_token());
		},
		[this](result<http_answer> const& answer) {
			m_is_asking = false;
			on_answer(answer);
		});
}

void capture_job::on_answer(result<http_answer> const& answer)
{
	constexpr unsigned is_there = 200;
	constexpr unsigned is_coming = 202;
	constexpr unsigned is_unknown = 404;
	if (m_stop.stop_requested())
	{
		return;
	}
	auto const now = clock::now();
	auto const status = answer ? answer.value().status : 0;
	if (status == is_there)
	{
		log::get(log::component::agent).info("{}: the server has it as {}", m_capture.device, m_capture.name);
		m_is_taken = true;
		return; // on_tick() tells it
	}
	if (status == is_coming)
	{
		m_last_answer = now;
		return;
	}
	if (status == is_unknown)
	{
		m_last_answer = now;
		send_again();
		return;
	}
	if (answer && (status == no_space || !may_pass(status)))
	{
		fail_with(fail(
			fault::network, "asking {}: {}", printable_uri(m_capture.to), describe_answer(answer.value())));
		return;
	}
	if (now - m_last_answer > longest_silence)
	{
		fail_with(fail(fault::network, "asking {}: {}, for {} s", printable_uri(m_capture.to),
			answer ? describe_answer(answer.value()) : answer.error().text, longest_silence.count()));
	}
}

void capture_job::send_again()
{
	m_is_asking = true;
	log::get(log::component::agent)
		.warn("{}: the server does not know of it: sending its torrent again", m_capture.device);
	m_scope.run_blocking([this] { return send_torrent(); },
		[this](result<void> const& sent) {
			m_is_asking = false;
			m_last_answer = clock::now();
			if (!sent)
			{
				fail_with(sent.error());
			}
		});
}

void capture_job::fail_with(error const& e)
{
	if (!m_stop.stop_requested())
	{
		stop();
		m_error = e.text;
		m_env.failed(e);
	}
}

target_progress capture_job::snapshot() const
{
	target_progress p;
	p.device = m_capture.device;
	p.state = m_error.empty() ? job_state::checking : job_state::failed;
	p.total = m_to_read;
	p.done = m_read;
	p.eta_s = m_is_reading ? m_rates.eta_s() : std::nullopt;
	p.error = m_error;
	return p;
}

} // namespace rawswarm
