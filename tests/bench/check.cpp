// SPDX-License-Identifier: BSD-3-Clause
// check [MIB] [ROUNDS]: how fast the content of a device is hashed against its torrent, as "existing":
// "verify", "verify": "readback" and `rawswarm verify` do it (tests/support/program/reading_race.hpp).
#include "tests/support/program/reading_race.hpp"

#include <string>
#include <vector>

int main(int argc, char** argv)
{
	return rawswarm::test::run_reading_race(argc, argv, [](rawswarm::test::race_place const& at) {
		return std::vector<std::string>{"verify", "--torrent", at.torrent, "--device", at.device};
	});
}
