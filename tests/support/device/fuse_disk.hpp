// SPDX-License-Identifier: BSD-3-Clause
// A FUSE file system with one file, kept in memory: a disk that behaves as a test wants it to.
//
// Served by a child process of its own, one request after the other. Needs root and /dev/fuse. Errors are
// thrown.
#pragma once

#include "tests/support/base/temp_dir.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <new>
#include <span>
#include <string>

#include <sys/types.h>

namespace rawswarm::test
{

// Called in the child: what it should tell its parent lies in shared memory.
class fuse_behaviour
{
public:
	virtual ~fuse_behaviour() = default;

	// What the disk keeps of a write, which may be something else.
	virtual void on_written(std::uint64_t /*offset*/, std::span<char> /*kept*/) {}

	// Before a request is answered. copying: how long it took to move the bytes.
	virtual void on_request(
		std::uint64_t /*offset*/, std::size_t /*length*/, std::chrono::steady_clock::duration /*copying*/)
	{}

	// Whether the kernel keeps what was read and written. Off: each request comes here.
	bool cached = false;
};

class fuse_disk
{
public:
	// The behaviour is copied with the whole process. Size in bytes.
	fuse_disk(std::uint64_t size, fuse_behaviour& behaviour);
	~fuse_disk(); // unmounts, and ends the child. Nothing may have the file open
	fuse_disk(fuse_disk const&) = delete;
	fuse_disk& operator=(fuse_disk const&) = delete;

	std::string file() const { return m_dir / "disk"; }

	// Touches all of its memory, which is zeros until something is written.
	void fill();

private:
	temp_dir m_dir;
	char* m_content = nullptr;
	std::uint64_t m_size = 0;
	pid_t m_child = -1;
};

// Memory that a child shares with its parent. Zeros at first; only what is touched takes any.
void* shared_memory(std::size_t bytes);

// True if FUSE works here, as root.
bool fuse_available();

} // namespace rawswarm::test
