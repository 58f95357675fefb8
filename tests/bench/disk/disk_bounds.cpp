// SPDX-License-Identifier: BSD-3-Clause
#include "tests/bench/disk/disk_bounds.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace rawswarm::bench
{

void verdicts::at_least(std::string const& what, double const value, double const bound)
{
	say(what, value, ">=", bound, value >= bound);
}

void verdicts::at_most(std::string const& what, double const value, double const bound)
{
	say(what, value, "<=", bound, value <= bound);
}

void verdicts::failed(std::string const& what)
{
	fmt::print("FAIL {}\n", what);
	m_passed = false;
}

void verdicts::say(
	std::string const& what, double const value, char const* const how, double const bound, bool const passed)
{
	fmt::print("{} {}: {:.2f}, to be {} {:.2f}\n", passed ? "PASS" : "FAIL", what, value, how, bound);
	m_passed = m_passed && passed;
}

void judge(row_group rows, int const memory, verdicts& v)
{
	for (auto it = rows.begin(); it != rows.end();)
	{
		auto const& x = it->second;
		if (!x.run.ok)
		{
			v.failed(
				fmt::format("{}, {} peers: {} did not do its work", x.device, x.peers, to_string(x.which)));
		}
		it = x.run.ok ? std::next(it) : rows.erase(it);
	}
	auto const ours = rows.find(backend::rawswarm);
	if (ours == rows.end())
	{
		return;
	}
	auto const& r = ours->second;
	auto const label = fmt::format("{}, {} peers: ", r.device, r.peers);
	auto const best_stock = [&](auto const& figure, auto const& better) {
		double best = 0;
		for (auto const b : {backend::mmap, backend::posix})
		{
			if (auto const it = rows.find(b); it != rows.end())
			{
				double const value = figure(it->second);
				best = best == 0 ? value : better(best, value);
			}
		}
		return best;
	};
	auto const highest = [](double a, double b) { return std::max(a, b); };
	auto const lowest = [](double a, double b) { return std::min(a, b); };
	double const stock_rate = best_stock([](row const& x) { return x.rate(); }, highest);
	double const stock_cpu = best_stock([](row const& x) { return x.cpu(); }, lowest);
	auto const one_write = rows.find(backend::one_write);

	if (r.peers == 8 && r.device != "path") // whose profile may wait for less
	{
		v.at_least(label + "blocks a write", r.blocks_per_write(), 48);
	}
	if (one_write != rows.end() && r.device != "loop")
	{
		v.at_least(label + "rate : one write a block", r.rate() / one_write->second.rate(),
			r.device == "seek" ? 1.9 : 1.0);
	}
	if (r.device == "seek" && stock_rate > 0)
	{
		v.at_least(label + "rate : best stock backend", r.rate() / stock_rate, 1.3);
	}
	if (r.device == "memory" && stock_cpu > 0)
	{
		v.at_most(label + "CPU : best stock backend", r.cpu() / stock_cpu, 0.7);
	}
	for (auto const& [which, x] : rows)
	{
		if (which == backend::rawswarm || which == backend::one_write)
		{
			v.at_most(fmt::format("{}{} peak memory over the budget, MiB", label, to_string(which)),
				double(x.run.peak_memory) / mebibyte - memory, 64);
		}
	}
}

void judge_program(std::pair<row, row> const& pair, verdicts& v)
{
	auto const& [alone, with_peers] = pair;
	auto const label = fmt::format("program, {} peers: ", with_peers.peers);
	if (!alone.run.ok || !with_peers.run.ok)
	{
		v.failed(label + "it did not do its work");
		return;
	}
	v.at_least(label + "rate : the backend alone", with_peers.rate() / alone.rate(), 0.9);
	v.at_most(label + "blocks read back", double(with_peers.run.read_backs), 0);
}

} // namespace rawswarm::bench
