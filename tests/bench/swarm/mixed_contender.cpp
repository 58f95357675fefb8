// SPDX-License-Identifier: BSD-3-Clause
#include "tests/bench/swarm/mixed_contender.hpp"

#include "tests/bench/swarm/aria2_contender.hpp"
#include "tests/bench/swarm/rawswarm_contender.hpp"

#include <utility>

namespace rawswarm::bench
{

namespace
{

task without_compression(task t)
{
	t.compress = "off";
	return t;
}

class mixed_contender final : public contender
{
public:
	explicit mixed_contender(task const& t)
		: m_last(t.hosts.size() - 1)
		, m_rawswarm(make_rawswarm(t))
		, m_uncompressed(make_rawswarm(without_compression(t)))
		, m_aria2(make_aria2_member(t))
	{}

	test::child_options seeder() override { return of(0).seeder(); }
	test::child_options client(std::size_t const host) override { return of(host).client(host); }

	bool serves(test::child_process& seeder, beacon_inbox const& beacons) override
	{
		return of(0).serves(seeder, beacons);
	}

	std::optional<clock::time_point> done_at(std::size_t const host, test::child_process& client,
		beacon_inbox const& beacons, clock::time_point const now) override
	{
		return of(host).done_at(host, client, beacons, now);
	}

	std::string target(std::size_t const host) const override { return of(host).target(host); }
	bool is_right(std::size_t const host) const override { return of(host).is_right(host); }

	std::optional<std::int64_t> sent(test::child_process const& seeder) const override
	{
		return of(0).sent(seeder);
	}

	bool ended_well(std::size_t const host, int const exit_code) const override
	{
		return of(host).ended_well(host, exit_code);
	}

private:
	contender& of(std::size_t const host) const
	{
		if (m_aria2 && host == m_last)
		{
			return *m_aria2;
		}
		return host == m_last - (m_aria2 ? 1 : 0) ? *m_uncompressed : *m_rawswarm;
	}

	std::size_t m_last;
	std::unique_ptr<contender> m_rawswarm;
	std::unique_ptr<contender> m_uncompressed;
	std::unique_ptr<contender> m_aria2; // null: not installed
};

} // namespace

std::unique_ptr<contender> make_mixed(task const& t)
{
	return std::make_unique<mixed_contender>(t);
}

} // namespace rawswarm::bench
