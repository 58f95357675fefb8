// SPDX-License-Identifier: BSD-3-Clause
// The seed of tests that do things in random order: another one in each run, or the number in the environment
// variable RAWSWARM_SEED, to see a run again. Printed, and the same for all tests of one process.
#pragma once

namespace rawswarm::test
{

unsigned random_seed();

} // namespace rawswarm::test
