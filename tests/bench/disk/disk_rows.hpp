// SPDX-License-Identifier: BSD-3-Clause
// Runs the backends, and the program, on the devices, and prints a row for each as it is done.
//
// One write per block takes minutes on the disk with seek costs, and is far from its bound there: it runs
// once, for half the time. Runs of the backends alternate, so that a slow minute of the machine affects all
// of them.
#pragma once

#include "tests/bench/disk/disk_row.hpp"

#include <libtorrent/torrent_info.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace rawswarm::bench
{

struct disk_options
{
	std::vector<std::string> devices{"memory", "loop", "seek", "sockets", "program", "serve"};
	std::vector<int> peers{8, 50};
	std::vector<int> complete_peers{1, 8, 30}; // of the device `program`
	std::vector<int> clients{1, 3, 6, 30}; // of the device `serve`
	std::vector<int> socket_peers{8, 30}; // of the device `sockets`
	std::optional<int> kernel_buffers; // KiB a socket; 0: the kernel's own; nothing: as the program has it
	std::vector<std::string> backends{"rawswarm", "one-write", "mmap", "posix"};
	int size = 512; // MiB
	int memory = 64; // MiB
	int repeat = 3;
	int seconds = 20; // no row begins new pieces after that
	std::vector<int> writers{0}; // a row for each; 0: as many as the profile says
	std::string path; // of the device `path`: all on it is lost
	int threads = 2; // hash threads of every backend
};

// name: memory, loop, seek or path. A row for each number of peers, backend and, of rawswarm's, writers.
std::vector<row> run_device(
	std::string const& name, disk_options const& o, std::shared_ptr<lt::torrent_info const> const& info);

// The program with peers that have everything, on the disk with seek costs, and before it the backend alone
// on the same disk.
std::vector<std::pair<row, row>> run_program_rows(
	disk_options const& o, std::shared_ptr<lt::torrent_info const> const& info);

} // namespace rawswarm::bench
