// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/listen_watch.hpp"

#include <algorithm>
#include <utility>

namespace rawswarm
{

namespace
{

using namespace std::chrono_literals;

// A machine that has just been started may get its address a moment after the job begins.
constexpr std::chrono::seconds time_for_an_address = 10s;

// judge() is called four times a second (job_runner, image_seeder).
constexpr std::chrono::seconds longest_pause = 2s;

// libtorrent tells what failed before it tells what did not.
constexpr std::chrono::seconds time_to_open_all = 2s;

bool covers(endpoint const& wanted, boost::asio::ip::address const& a)
{
	auto const& own = wanted.address.address;
	return own.is_v4() == a.is_v4() && (own.is_unspecified() || own == a);
}

} // namespace

listen_watch::listen_watch(std::vector<endpoint> wanted, clock::time_point const now)
	: m_wanted(std::move(wanted))
	, m_begin(now)
	, m_last_look(now)
{}

bool listen_watch::opened(address const& a)
{
	auto const is_asked_for = [&](endpoint const& w) {
		return covers(w, a.address()) && (w.port == 0 || w.port == a.port());
	};
	if (std::ranges::any_of(m_wanted, is_asked_for))
	{
		m_listens = true;
		return true;
	}
	auto const asked =
		std::ranges::find_if(m_wanted, [&](endpoint const& w) { return covers(w, a.address()); });
	failed({a.address(), asked == m_wanted.end() ? a.port() : asked->port},
		std::make_error_code(std::errc::address_in_use));
	return false;
}

void listen_watch::failed(address const& a, std::error_code const& why)
{
	m_failures.push_back({a, why});
}

// An address may be gone by the time that it is used, and the job works as long as another one is there. A
// port that is taken when the job begins belongs to somebody else, whom the job's peers would find there.
listen_watch::verdict listen_watch::judge(clock::time_point const now)
{
	verdict v;
	if (m_is_over)
	{
		return v;
	}
	auto const waited = now - m_begin;
	m_looked += std::min<clock::duration>(now - std::exchange(m_last_look, now), longest_pause);
	auto const is_taken = [](failure const& f) { return f.why == std::errc::address_in_use; };
	auto const taken = std::ranges::find_if(m_failures, is_taken);
	if (taken != m_failures.end() && (!m_listens || waited < time_to_open_all))
	{
		v.fatal = describe(*taken);
	}
	else if (!m_listens && !m_failures.empty() && waited >= time_to_open_all)
	{
		v.fatal = describe(m_failures.front());
	}
	else if (!m_listens && m_looked >= time_for_an_address)
	{
		v.fatal =
			fail(fault::network, "listening on {}: this machine has no such address", to_string(m_wanted));
	}
	m_is_over = v.fatal.has_value();
	if (m_listens && !m_is_over)
	{
		for (auto const& f : std::exchange(m_failures, {}))
		{
			v.warnings.push_back(describe(f).text);
		}
	}
	return v;
}

std::string listen_watch::waits_for() const
{
	return m_listens ? std::string() : fmt::format("no address to listen on yet ({})", to_string(m_wanted));
}

error listen_watch::describe(failure const& f) const
{
	auto const text = format_endpoint(f.at);
	auto const is_same = [&](endpoint const& w) {
		return covers(w, f.at.address()) && w.port == f.at.port();
	};
	auto const wanted = std::ranges::find_if(m_wanted, is_same);
	// as the job writes it, then the address that was the trouble
	auto const job_text = wanted == m_wanted.end() ? text : to_string(*wanted);
	return fail(fault::network, f.why, "listening on {}{}", job_text,
		job_text == text ? std::string() : fmt::format(" at {}", f.at.address().to_string()));
}

} // namespace rawswarm
