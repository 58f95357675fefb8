// SPDX-License-Identifier: BSD-3-Clause
// A FUSE file system with one file in memory: a disk that behaves as a test wants.
//
// A child process serves it (fuse_process). Errors are thrown.
#pragma once

#include "tests/support/base/temp_dir.hpp"
#include "tests/support/device/fuse_process.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <new>
#include <span>
#include <string>

namespace rawswarm::test
{

// Called in the child, which can report to its parent through shared memory only.
class fuse_behaviour
{
public:
	virtual ~fuse_behaviour() = default;

	// May change the bytes that the disk keeps of a write.
	virtual void on_written(std::uint64_t /*offset*/, std::span<char> /*kept*/) {}

	// False: the range cannot be read (EIO).
	virtual bool can_read(std::uint64_t /*offset*/, std::size_t /*length*/) { return true; }

	// Called before a request is answered. copying: how long it took to move the bytes.
	virtual void on_request(
		std::uint64_t /*offset*/, std::size_t /*length*/, std::chrono::steady_clock::duration /*copying*/)
	{}

	// True: through the page cache. False: every request comes here.
	bool cached = false;
};

class fuse_disk
{
public:
	// The child has a copy of the behaviour, as of the whole process. Size in bytes.
	fuse_disk(std::uint64_t size, fuse_behaviour& behaviour);
	~fuse_disk(); // the file may not be open any more
	fuse_disk(fuse_disk const&) = delete;
	fuse_disk& operator=(fuse_disk const&) = delete;

	std::string file() const { return m_dir / "disk"; }

	// Touches all of its memory, so that no page has to be found later. It stays zeros.
	void fill();

private:
	temp_dir m_dir;
	char* m_content = nullptr;
	std::uint64_t m_size = 0;
	fuse_process m_process; // last: the child uses the others
};

// Memory that a child shares with its parent: zeros, and allocated only where it is touched.
void* shared_memory(std::size_t bytes);

} // namespace rawswarm::test
