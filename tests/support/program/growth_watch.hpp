// SPDX-License-Identifier: BSD-3-Clause
// Whether an agent that runs for long has more and more descriptors, or memory.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <sys/types.h>

namespace rawswarm::test
{

class growth_watch
{
public:
	struct sample
	{
		std::size_t descriptors = 0;
		std::size_t kib = 0; // of memory that is its own
	};

	// Takes one of the process, while nothing is asked of it. A process that shows neither descriptors nor
	// memory, as one that has ended, is an error, which is thrown.
	void look(pid_t process);

	// As if it had been taken.
	void add(sample const& s) { m_samples.push_back(s); }

	std::vector<sample> const& samples() const { return m_samples; }

	// One sentence per thing that has grown, or nothing. The least of the last third is compared with the
	// least of the first: in between connections come and go. Fewer than six samples tell nothing.
	std::string verdict() const;

private:
	std::vector<sample> m_samples;
};

} // namespace rawswarm::test
