// SPDX-License-Identifier: BSD-3-Clause
// Beacons kept in a file, to be shown again later: a line of JSON for each datagram that was read as a
// beacon, as it came, its mac included.
//
//     {"version":1,"elapsed_ms":1234,"time_ms":1764410000000,"from":"10.0.0.7:40000","datagram":"{...}"}
//
// elapsed_ms: since the recording began, by a clock that never steps. time_ms: by the clock of the watcher's
// machine, from 1970. Lines are ASCII. Keys may be added; another version is refused.
//
// One thread.
#pragma once

#include "base/result.hpp"
#include "base/unique_fd.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rawswarm
{

struct recorded_datagram
{
	std::chrono::milliseconds elapsed{0};
	std::int64_t time_ms = 0;
	std::string from;
	std::string datagram;
};

// Without the newline. Pure.
std::string recording_line(recorded_datagram const& d);

// The reverse. Empty: no such line. Pure.
std::optional<recorded_datagram> parse_recording_line(std::string_view bytes);

inline constexpr std::int64_t max_recording_bytes = 1'073'741'824; // a room of 30 machines for half a day

class recorder
{
public:
	// Replaces the file. What is not a regular file is refused, as is a file that cannot be opened.
	static result<recorder> open(std::string const& path, std::int64_t max_bytes = max_recording_bytes);

	// Written before it returns. Once the file has max_bytes, or cannot be written, nothing more is: which is
	// said in the log, once.
	void add(std::string_view from, std::string_view datagram);

private:
	recorder(std::string path, unique_fd file, std::int64_t max_bytes);
	void give_up(std::string const& why);

	std::string m_path;
	unique_fd m_file;
	std::int64_t m_room;
	std::chrono::steady_clock::time_point m_began = std::chrono::steady_clock::now();
};

// Reads a recording line by line.
class recording_reader
{
public:
	static result<recording_reader> open(std::string const& path);

	// The next datagram; empty: the end. A last line without its end was cut off, and is the end. Times never
	// go back. Errors: fault::refused, with the number of the line.
	result<std::optional<recorded_datagram>> next();

private:
	recording_reader(std::string path, unique_fd file);
	result<std::optional<std::string_view>> next_line();

	std::string m_path;
	unique_fd m_file;
	std::string m_buffer;
	std::size_t m_at = 0; // what of the buffer was read
	std::uint64_t m_line = 0;
	std::chrono::milliseconds m_latest{0};
};

} // namespace rawswarm
