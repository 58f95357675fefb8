// SPDX-License-Identifier: BSD-3-Clause
// The seed of tests that act in random order. It differs in every run unless the environment variable
// RAWSWARM_SEED gives it, to repeat a run. It is printed, and all tests of one process have the same.
#pragma once

namespace rawswarm::test
{

unsigned random_seed();

} // namespace rawswarm::test
