// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/network/hostile_members.hpp"

#include "tests/support/base/temp_dir.hpp"
#include "tests/support/network/member_text.hpp"
#include "tests/support/network/raw_peer.hpp"

#include <fmt/format.h>
#include <libtorrent/hex.hpp>
#include <libtorrent/torrent_info.hpp>

#include <chrono>
#include <cstdio>
#include <exception>
#include <functional>
#include <stop_token>
#include <utility>

namespace rawswarm::test
{

namespace
{

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;
namespace id = peer_message_id;

constexpr auto pause_before_dialling = 100ms;
constexpr auto step = 100ms; // so often a member looks whether it is to end
constexpr auto between_bytes = 500ms;
constexpr std::size_t block = 16 * 1024; // bytes

// One member's connection to one agent.
struct raw_line
{
	hostility how = hostility::says_nothing;
	std::string address;
	std::uint16_t port = 0;
	std::string hello;
};

std::string hello_of(hostility const how, std::string const& info_hash, std::size_t const host)
{
	auto const number = static_cast<std::int64_t>(host + 1);
	auto const greeting =
		member_handshake(info_hash, host) + greeting_message({.port = 6881, .number = number});
	return how == hostility::claims_all
		? greeting + peer_message(id::have_all) + peer_message(id::unchoke)
		: greeting + peer_message(id::have_none) + peer_message(id::interested) + peer_message(id::unchoke);
}

// Reads until the agent hangs up. An empty message is a keep-alive or that none came.
void listen(raw_peer& peer, hostility const how, std::stop_token const& stop)
{
	peer.read(raw_peer::handshake_bytes, 10s);
	std::string piece;
	auto next = clock::now();
	while (!stop.stop_requested())
	{
		auto const before = clock::now();
		auto const message = peer.read_message(step);
		if (message.empty() && clock::now() - before < step / 2)
		{
			return;
		}
		if (message.size() == 5 && message.front() == id::have)
		{
			piece = message.substr(1);
		}
		if (how == hostility::asks_for_a_byte && !piece.empty() && clock::now() >= next)
		{
			next = clock::now() + between_bytes;
			peer.send(peer_message(id::request, piece + four_bytes(0) + four_bytes(1)));
		}
	}
}

void talk(raw_peer& peer, std::stop_token const& stop)
{
	std::string many;
	while (many.size() < block)
	{
		many += peer_message(id::have, four_bytes(0));
	}
	while (!stop.stop_requested() && peer.send(many))
	{}
}

void run_line(raw_line const& line, std::stop_token const& stop)
{
	while (!stop.stop_requested())
	{
		auto peer = raw_peer::dial_host(line.address, line.port);
		if (peer.is_open())
		{
			peer.limit_sending(1s);
			peer.send(line.hello);
			line.how == hostility::talks ? talk(peer, stop) : listen(peer, line.how, stop);
		}
		std::this_thread::sleep_for(pause_before_dialling);
	}
}

void write_wrong_image(hostile_plan const& plan, std::string const& name)
{
	auto content = read_file(plan.image);
	for (std::size_t i = 0; i < content.size(); i += block)
	{
		content[i] = static_cast<char>(content[i] ^ 1);
	}
	write_file(plan.folder + "/wrong/" + name, content);
}

} // namespace

char const* name_of(hostility const how)
{
	switch (how)
	{
	case hostility::says_nothing: return "silent";
	case hostility::claims_all: return "claiming";
	case hostility::sends_wrong_data: return "wrong";
	case hostility::talks: return "talking";
	case hostility::asks_for_a_byte: return "dripping";
	}
	return "";
}

hostile_members::hostile_members(room const& hosts, hostile_plan const& plan)
{
	plan.how == hostility::sends_wrong_data ? start_stock(hosts, plan) : start_raw(hosts, plan);
}

void hostile_members::start_stock(room const& hosts, hostile_plan const& plan)
{
	write_wrong_image(plan, lt::torrent_info(plan.torrent).files().file_path(lt::file_index_t(0)));
	for (auto const host : plan.hosts)
	{
		net_namespace::visit const inside(hosts.host(host));
		m_clients.push_back(std::make_unique<stock_client>(fmt::format("0.0.0.0:{}", plan.port)));
		m_clients.back()->seed_unverified(read_file(plan.torrent), plan.folder + "/wrong");
	}
	m_threads.emplace_back([this, plan](std::stop_token const& stop) {
		while (!stop.stop_requested())
		{
			for (auto const& client : m_clients)
			{
				for (auto const agent : plan.agents)
				{
					client->dial(room::address(agent), plan.port);
				}
			}
			std::this_thread::sleep_for(pause_before_dialling);
		}
	});
}

void hostile_members::start_raw(room const& hosts, hostile_plan const& plan)
{
	auto const info_hash = lt::aux::to_hex(lt::torrent_info(plan.torrent).info_hashes().v1);
	for (auto const host : plan.hosts)
	{
		for (auto const agent : plan.agents)
		{
			raw_line line{plan.how, room::address(agent), plan.port, hello_of(plan.how, info_hash, host)};
			m_threads.emplace_back([&hosts, host, line = std::move(line)](std::stop_token const& stop) {
				try
				{
					net_namespace::visit const inside(hosts.host(host));
					run_line(line, stop);
				}
				catch (std::exception const& e)
				{
					std::fprintf(stderr, "a hostile member: %s\n", e.what());
				}
			});
		}
	}
}

} // namespace rawswarm::test
