// SPDX-License-Identifier: BSD-3-Clause
// The bounds that the backend has to keep. Says of each whether it is kept.
#pragma once

#include "tests/bench/disk/disk_row.hpp"

#include <map>
#include <string>
#include <utility>

namespace rawswarm::bench
{

class verdicts
{
public:
	void at_least(std::string const& what, double value, double bound);
	void at_most(std::string const& what, double value, double bound);

	// The run itself failed, so its figures are not judged.
	void failed(std::string const& what);

	bool passed() const { return m_passed; }

private:
	void say(std::string const& what, double value, char const* how, double bound, bool passed);

	bool m_passed = true;
};

// The rows of one device and number of peers, by backend.
using row_group = std::map<backend, row>;

// memory: that each had, in MiB.
void judge(row_group rows, int memory, verdicts& v);

// The backend alone, and the program. A disk that is slower than the links decides alone.
void judge_program(std::pair<row, row> const& pair, verdicts& v);

} // namespace rawswarm::bench
