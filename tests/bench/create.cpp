// SPDX-License-Identifier: BSD-3-Clause
// create [MIB] [ROUNDS]: how fast the torrent of a device is made (tests/support/program/reading_race.hpp).
#include "tests/support/program/reading_race.hpp"

#include <string>
#include <vector>

int main(int argc, char** argv)
{
	return rawswarm::test::run_reading_race(argc, argv, [](rawswarm::test::race_place const& at) {
		return std::vector<std::string>{"create", at.device, "-o", at.output};
	});
}
