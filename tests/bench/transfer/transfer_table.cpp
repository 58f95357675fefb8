// SPDX-License-Identifier: BSD-3-Clause
#include "tests/bench/transfer/transfer_table.hpp"

#include "tests/support/base/median.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>
#include <string_view>
#include <thread>
#include <utility>

namespace rawswarm::bench
{

namespace
{

constexpr double mebibyte = 1024.0 * 1024;
constexpr double gibibyte = 1024 * mebibyte;
constexpr std::size_t most_calls = 8; // of one program, shown

double median_of(std::vector<transfer> const& runs, std::function<double(transfer const&)> const& figure)
{
	std::vector<double> values;
	std::ranges::transform(runs, std::back_inserter(values), figure);
	return test::median(std::move(values));
}

struct side
{
	char const* name;
	side_cost transfer::*cost;
	call_counts transfer_calls::*calls;
};

constexpr side sides[] = {
	{"client", &transfer::client, &transfer_calls::client},
	{"seeder", &transfer::seeder, &transfer_calls::seeder},
};

// What of a side's threads ended before it was seen, and how the process ended.
constexpr char const* unseen = "(unseen)";

thread_times threads_of(side_cost const& cost)
{
	auto threads = cost.threads;
	auto const rest = cost.all - sum_of(threads);
	threads[unseen] = {std::max(rest.user, 0.0), std::max(rest.system, 0.0)};
	return threads;
}

cpu_time time_in(side_cost const& cost, std::string const& thread)
{
	auto const threads = threads_of(cost);
	auto const found = threads.find(thread);
	return found == threads.end() ? cpu_time() : found->second;
}

void print_threads_of(transfer_row const& row, side const& of, double const gib)
{
	std::set<std::string> names;
	for (auto const& run : row.runs)
	{
		for (auto const& [name, used] : threads_of(run.*of.cost))
		{
			names.insert(name);
		}
	}
	for (auto const& name : names)
	{
		auto const figure = [&](double cpu_time::*part) {
			return median_of(row.runs, [&](transfer const& t) { return time_in(t.*of.cost, name).*part; })
				/ gib;
		};
		auto const user = figure(&cpu_time::user);
		auto const system = figure(&cpu_time::system);
		constexpr double least = 0.005; // what two digits show
		if (user + system >= least)
		{
			fmt::print("{:<16} {:<7} {:<16} {:>6.2f} {:>7.2f}\n", row.program, of.name, name, user, system);
		}
	}
}

void print_calls_of(transfer_row const& row, side const& of, double const gib)
{
	auto const& counts = row.calls.*of.calls;
	std::vector<std::pair<std::string, std::int64_t>> sorted(counts.begin(), counts.end());
	std::ranges::sort(sorted, [](auto const& a, auto const& b) { return a.second > b.second; });
	std::int64_t all = 0;
	for (auto const& [name, count] : sorted)
	{
		all += count;
	}
	if (sorted.empty())
	{
		return;
	}
	fmt::print("{:<16} {:<7} {:>9.0f}:", row.program, of.name, double(all) / gib);
	for (std::size_t i = 0; i < std::min(most_calls, sorted.size()); ++i)
	{
		fmt::print(" {} {:.0f}", sorted[i].first, double(sorted[i].second) / gib);
	}
	fmt::print("\n");
}

} // namespace

void print_rates(std::vector<transfer_row> const& rows, std::int64_t const bytes)
{
	double const gib = double(bytes) / gibibyte;
	fmt::print("\n{:<16} {:>7} {:>7} {:>6}   {:^22}   {:^22}\n", "", "", "", "", "client, CPU s/GiB",
		"seeder, CPU s/GiB");
	fmt::print("{:<16} {:>7} {:>7} {:>6}   {:>6} {:>7} {:>7}   {:>6} {:>7} {:>7}\n", "program", "MiB/s",
		"seconds", "busy %", "user", "system", "MiB", "user", "system", "MiB");
	for (auto const& row : rows)
	{
		if (row.runs.empty())
		{
			continue;
		}
		double const seconds = median_of(row.runs, [](transfer const& t) { return t.seconds; });
		fmt::print("{:<16} {:>7.0f} {:>7.2f} {:>6.0f}", row.program, double(bytes) / mebibyte / seconds,
			seconds, 100 * median_of(row.runs, [](transfer const& t) { return t.busy; }));
		for (auto const& of : sides)
		{
			fmt::print("   {:>6.2f} {:>7.2f} {:>7.0f}",
				median_of(row.runs, [&](transfer const& t) { return (t.*of.cost).all.user; }) / gib,
				median_of(row.runs, [&](transfer const& t) { return (t.*of.cost).all.system; }) / gib,
				median_of(row.runs, [&](transfer const& t) { return double((t.*of.cost).peak); }) / mebibyte);
		}
		bool const is_right = std::ranges::all_of(row.runs, &transfer::is_right);
		fmt::print("{}\n", is_right ? "" : "   WRONG");
	}
}

void print_threads(std::vector<transfer_row> const& rows, std::int64_t const bytes)
{
	fmt::print(
		"\n{:<16} {:<7} {:<16} {:>6} {:>7}   CPU s/GiB\n", "program", "side", "thread", "user", "system");
	for (auto const& row : rows)
	{
		for (auto const& of : sides)
		{
			print_threads_of(row, of, double(bytes) / gibibyte);
		}
	}
}

void print_calls(std::vector<transfer_row> const& rows, std::int64_t const bytes)
{
	fmt::print("\nsystem calls a GiB, in a run of their own, from start to end of each process\n");
	for (auto const& row : rows)
	{
		for (auto const& of : sides)
		{
			print_calls_of(row, of, double(bytes) / gibibyte);
		}
	}
}

void print_floor(std::vector<floor_step> const& steps, std::uint64_t const bytes)
{
	double const gib = double(bytes) / gibibyte;
	auto const print_step = [&](floor_step const& step) {
		fmt::print("{:<7} {:<8} {:>7.0f} {:>7.2f} {:>7.2f} {:>7.2f}\n", step.side, step.name,
			double(bytes) / mebibyte / step.seconds, step.cpu.user / gib, step.cpu.system / gib,
			step.cpu.sum() / gib);
	};
	fmt::print("\nthe floor: each step alone\n{:<7} {:<8} {:>7} {:>7} {:>7} {:>7}   CPU s/GiB\n", "side",
		"step", "MiB/s", "user", "system", "sum");
	cpu_time all;
	for (auto const& of : sides)
	{
		floor_step sum{of.name, "all", 0, {}};
		for (auto const& step : steps)
		{
			if (std::string_view(step.side) == of.name)
			{
				print_step(step);
				sum.cpu += step.cpu;
			}
		}
		sum.seconds = sum.cpu.sum(); // one step after the other on a processor of its own
		print_step(sum);
		all += sum.cpu;
	}
	auto const processors = std::max(1U, std::thread::hardware_concurrency());
	fmt::print("both on {} processors that never wait: {:.0f} MiB/s\n", processors,
		double(bytes) / mebibyte / (all.sum() / processors));
}

} // namespace rawswarm::bench
