// SPDX-License-Identifier: BSD-3-Clause
#include "agent/machine/kernel_partitions.hpp"

#include "base/clean_text.hpp"
#include "base/parse_number.hpp"
#include "storage/device/sys_block.hpp"

#include <algorithm>
#include <cerrno>
#include <thread>

#include <linux/blkpg.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

namespace rawswarm
{

namespace
{

namespace fs = std::filesystem;
using clock = std::chrono::steady_clock;

// How often a node that is still missing is looked for. devtmpfs has one in less than a millisecond.
constexpr std::chrono::milliseconds interval{10};

// How long another process that has the disk open, as udev does, may keep the kernel from reading its table.
// A probe takes some ten milliseconds; a process that keeps it open for longer, as a seeder does, is not
// waited for.
constexpr std::chrono::milliseconds busy_time{500};

// The kernel exposes only this much of an extended partition, for boot loaders: two sectors of 512 bytes, or
// one that is larger.
constexpr std::uint64_t container_length = 2 * sys_sector;

std::optional<std::uint64_t> number_in(fs::path const& file)
{
	return parse_number<std::uint64_t>(first_line(file));
}

// "cciss!c0d0p1" is /dev/cciss/c0d0p1.
std::string node_of(fs::path const& folder)
{
	auto name = folder.filename().string();
	std::ranges::replace(name, '!', '/');
	return "/dev/" + name;
}

bool has_node(kernel_partition const& part)
{
	struct stat status = {};
	return ::stat(part.node.c_str(), &status) == 0 && S_ISBLK(status.st_mode)
		&& block_device_id::of(status.st_rdev) == part.device;
}

class kernel_talk
{
public:
	kernel_talk(open_disk const& disk, std::chrono::milliseconds wait)
		: m_disk(disk)
		, m_folder(sys_folder(*disk.device, {}))
		, m_started(clock::now())
		, m_wait(wait)
	{}

	result<std::string> tell(std::optional<partition_table> const& table)
	{
		if (m_folder.empty())
		{
			return fail(fault::target, "partitions of {}: /sys does not know the disk", m_disk.label);
		}
		bool const was_read = make_it_read();
		if (!table && was_read)
		{
			return std::string();
		}
		auto wanted = table ? table->partitions : std::vector<table_partition>();
		std::erase_if(wanted, [](auto const& part) { return part.length == 0; }); // as the kernel does
		BOOST_OUTCOME_TRY(hidden, correct(wanted));
		std::erase_if(wanted,
			[&hidden](auto const& part) { return std::ranges::find(hidden, part.number) != hidden.end(); });
		BOOST_OUTCOME_TRYV(wait_for(wanted));
		return hidden.empty()
			? std::string()
			: fmt::format(
				"the kernel does not show partition {}, which overlaps another one: it takes such a "
				"table only when it reads it itself, as at the next start",
				fmt::join(hidden, ", "));
	}

private:
	bool time_left() const { return clock::now() - m_started < m_wait; }

	bool make_it_read()
	{
		while (::ioctl(m_disk.fd.get(), BLKRRPART) != 0)
		{
			if (errno != EBUSY || !time_left() || clock::now() - m_started >= busy_time)
			{
				return false;
			}
			std::this_thread::sleep_for(interval);
		}
		return true;
	}

	// Returns the numbers of partitions that the kernel refuses, as they overlap others.
	result<std::vector<int>> correct(std::vector<table_partition> const& wanted)
	{
		std::vector<int> hidden;
		auto const known = kernel_partitions(m_folder);
		for (auto const& part : known)
		{
			if (std::ranges::none_of(wanted, [&](auto const& w) { return is_same_partition(part, w); }))
			{
				BOOST_OUTCOME_TRYV(remove(part));
			}
		}
		for (auto const& part : wanted)
		{
			if (std::ranges::any_of(known, [&](auto const& k) { return is_same_partition(k, part); }))
			{
				continue;
			}
			int const reason = add(part);
			if (reason == EBUSY && overlaps_another(part, wanted))
			{
				hidden.push_back(part.number);
			}
			else if (reason != 0)
			{
				return fail(fault::target, system_error(reason), "partitions of {}: adding partition {}",
					m_disk.label, part.number);
			}
		}
		return hidden;
	}

	static bool overlaps_another(table_partition const& part, std::vector<table_partition> const& all)
	{
		return std::ranges::any_of(all, [&part](table_partition const& other) {
			return overlapping({part, other}).has_value();
		});
	}

	int call(int operation, int number, std::uint64_t offset, std::uint64_t length)
	{
		blkpg_partition part = {};
		part.pno = number;
		part.start = static_cast<long long>(offset);
		part.length = static_cast<long long>(length);
		blkpg_ioctl_arg argument = {};
		argument.op = operation;
		argument.datalen = sizeof(part);
		argument.data = &part;
		return ::ioctl(m_disk.fd.get(), BLKPG, &argument) == 0 ? 0 : errno;
	}

	result<void> remove(kernel_partition const& part)
	{
		int reason = call(BLKPG_DEL_PARTITION, part.number, 0, 0);
		while (reason == EBUSY && time_left())
		{
			std::this_thread::sleep_for(interval);
			reason = call(BLKPG_DEL_PARTITION, part.number, 0, 0);
		}
		if (reason == 0 || reason == ENXIO)
		{
			return success();
		}
		if (reason == EBUSY)
		{
			auto const use = device_use(part.device);
			return fail(fault::target, "partitions of {}: {}, which the table has no more, is in use{}{}",
				m_disk.label, printable(part.node), use ? ", " : "", use.value_or(""));
		}
		return fail(fault::target, system_error(reason), "partitions of {}: removing {}", m_disk.label,
			printable(part.node));
	}

	// Returns the error number.
	int add(table_partition const& part)
	{
		int sector = 0;
		std::uint64_t length = part.length;
		if (part.container && ::ioctl(m_disk.fd.get(), BLKSSZGET, &sector) == 0)
		{
			length = std::min(length, std::max(container_length, static_cast<std::uint64_t>(sector)));
		}
		return call(BLKPG_ADD_PARTITION, part.number, part.offset, length);
	}

	bool are_there(std::vector<table_partition> const& wanted) const
	{
		auto const known = kernel_partitions(m_folder);
		return known.size() == wanted.size() && std::ranges::all_of(wanted, [&](table_partition const& w) {
			return std::ranges::any_of(
				known, [&](auto const& k) { return is_same_partition(k, w) && has_node(k); });
		});
	}

	result<void> wait_for(std::vector<table_partition> const& wanted) const
	{
		while (!are_there(wanted))
		{
			if (!time_left())
			{
				return fail(fault::target, "partitions of {}: /sys and /dev do not have them after {} ms",
					m_disk.label, m_wait.count());
			}
			std::this_thread::sleep_for(interval);
		}
		return success();
	}

	open_disk const& m_disk;
	fs::path m_folder;
	clock::time_point m_started;
	std::chrono::milliseconds m_wait;
};

} // namespace

std::vector<kernel_partition> kernel_partitions(fs::path const& disk_folder)
{
	std::vector<kernel_partition> found;
	for (auto const& folder : entries(disk_folder))
	{
		auto const number = number_in(folder / "partition");
		auto const device = parse_device_id(first_line(folder / "dev"));
		if (number && device)
		{
			found.push_back({.number = static_cast<int>(*number),
				.offset = number_in(folder / "start").value_or(0) * sys_sector,
				.length = number_in(folder / "size").value_or(0) * sys_sector,
				.node = node_of(folder),
				.device = *device});
		}
	}
	return found;
}

std::vector<kernel_partition> kernel_partitions_of(std::string const& disk)
{
	struct stat status = {};
	return ::stat(disk.c_str(), &status) == 0 && S_ISBLK(status.st_mode)
		? kernel_partitions(sys_folder(block_device_id::of(status.st_rdev), {}))
		: std::vector<kernel_partition>();
}

std::string partition_node(std::string const& disk, int const number)
{
	auto const known = kernel_partitions_of(disk);
	auto const found = std::ranges::find(known, number, &kernel_partition::number);
	return found == known.end() ? std::string() : found->node;
}

bool is_same_partition(kernel_partition const& known, table_partition const& wanted)
{
	return known.number == wanted.number && known.offset == wanted.offset
		&& (wanted.container || known.length == wanted.length);
}

result<std::string> tell_kernel(
	open_disk const& disk, std::optional<partition_table> const& table, std::chrono::milliseconds const wait)
{
	return disk.device ? kernel_talk(disk, wait).tell(table) : std::string();
}

} // namespace rawswarm
