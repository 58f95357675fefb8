// SPDX-License-Identifier: BSD-3-Clause
#include "agent/cli/cli.hpp"

int main(int const argc, char const* const* const argv)
{
	return rawswarm::run_cli({argv + 1, argv + argc});
}
