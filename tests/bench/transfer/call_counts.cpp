// SPDX-License-Identifier: BSD-3-Clause
#include "tests/bench/transfer/call_counts.hpp"

#include "base/text.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <fmt/format.h>

#include <chrono>
#include <csignal>
#include <sstream>
#include <stdexcept>
#include <vector>

namespace rawswarm::bench
{

namespace
{

constexpr std::chrono::minutes time_to_transfer{30};
constexpr std::chrono::seconds time_to_end{60};

test::child_options traced(test::child_options options, std::string const& summary)
{
	options.argv.insert(options.argv.begin(), {"strace", "-c", "-f", "--quiet=all", "--output=" + summary});
	return options;
}

void check(bool const is_well, char const* const what, test::child_process const& child)
{
	if (!is_well)
	{
		throw std::runtime_error(fmt::format("{}; it printed:\n{}{}", what, child.out(), child.err()));
	}
}

} // namespace

// "% time seconds usecs/call calls errors syscall": errors may be missing. Lines of dashes enclose the table,
// and the last line is the sum.
call_counts parse_strace_summary(std::string const& text)
{
	constexpr std::size_t calls = 3; // column
	call_counts counts;
	std::istringstream lines(text);
	for (std::string line; std::getline(lines, line);)
	{
		auto const words = split_words(line);
		bool const is_row = words.size() > calls + 1 && is_digit(words[0].front()) && words.back() != "total";
		if (is_row)
		{
			counts[std::string(words.back())] = std::stoll(std::string(words[calls]));
		}
	}
	return counts;
}

transfer_calls count_calls(transfer_program const& program, transfer_task const& task)
{
	auto const seeder_summary = task.folder + "/seeder.calls";
	auto const client_summary = task.folder + "/client.calls";
	test::child_process seeder(traced(program.seeder(task), seeder_summary));
	check(program.serves(seeder), "the seeder does not serve under strace", seeder);
	test::child_process client(traced(program.client(task), client_summary));
	check(client.wait(time_to_transfer) == 0, "the client fails under strace", client);
	// the program itself: strace would leave it alone and end
	::kill(test::worker_of(seeder), SIGTERM);
	check(seeder.wait(time_to_end).has_value(), "the seeder does not end under strace", seeder);
	return {parse_strace_summary(test::read_file(seeder_summary)),
		parse_strace_summary(test::read_file(client_summary))};
}

} // namespace rawswarm::bench
