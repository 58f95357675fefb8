// SPDX-License-Identifier: BSD-3-Clause
// The calls that a report counts, counted once more by strace.
#include "tests/support/base/child_process.hpp"
#include "tests/support/base/random_bytes.hpp"
#include "tests/support/base/skip.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/device/loop_device.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <cstdlib>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace rawswarm::test
{

namespace
{

using nlohmann::json;

constexpr std::uint64_t mib = 1024 * 1024;
constexpr std::uint64_t size = 16 * mib;

class counted_calls : public ::testing::Test
{
protected:
	counted_calls()
	{
		write_sparse_file(m_dir / "source.img", size);
		write_at(m_dir / "source.img", mib, random_bytes(1, 6 * mib));
		run_checked({std::getenv("RAWSWARM"), "create", "--skip-zeros", m_dir / "source.img", "-o",
			m_dir / "image.torrent"});
		m_seeder.emplace(m_dir / "image.torrent", m_dir / "source.img");
	}

	// The report of a job that writes the target, zeroes its gaps and reads all of it back.
	json image_and_trace(std::string const& target)
	{
		auto job = loopback_job({m_seeder->port()});
		job["targets"].push_back(image_target(m_dir / "image.torrent", target));
		job["verify"] = "readback";
		auto command = run_command(m_dir, job);
		command.argv.emplace_back("--json");
		std::vector<std::string> argv{"strace", "--follow-forks", "--decode-fds=path", "--quiet=all",
			"--output=" + m_dir / "trace",
			"--trace=preadv,preadv2,pwritev,pwritev2,fsync,syncfs,fallocate,ioctl,fadvise64"};
		argv.insert(argv.end(), command.argv.begin(), command.argv.end());
		command.argv = argv;
		auto const result = run(command);
		EXPECT_TRUE(exits_with(result, exit_code::done));
		EXPECT_TRUE(read_file(target) == read_file(m_dir / "source.img"));
		return json::parse(result.out).at("storage");
	}

	// Calls of that name of a descriptor of that file, with this in the line as well.
	std::int64_t traced(
		std::string const& name, std::string const& file, std::string_view const with = "") const
	{
		std::istringstream trace(read_file(m_dir / "trace"));
		std::int64_t found = 0;
		for (std::string line; std::getline(trace, line);)
		{
			bool const is_call = line.find(" " + name + "(") != std::string::npos;
			bool const is_of_file = line.find("<" + file + ">") != std::string::npos;
			found += is_call && is_of_file && line.find(with) != std::string::npos ? 1 : 0;
		}
		return found;
	}

	void expect_as_traced(json const& storage, std::string const& target)
	{
		auto const& calls = storage.at("calls");
		EXPECT_EQ(calls.at("pwritev"), traced("pwritev", target)) << storage;
		EXPECT_EQ(calls.at("preadv"), traced("preadv", target)) << storage;
		EXPECT_EQ(calls.at("fallocate"), traced("fallocate", target)) << storage;
		// not what others of the program advise, as libblkid does when it looks for signatures
		EXPECT_EQ(calls.at("fadvise"), traced("fadvise64", target, "DONTNEED")) << storage;
		EXPECT_EQ(calls.at("syncfs"), traced("syncfs", target)) << storage;
		EXPECT_EQ(calls.at("blkzeroout"), traced("ioctl", target, "BLKZEROOUT")) << storage;
		EXPECT_EQ(traced("pwritev2", target) + traced("preadv2", target), 0);
		EXPECT_GT(calls.at("pwritev"), 0);
		EXPECT_GT(calls.at("preadv"), 0);
		EXPECT_GE(calls.at("pwritev"), storage.at("write_calls"));
		EXPECT_EQ(storage.at("write_calls").get<std::int64_t>(),
			storage.at("sequential_writes").get<std::int64_t>()
				+ storage.at("random_writes").get<std::int64_t>());
	}

	temp_dir m_dir;
	std::optional<seeding_agent> m_seeder;
};

} // namespace

TEST_F(counted_calls, of_an_image_file_are_those_that_the_kernel_got)
{
	SKIP_WITHOUT("strace");
	auto const target = m_dir / "target.img";
	auto const storage = image_and_trace(target);
	expect_as_traced(storage, target);
	// the folder's entry of a new file is synced too
	EXPECT_EQ(
		storage.at("calls").at("fsync"), traced("fsync", target) + traced("fsync", m_dir.path().string()));
	EXPECT_GT(storage.at("calls").at("fsync"), 0);
}

TEST_F(counted_calls, of_a_block_device_are_those_that_the_kernel_got)
{
	SKIP_WITHOUT("strace");
	SKIP_WITHOUT_LOOP_DEVICES();
	loop_device const device(size);
	auto const storage = image_and_trace(device.path());
	expect_as_traced(storage, device.path());
	EXPECT_EQ(storage.at("calls").at("fsync"), traced("fsync", device.path()));
	EXPECT_GT(storage.at("calls").at("blkzeroout"), 0);
}

} // namespace rawswarm::test
