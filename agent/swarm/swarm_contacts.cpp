// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/swarm_contacts.hpp"

#include "agent/log/log.hpp"
#include "agent/swarm/peer_failure.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace rawswarm
{

swarm_contacts::swarm_contacts(
	boost::asio::io_context& ios, manifest_swarm const& settings, dial_handler on_address)
	: m_settings(settings)
	, m_on_address(std::move(on_address))
	, m_dialer(ios, settings.peers, [this](host_port const& p, lt::tcp::endpoint const& e) { found(p, e); })
{}

void swarm_contacts::start()
{
	m_listening.emplace(m_settings.listen, listen_watch::clock::now());
}

void swarm_contacts::dial()
{
	m_dialer.run();
}

// Of a peer that has two addresses, of which one answers, the other is left alone: libtorrent keeps one
// connection to a peer, and would open and close a second one again and again.
void swarm_contacts::found(host_port const& peer, lt::tcp::endpoint const& e)
{
	auto const name = to_string(peer);
	m_job_peers.found(name, e, job_peers::clock::now());
	if (!m_job_peers.is_open_elsewhere(name, e))
	{
		m_on_address(e);
	}
}

void swarm_contacts::contact(
	lt::tcp::endpoint const& peer, peer_contact const what, lt::error_code const& why)
{
	switch (what)
	{
	case peer_contact::opened:
		if (auto const line = m_job_peers.opened(peer))
		{
			log::get(log::component::swarm).info("{}", *line);
		}
		break;
	case peer_contact::closed: m_job_peers.closed(peer); break;
	case peer_contact::failed:
		m_job_peers.failed(peer, failure_in_words(why), job_peers::clock::now());
		break;
	}
}

void swarm_contacts::listens_at(lt::tcp::endpoint const& e)
{
	if (m_listening->opened(e))
	{
		log::get(log::component::swarm).info("listening on {} port {}", e.address().to_string(), e.port());
	}
}

void swarm_contacts::cannot_listen_at(lt::tcp::endpoint const& e, lt::error_code const& why)
{
	m_listening->failed(e, why);
}

void swarm_contacts::tracker_answered(std::string const& url, lt::tcp::endpoint const& from)
{
	if (auto const line = m_trackers.answered(url, from))
	{
		log::get(log::component::swarm).info("{}", *line);
	}
}

void swarm_contacts::tracker_failed(std::string const& url, lt::tcp::endpoint const& from, std::string reason)
{
	m_trackers.failed(url, from, std::move(reason), tracker_watch::clock::now());
}

void swarm_contacts::warn_of_silence()
{
	auto const now = job_peers::clock::now();
	auto lines = m_job_peers.unreachable(now);
	std::ranges::move(m_trackers.silent(now), std::back_inserter(lines));
	for (auto const& line : lines)
	{
		log::get(log::component::swarm).warn("{}", line);
	}
}

std::optional<error> swarm_contacts::judge_listening()
{
	auto verdict = m_listening->judge(listen_watch::clock::now());
	for (auto const& line : verdict.warnings)
	{
		log::get(log::component::swarm).warn("{}", line);
	}
	return std::move(verdict.fatal);
}

std::string swarm_contacts::why_nobody() const
{
	std::string text;
	auto const add = [&text](std::string const& part) {
		text += part.empty() || text.empty() ? part : "; " + part;
	};
	add(m_listening ? m_listening->waits_for() : "");
	add(m_dialer.reasons());
	add(m_job_peers.reasons(job_peers::clock::now()));
	add(m_trackers.reasons());
	if (text.empty())
	{
		bool const names_some =
			!m_settings.peers.empty() || !m_settings.trackers.empty() || m_settings.torrents_trackers;
		add(m_settings.lsd   ? "local discovery finds nobody"
				: names_some ? "nobody has answered yet"
							 : "the job names no source of peers");
	}
	return text;
}

} // namespace rawswarm
