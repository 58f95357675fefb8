// SPDX-License-Identifier: BSD-3-Clause
#include "tests/bench/swarm/udpcast_contender.hpp"

#include "tests/support/program/room_image.hpp"

#include <fmt/format.h>

#include <csignal>
#include <string_view>
#include <utility>

namespace rawswarm::bench
{

namespace
{

bool says(test::child_process const& child, std::string_view const text)
{
	return child.out().find(text) != std::string::npos || child.err().find(text) != std::string::npos;
}

class udpcast_contender final : public contender
{
public:
	udpcast_contender(task t, bool const with_zstd)
		: m_task(std::move(t))
		, m_with_zstd(with_zstd)
	{}

	test::child_options seeder() override
	{
		auto const sender =
			fmt::format("udp-sender --min-receivers {} --rexmit-hello-interval 200 --full-duplex "
						"--max-bitrate {}m {}",
				m_task.hosts.size() - 1, m_task.hosts.mbit(), common());
		return m_with_zstd ? shell(fmt::format("zstd -1 -q -c '{}' | {}", m_task.content.payload, sender))
						   : shell(fmt::format("exec {} --file '{}'", sender, m_task.content.payload));
	}

	test::child_options client(std::size_t const host) override
	{
		return m_with_zstd
			? shell(fmt::format("udp-receiver {} | zstd -d -q -c >'{}'", common(), target(host)))
			: shell(fmt::format("exec udp-receiver {} --file '{}'", common(), target(host)));
	}

	bool serves(test::child_process& seeder, beacon_inbox const&) override
	{
		return says(seeder, "Broadcasting control");
	}

	std::optional<clock::time_point> done_at(
		std::size_t, test::child_process& client, beacon_inbox const&, clock::time_point const now) override
	{
		return client.running() ? std::nullopt : std::optional(now);
	}

	std::string target(std::size_t const host) const override
	{
		return fmt::format("{}/udpcast-{}", m_task.folder, host);
	}

	bool is_right(std::size_t const host) const override
	{
		return test::is_equal(target(host), m_task.content.payload);
	}

	std::optional<std::int64_t> sent(test::child_process const&) const override { return std::nullopt; }
	bool ended_well(std::size_t, int const exit_code) const override
	{
		return exit_code == 0 || exit_code == 128 + SIGTERM;
	}

private:
	static std::string common() { return fmt::format("--interface {} --nokbd", room::card); }

	static test::child_options shell(std::string command)
	{
		test::child_options options;
		options.argv = {"sh", "-c", std::move(command)};
		return options;
	}

	task m_task;
	bool m_with_zstd;
};

std::unique_ptr<contender> make(task const& t, bool const with_zstd)
{
	bool const there = test::program_exists("udp-sender") && (!with_zstd || test::program_exists("zstd"));
	return there ? std::make_unique<udpcast_contender>(t, with_zstd) : nullptr;
}

} // namespace

std::unique_ptr<contender> make_udpcast(task const& t)
{
	return make(t, false);
}

std::unique_ptr<contender> make_udpcast_with_zstd(task const& t)
{
	return make(t, true);
}

} // namespace rawswarm::bench
