// SPDX-License-Identifier: BSD-3-Clause
#include "agent/machine/machine_memory.hpp"
#include "tests/support/base/temp_dir.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace rawswarm
{
namespace
{

using test::temp_dir;
using test::write_file;

constexpr std::int64_t mebibyte = std::int64_t(1024) * 1024;
constexpr std::int64_t gibibyte = 1024 * mebibyte;
constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();

class machine
{
public:
	machine()
	{
		set("proc/meminfo", "MemTotal:        4194304 kB\nMemFree: 1 kB\nMemAvailable:    2097152 kB\n");
	}

	void set(std::string const& file, std::string const& text) { write_file(m_dir.path() / file, text); }
	void set_limit(std::string const& group, std::string const& text)
	{
		set("sys/fs/cgroup/" + group, text + "\n");
	}
	machine_memory read() const { return read_machine_memory({m_dir / "proc", m_dir / "sys"}); }

private:
	temp_dir m_dir;
};

} // namespace

TEST(automatic_memory, is_a_quarter_of_the_machine)
{
	EXPECT_EQ(automatic_memory({gibibyte, {}, {}}), 256 * mebibyte);
	EXPECT_EQ(automatic_memory({2 * gibibyte + 400, {}, {}}), 512 * mebibyte + 100);
}

TEST(automatic_memory, keeps_its_bounds_on_small_and_large_machines)
{
	EXPECT_EQ(automatic_memory({0, {}, {}}), 32 * mebibyte);
	EXPECT_EQ(automatic_memory({128 * mebibyte, {}, {}}), 32 * mebibyte);
	EXPECT_EQ(automatic_memory({128 * mebibyte + 4, {}, {}}), 32 * mebibyte + 1);
	EXPECT_EQ(automatic_memory({4 * gibibyte - 4, {}, {}}), gibibyte - 1);
	EXPECT_EQ(automatic_memory({4 * gibibyte, {}, {}}), gibibyte);
	EXPECT_EQ(automatic_memory({most, most, most}), gibibyte);
}

TEST(automatic_memory, is_no_more_than_what_is_available_leaves_beside_the_program)
{
	EXPECT_EQ(automatic_memory({gibibyte, 264 * mebibyte, {}}), 200 * mebibyte);
	EXPECT_EQ(automatic_memory({gibibyte, 320 * mebibyte, {}}), 256 * mebibyte);
	EXPECT_EQ(automatic_memory({gibibyte, 321 * mebibyte, {}}), 256 * mebibyte);
}

TEST(automatic_memory, is_no_more_than_the_lower_of_both_limits_leaves)
{
	EXPECT_EQ(automatic_memory({gibibyte, {}, 164 * mebibyte}), 100 * mebibyte);
	EXPECT_EQ(automatic_memory({gibibyte, 264 * mebibyte, 164 * mebibyte}), 100 * mebibyte);
	EXPECT_EQ(automatic_memory({gibibyte, 164 * mebibyte, 264 * mebibyte}), 100 * mebibyte);
}

TEST(automatic_memory, goes_below_its_bound_where_there_is_less_but_never_below_what_a_job_can_ask_for)
{
	EXPECT_EQ(automatic_memory({128 * mebibyte, 96 * mebibyte, {}}), 32 * mebibyte);
	EXPECT_EQ(automatic_memory({128 * mebibyte, 95 * mebibyte, {}}), 31 * mebibyte);
	EXPECT_EQ(automatic_memory({128 * mebibyte, 68 * mebibyte, {}}), 4 * mebibyte);
	EXPECT_EQ(automatic_memory({128 * mebibyte, 10 * mebibyte, {}}), 4 * mebibyte);
	EXPECT_EQ(automatic_memory({128 * mebibyte, {}, 0}), 4 * mebibyte);
}

TEST(machine_memory, reads_what_the_machine_has_and_what_is_available)
{
	machine const m;
	auto const memory = m.read();
	EXPECT_EQ(memory.total, 4 * gibibyte);
	EXPECT_EQ(memory.available, 2 * gibibyte);
	EXPECT_FALSE(memory.limit);
}

TEST(machine_memory, without_proc_the_kernel_is_asked)
{
	auto const memory = read_machine_memory({"/nowhere", "/nowhere"});
	EXPECT_GT(memory.total, 0);
	EXPECT_FALSE(memory.available);
	EXPECT_FALSE(memory.limit);
}

TEST(machine_memory, a_kernel_that_does_not_say_what_is_available_leaves_it_open)
{
	machine m;
	m.set("proc/meminfo", "MemTotal: 1024 kB\nMemAvailableNot: 5 kB\n");
	EXPECT_EQ(m.read().total, mebibyte);
	EXPECT_FALSE(m.read().available);
}

TEST(machine_memory, the_limit_is_that_of_the_own_group)
{
	machine m;
	m.set("proc/self/cgroup", "0::/job/agent\n");
	m.set_limit("job/agent/memory.max", "104857600");
	m.set_limit("other/memory.max", "5");
	EXPECT_EQ(m.read().limit, 100 * mebibyte);
}

TEST(machine_memory, a_parent_may_have_the_lower_limit)
{
	machine m;
	m.set("proc/self/cgroup", "0::/job/agent\n");
	m.set_limit("job/agent/memory.max", "max");
	m.set_limit("job/memory.max", "104857600");
	EXPECT_EQ(m.read().limit, 100 * mebibyte);
	m.set_limit("memory.max", "1048576");
	EXPECT_EQ(m.read().limit, mebibyte);
}

TEST(machine_memory, a_group_without_a_limit_has_none)
{
	machine m;
	m.set("proc/self/cgroup", "0::/job\n");
	m.set_limit("job/memory.max", "max");
	EXPECT_FALSE(m.read().limit);
}

TEST(machine_memory, version_1_has_a_place_and_a_name_of_its_own)
{
	machine m;
	m.set("proc/self/cgroup", "9:name=systemd:/\n4:cpu,memory:/job\n3:memoryless:/other\n0::/\n");
	m.set_limit("memory/job/memory.limit_in_bytes", "209715200");
	m.set_limit("memory/memory.limit_in_bytes", "9223372036854771712");
	m.set_limit("memory/other/memory.limit_in_bytes", "5");
	EXPECT_EQ(m.read().limit, 200 * mebibyte);
	m.set_limit("unified/memory.max", "104857600");
	EXPECT_EQ(m.read().limit, 100 * mebibyte);
}

TEST(machine_memory, a_container_that_sees_its_own_group_as_the_root_is_bound_by_it)
{
	machine m;
	m.set("proc/self/cgroup", "4:memory:/docker/0123\n");
	m.set_limit("memory/memory.limit_in_bytes", "104857600");
	EXPECT_EQ(m.read().limit, 100 * mebibyte);
	m.set("proc/self/cgroup", "4:memory:/../../elsewhere\n");
	EXPECT_EQ(m.read().limit, 100 * mebibyte);
}

TEST(machine_memory, lines_that_make_no_sense_are_passed_over)
{
	machine m;
	m.set("proc/self/cgroup", "\n:\n4:memory\nx\n0::/job\n");
	m.set_limit("job/memory.max", "-1");
	m.set_limit("memory.max", "no number");
	EXPECT_FALSE(m.read().limit);
}

} // namespace rawswarm
