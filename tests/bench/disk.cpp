// SPDX-License-Identifier: BSD-3-Clause
// disk [options]: the same stream of blocks into rawswarm's disk backend, into the same with one write per
// block, and into libtorrent's mmap and posix backends, on the same devices in one run. Prints a table, then
// the bounds that the backend has to keep; exits with 1 if one is not kept.
//
// The I/O scheduler is none, the loop device's default: with mq-deadline libtorrent's backends were no more
// than 4% faster on the disk with seek costs.
//
// CPU time is that of the process that a backend runs in. It lacks the kernel's threads that write back the
// page cache, and those of the loop device. Only `memory` has none of them, so bounds on CPU are checked
// there.
//
// All get the same memory. rawswarm has its budget. The others have the page cache, which on a machine with
// memory to spare would take the whole image and write it in order at the end; a machine that is imaged from
// its initramfs has not that much. So while the bench runs the kernel's limit of dirty pages (vm.dirty_bytes)
// is the same budget, and half of it the mark at which write-back starts (vm.dirty_background_bytes). Both
// are restored.
//
// However it ends, nothing is left mounted or attached; only SIGKILL leaves the limits of dirty pages
// changed.
//
// The device `program` is the disk with seek costs under the program itself, with 1 to 30 peers that have
// everything and send as fast as loopback takes it. It is to write as much as the backend alone. The device
// `serve` is that disk as a source of 1 to 30 clients (serve_rows.hpp), and a slower one under a seeder with
// 1 to 6 of them (serve_room.hpp).
//
// The device `sockets` is a disk under the backend with 8 and 30 peers that send over TCP (socket_rows.hpp).
// Each socket has the receive buffer that the program gives it; `--kernel-buffers 256` sets another one, in
// KiB as setsockopt() takes it, and `--kernel-buffers 0` leaves it to the kernel; the backend keeps as much
// room for it as before.
//
// The device `path` is a disk that is there (`--path`), which loses all that is on it: `--writers
// 1,2,4,8,16,32
// --backend rawswarm --path /dev/nvme0n1` shows how many writes at once it takes.
//
// Needs root for loop devices, FUSE and these limits; without, only the device `memory` is run.
#include "tests/bench/disk/block_stream.hpp"
#include "tests/bench/disk/dirty_limits.hpp"
#include "tests/bench/disk/disk_bounds.hpp"
#include "tests/bench/disk/disk_rows.hpp"
#include "tests/bench/disk/serve_rows.hpp"
#include "tests/bench/disk/socket_rows.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/base/throw_errno.hpp"
#include "tests/support/device/loop_device.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

namespace rawswarm::bench
{

namespace
{

// A folder in memory for mount points and small files, which goes with the mount namespace at the latest. Not
// over the folder for temporary files itself, as the program may lie in it.
class folder_for_temporary_files
{
public:
	folder_for_temporary_files()
	{
		if (::mount("tmpfs", m_dir.path().c_str(), "tmpfs", 0, "size=4m") != 0)
		{
			test::throw_errno("a tmpfs for temporary files");
		}
		::setenv("TEST_TMPDIR", (m_dir.path().string() + "/").c_str(), 1);
	}
	~folder_for_temporary_files() { ::umount2(m_dir.path().c_str(), MNT_DETACH); }
	folder_for_temporary_files(folder_for_temporary_files const&) = delete;
	folder_for_temporary_files& operator=(folder_for_temporary_files const&) = delete;

private:
	test::temp_dir m_dir;
};

// Mounts are removed with the last process of the bench, however it ends.
void mount_for_ourselves()
{
	if (::unshare(CLONE_NEWNS) != 0 || ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
	{
		test::throw_errno("a mount namespace");
	}
}

void leave_out(disk_options& o, std::string_view const device, std::string const& reason)
{
	if (std::erase(o.devices, device) > 0)
	{
		fmt::print("{} is left out: {}\n", device, reason);
	}
}

void leave_out_slow_disks(disk_options& o, std::string const& reason)
{
	for (auto const* const device : {"seek", "sockets", "program", "serve"})
	{
		leave_out(o, device, reason);
	}
}

void leave_out_what_cannot_be_made(disk_options& o)
{
	if (auto const& reason = test::why_no_loop_devices(); !reason.empty())
	{
		leave_out(o, "loop", reason);
		leave_out_slow_disks(o, reason);
	}
	if (::access("/dev/fuse", R_OK | W_OK) != 0)
	{
		leave_out_slow_disks(o, "no /dev/fuse");
	}
}

int run_all(disk_options o)
{
	leave_out_what_cannot_be_made(o);
	std::optional<folder_for_temporary_files> folder;
	std::optional<dirty_limits> limits;
	if (::geteuid() == 0)
	{
		mount_for_ourselves();
		folder.emplace();
		limits.emplace(std::int64_t(o.memory) * 1024 * 1024);
	}
	fmt::print("image {} MiB, pieces {} KiB, budget {} MiB, median of {}\n", o.size, piece_bytes / 1024,
		o.memory, o.repeat);
	fmt::print(
		"loop: over a file on a tmpfs. seek: over a disk of 12 ms a seek, 150 MB/s. rawswarm writes to the "
		"device,\nlibtorrent to a file on ext4 without a journal on it, preallocated; to a file on a tmpfs "
		"all of them.\nlibtorrent may have {} MiB of dirty pages in the page cache beside its own memory; "
		"dirty MiB is the whole machine's\n",
		o.memory);
	auto const info = make_image_torrent(o.size);
	print_head();
	std::map<std::tuple<std::string, int, int>, row_group> groups;
	bool const with_sockets = std::erase(o.devices, "sockets") > 0;
	bool const with_program = std::erase(o.devices, "program") > 0;
	bool const with_serve = std::erase(o.devices, "serve") > 0;
	for (auto const& d : o.devices)
	{
		for (auto const& r : run_device(d, o, info))
		{
			groups[{r.device, r.peers, r.writers}][r.which] = r;
		}
	}
	verdicts v;
	for (auto const& [key, rows] : groups)
	{
		judge(rows, o.memory, v);
	}
	if (with_sockets)
	{
		run_socket_rows(o, info, v);
	}
	if (with_program)
	{
		for (auto const& pair : run_program_rows(o, info))
		{
			judge_program(pair, v);
		}
	}
	if (with_serve)
	{
		run_serve_rows(o, info, v);
	}
	return v.passed() ? 0 : 1;
}

int run(int const argc, char const* const* const argv)
{
	disk_options o;
	CLI::App app("The disk backends compared");
	app.add_option("--device", o.devices)
		->delimiter(',')
		->check(CLI::IsMember({"memory", "loop", "seek", "sockets", "program", "serve", "path"}));
	app.add_option("--path", o.path, "of the device path: ALL ON IT IS LOST");
	app.add_option("--peers", o.peers)->delimiter(',');
	app.add_option("--complete-peers", o.complete_peers, "of the device program")->delimiter(',');
	app.add_option("--socket-peers", o.socket_peers, "of the device sockets")->delimiter(',');
	app.add_option("--kernel-buffers", o.kernel_buffers,
		   "KiB of each socket of the device sockets, 0: the kernel's own")
		->check(CLI::Range(0, 1024 * 1024));
	app.add_option("--clients", o.clients, "of the device serve")->delimiter(',');
	app.add_option("--backend", o.backends)
		->delimiter(',')
		->check(CLI::IsMember({"rawswarm", "one-write", "mmap", "posix"}));
	app.add_option("--size", o.size, "MiB");
	app.add_option("--memory", o.memory, "MiB");
	app.add_option("--repeat", o.repeat);
	app.add_option("--seconds", o.seconds, "a row begins no new piece after that");
	app.add_option("--threads", o.threads, "that hash, of every backend");
	app.add_option("--writers", o.writers, "instead of the profile's: a row for each")->delimiter(',');
	try
	{
		app.parse(argc, argv);
	}
	catch (CLI::ParseError const& e)
	{
		return app.exit(e);
	}
	return run_all(o);
}

} // namespace

} // namespace rawswarm::bench

int main(int const argc, char const* const* const argv)
{
	try
	{
		return rawswarm::bench::run(argc, argv);
	}
	catch (std::exception const& e)
	{
		std::fprintf(stderr, "disk: %s\n", e.what());
		return 1;
	}
}
