// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/device/loop_device.hpp"

#include "tests/support/base/child_process.hpp"
#include "tests/support/base/throw_errno.hpp"

#include <exception>
#include <filesystem>
#include <utility>

#include <sys/mount.h>
#include <unistd.h>

namespace rawswarm::test
{

namespace
{

std::string find_reason()
{
	if (::geteuid() != 0)
	{
		return "not root";
	}
	try
	{
		loop_device const probe(1024 * 1024);
		return {};
	}
	catch (std::exception const& e)
	{
		return e.what();
	}
}

// Partitions that the kernel was told of would otherwise stay for the next owner of the device.
void remove_partitions(std::string const& disk)
{
	auto const folder = std::filesystem::path("/sys/block") / std::filesystem::path(disk).filename();
	for (auto const& entry : std::filesystem::directory_iterator(folder))
	{
		if (std::filesystem::exists(entry.path() / "partition"))
		{
			auto number = read_file(entry.path() / "partition");
			number.pop_back();
			run({"delpart", disk, number});
		}
	}
}

} // namespace

loop_device::loop_device(std::uint64_t size, loop_options const& options)
	: m_dir(std::in_place)
{
	m_backing_file = *m_dir / "backing";
	write_sparse_file(m_backing_file, size);
	attach(options);
}

loop_device::loop_device(std::string backing_file, loop_options const& options)
	: m_backing_file(std::move(backing_file))
{
	attach(options);
}

void loop_device::attach(loop_options const& options)
{
	std::vector<std::string> argv{"losetup", "--find", "--show"};
	if (options.read_only)
	{
		argv.emplace_back("--read-only");
	}
	if (options.sector_size != 0)
	{
		argv.emplace_back("--sector-size");
		argv.push_back(std::to_string(options.sector_size));
	}
	if (options.direct)
	{
		argv.emplace_back("--direct-io=on");
	}
	if (options.partition_scan)
	{
		argv.emplace_back("--partscan");
	}
	argv.push_back(m_backing_file);
	m_path = run_checked(argv);
}

loop_device::~loop_device()
{
	try
	{
		remove_partitions(m_path);
		run({"losetup", "--detach", m_path});
	}
	catch (std::exception const&)
	{
		// A destructor cannot report it; the next test gets another device.
	}
}

std::string const& why_no_loop_devices()
{
	static std::string const reason = find_reason();
	return reason;
}

bool loop_devices_available()
{
	return why_no_loop_devices().empty();
}

scoped_mount::scoped_mount(
	std::string const& source, std::string const& type, std::string const& options, bool read_only)
	: m_path(m_dir.path().string())
{
	unsigned long const flags = read_only ? MS_RDONLY : 0;
	if (::mount(source.c_str(), m_path.c_str(), type.c_str(), flags, options.c_str()) != 0)
	{
		throw_errno("mounting " + source);
	}
}

scoped_mount::~scoped_mount()
{
	// A file that is still open there must not leave the mount behind forever.
	if (::umount2(m_path.c_str(), 0) != 0)
	{
		::umount2(m_path.c_str(), MNT_DETACH);
	}
}

scoped_tmpfs::scoped_tmpfs(std::uint64_t size)
	: scoped_mount("tmpfs", "tmpfs", "size=" + std::to_string(size))
{}

} // namespace rawswarm::test
