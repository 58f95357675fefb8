// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/program/peak_memory.hpp"

#include <string>
#include <utility>
#include <vector>

namespace rawswarm::test
{

measured_run run_measured(child_options command, std::chrono::seconds const limit)
{
	constexpr std::uint64_t kib_in_mib = 1024;
	std::vector<std::string> argv{"python3", "-c",
		"import resource, subprocess, sys; code = subprocess.call(sys.argv[1:]);"
		" print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss); sys.exit(code)"};
	argv.insert(argv.end(), command.argv.begin(), command.argv.end());
	command.argv = std::move(argv);
	measured_run measured{.ended = run(command, limit)};
	auto const& out = measured.ended.out;
	auto const last_line = out.rfind('\n', out.empty() ? 0 : out.size() - 2) + 1; // npos + 1 is the beginning
	measured.peak_mib = out.empty() ? 0 : std::stoull(out.substr(last_line)) / kib_in_mib;
	return measured;
}

} // namespace rawswarm::test
