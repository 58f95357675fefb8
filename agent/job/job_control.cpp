// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/job_control.hpp"

#include "agent/log/log.hpp"
#include "base/clean_text.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <unistd.h>

namespace rawswarm
{

namespace
{

// A status is most wanted when something hangs: it is given without peers then.
constexpr std::chrono::milliseconds longest_wait_for_peers{500};

error no_room()
{
	return fail(fault::refused, "this agent has no room: rawswarm serve has");
}

} // namespace

job_control::job_control(environment env, std::string job)
	: m_env(std::move(env))
	, m_limit(m_env.ios)
{
	m_report.process = ::getppid(); // the guard, which the user has started (guarded_work.hpp)
	m_report.job = std::move(job);
}

void job_control::listen(std::string const& path)
{
	auto socket = open_control_socket(path, m_report.process);
	if (!socket)
	{
		log::get(log::component::agent)
			.log(path.empty() ? spdlog::level::debug : spdlog::level::warn,
				"{}: no status, log or stop for this agent", socket.error().text);
		return;
	}
	m_server = std::make_unique<control_server>(m_env.ios, std::move(socket.value()),
		[this](control_request const& request, control_reply const& reply) { on_request(request, reply); });
}

void job_control::on_request(control_request const& request, control_reply const& reply)
{
	switch (request.verb)
	{
	case control_verb::status:
		m_waiting.push_back({reply, request.as_text});
		if (m_waiting.size() == 1)
		{
			begin_status();
		}
		break;
	case control_verb::log: reply(change_levels(m_report.process, request.levels)); break;
	case control_verb::stop:
		m_stopping.push_back(reply);
		m_env.stop();
		break;
	case control_verb::set: reply(change(request.words)); break;
	case control_verb::room: reply(error_line(no_room())); break;
	}
}

std::string job_control::change(std::span<std::string const> const words) const
{
	if (auto const done = m_env.change(words); !done)
	{
		return error_line(done.error());
	}
	log::get(log::component::agent)
		.info("settings changed: {}", clean_text(fmt::format("{}", fmt::join(words, " "))));
	return settings_line(m_report.process, m_env.settings(), log::levels());
}

void job_control::begin_status()
{
	m_report.peers.clear();
	m_lists_to_come = m_env.ask_peers();
	if (m_lists_to_come == 0)
	{
		answer_status();
		return;
	}
	m_limit.expires_after(longest_wait_for_peers);
	m_limit.async_wait([this](boost::system::error_code const& ec) {
		if (!ec)
		{
			answer_status();
		}
	});
}

void job_control::on_peers(std::size_t const target, std::vector<peer_progress> peers)
{
	auto const is_known =
		std::ranges::any_of(m_report.peers, [&](auto const& list) { return list.target == target; });
	if (m_lists_to_come == 0 || is_known)
	{
		return; // of a request that has been answered without it
	}
	m_report.peers.push_back({target, std::move(peers)});
	if (--m_lists_to_come == 0)
	{
		m_limit.cancel();
		answer_status();
	}
}

void job_control::answer_status()
{
	m_lists_to_come = 0;
	m_report.now = m_env.snapshot();
	m_report.levels = log::levels();
	m_report.settings = m_env.settings();
	for (auto const& client : std::exchange(m_waiting, {}))
	{
		client.reply(status_line(m_report, client.as_text));
	}
}

void job_control::end(progress const& last, int const exit_code)
{
	m_limit.cancel();
	m_waiting.clear();
	for (auto const& reply : m_stopping)
	{
		reply(ended_line(m_report.process, last, exit_code));
	}
	if (m_server)
	{
		m_server->close();
	}
}

} // namespace rawswarm
