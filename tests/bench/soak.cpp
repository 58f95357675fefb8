// SPDX-License-Identifier: BSD-3-Clause
// soak [--seconds N] [--seed N] [--may-grow]: images a room of four again and again while something goes
// wrong each time (tests/support/program/soak.hpp). 20 minutes by default, with a new seed, which is printed.
//
// Exit code 1 with the first thing that is not as it has to be. Needs root. Everything is made in namespaces
// of its own, and removed with the program, however it ends.
#include "tests/support/program/soak.hpp"

#include "tests/support/base/isolation.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <random>

#include <unistd.h>

namespace rawswarm::bench
{

namespace
{

int soak(test::soak_options const& options)
{
	fmt::print("seed {}\n", options.seed);
	std::fflush(stdout);
	auto const result = test::run_soak(options);
	for (auto const& [fault, count] : result.faults)
	{
		fmt::print("{:9}  {}\n", fault, count);
	}
	fmt::print(
		"{} images: {} disks right, {} failed as they had to\n", result.images, result.right, result.failed);
	if (!result.complaint.empty())
	{
		fmt::print("failed: {}\n", result.complaint);
		return 1;
	}
	return 0;
}

int run_with(int const argc, char** const argv)
{
	test::soak_options options;
	int seconds = 20 * 60;
	options.seed = std::random_device()();
	options.out = stdout;
	CLI::App app("Images a room of four again and again while something goes wrong each time.", "soak");
	app.add_option("--seconds", seconds, "How long")->capture_default_str()->check(CLI::Range(1, 1000000));
	app.add_option("--seed", options.seed, "Of an earlier run, to have the same faults again");
	app.add_flag("--may-grow", options.seeder_may_grow, "The seeder may grow, as one with a sanitizer does");
	CLI11_PARSE(app, argc, argv);
	options.duration = std::chrono::seconds(seconds);
	if (::geteuid() != 0)
	{
		fmt::print(stderr, "soak: needs root, for namespaces of its own\n");
		return 2;
	}
	return test::run_isolated([&] { return soak(options); });
}

} // namespace

} // namespace rawswarm::bench

int main(int argc, char** argv)
{
	try
	{
		return rawswarm::bench::run_with(argc, argv);
	}
	catch (std::exception const& e)
	{
		std::fprintf(stderr, "soak: %s\n", e.what());
		return 1;
	}
}
