// SPDX-License-Identifier: BSD-3-Clause
// How busy the processors of the whole machine were, including unrelated work.
#pragma once

namespace rawswarm::bench
{

class machine_load
{
public:
	machine_load();

	// Since construction: 0 to 1, for all processors together.
	double busy() const;

private:
	double m_busy = 0;
	double m_all = 0;
};

} // namespace rawswarm::bench
