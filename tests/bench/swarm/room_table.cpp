// SPDX-License-Identifier: BSD-3-Clause
#include "tests/bench/swarm/room_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <thread>

namespace rawswarm::bench
{

namespace
{

constexpr double mebibyte = 1024.0 * 1024;

double processors()
{
	return std::max(1U, std::thread::hardware_concurrency());
}

} // namespace

double seconds_for(std::int64_t const bytes, int const mbit)
{
	return double(bytes) * 8 / (mbit * 1e6);
}

void print_head(room_content const& content, std::string const& memory)
{
	fmt::print(
		"image {:.1f} MiB in {} extents on {:.0f} MiB, pieces {} KiB, {:.1f} MiB as blocks of zstd -1 (ratio "
		"{:.2f}),\na client's budget {}, {} processors\n"
		"first, last: seconds until the first and the last client had all. ideals, packed: the last, in "
		"times "
		"that the\nlink needs for the image, and for its compressed blocks. sent, wire: what the seeder "
		"sent, "
		"in images, without\nand with protocol; wire/p: the latter in compressed images. CPU seconds of the "
		"seeder, a client, the client\nthat took most; peak MiB of the seeder, and of the client that took "
		"most. busy: the machine's processors until\nthe last was done; own: the share that the programs "
		"took.\n\n",
		double(content.bytes) / mebibyte, content.extents, double(content.device_bytes) / mebibyte,
		content.piece_size / 1024, double(content.packed_bytes) / mebibyte,
		double(content.bytes) / double(content.packed_bytes), memory, processors());
	fmt::print("{:>7} {:12} {:>6} {:>7} {:>8} {:>8} {:>6} {:>6} {:>6} {:>6} {:>6} {:>7} {:>7} {:>7} {:>7} "
			   "{:>7} {:>6} {:>6}\n",
		"clients", "program", "Mbit/s", "ideal s", "first s", "last s", "ideals", "packed", "sent", "wire",
		"wire/p", "seed", "client", "most", "MiB", "most", "busy %", "own %");
}

void print_row(room_row const& row, measurement const& m, room_content const& content)
{
	double cpu = 0;
	double cpu_most = 0;
	double memory_most = 0;
	for (auto it = m.hosts.begin() + 1; it != m.hosts.end(); ++it)
	{
		cpu += it->cpu_seconds;
		cpu_most = std::max(cpu_most, it->cpu_seconds);
		memory_most = std::max(memory_most, double(it->peak_memory) / mebibyte);
	}
	auto const& seeder = m.hosts.front();
	auto const ideal = seconds_for(content.bytes, row.mbit);
	auto const sent = m.sent ? fmt::format("{:.2f}", double(*m.sent) / double(content.bytes)) : "-";
	fmt::print(
		"{:>7} {:12} {:>6} {:>7.2f} {:>8.2f} {:>8.2f} {:>6.2f} {:>6.2f} {:>6} {:>6.2f} {:>6.2f} {:>7.2f} "
		"{:>7.2f} {:>7.2f} {:>7.1f} {:>7.1f} {:>6.0f} {:>6.0f}{}\n",
		row.clients, row.program, row.mbit, ideal, m.first(), m.last(), m.last() / ideal,
		m.last() / seconds_for(content.packed_bytes, row.mbit), sent, double(m.wire) / double(content.bytes),
		double(m.wire) / double(content.packed_bytes), seeder.cpu_seconds, cpu / row.clients, cpu_most,
		double(seeder.peak_memory) / mebibyte, memory_most, 100 * m.busy,
		100 * (cpu + seeder.cpu_seconds) / m.last() / processors(), m.is_right() ? "" : "  WRONG CONTENT");
	std::fflush(stdout);
}

void print_each_client(measurement const& m)
{
	std::string text;
	for (auto it = m.hosts.begin() + 1; it != m.hosts.end(); ++it)
	{
		text += fmt::format(" {:.2f}", it->seconds);
	}
	fmt::print("{:>7} last s of each client:{}\n", "", text);
	std::fflush(stdout);
}

} // namespace rawswarm::bench
