// SPDX-License-Identifier: BSD-3-Clause
#include "tests/bench/disk/source_disk.hpp"

#include "tests/bench/disk/block_delivery.hpp"
#include "tests/support/base/throw_errno.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace rawswarm::bench
{

source_disk::source_disk(int const pieces, seek_disk_options const& options)
	: m_pieces(pieces)
	, m_disk({std::uint64_t(pieces) * piece_bytes, options.seek, options.bytes_per_second})
	, m_loop(m_disk.file(), {.direct = true})
	, m_fd(::open(m_loop.path().c_str(), O_RDWR | O_DIRECT | O_CLOEXEC))
	, m_piece(static_cast<char*>(std::aligned_alloc(4096, piece_bytes)), &std::free)
{
	for (int p = 0; p < pieces; ++p)
	{
		for (int b = 0; b < blocks_in_piece; ++b)
		{
			std::copy_n(block_content(p, b), block_size, m_piece.get() + std::ptrdiff_t(b) * block_size);
		}
		if (::pwrite(m_fd.get(), m_piece.get(), piece_bytes, off_t(p) * piece_bytes) != piece_bytes)
		{
			test::throw_errno("writing the image");
		}
	}
}

void source_disk::begin()
{
	if (::ioctl(m_fd.get(), BLKFLSBUF) != 0)
	{
		test::throw_errno("dropping the pages of " + path());
	}
	m_before = m_disk.counts();
	m_disk.set_slow(true);
}

seek_disk_counts source_disk::end()
{
	m_disk.set_slow(false);
	auto const c = m_disk.counts();
	return {c.requests - m_before.requests, 0, c.seeks - m_before.seeks, c.bytes - m_before.bytes,
		c.busy_seconds - m_before.busy_seconds};
}

double source_disk::sequential()
{
	begin();
	auto const start = std::chrono::steady_clock::now();
	for (int p = 0; p < m_pieces; ++p)
	{
		if (::pread(m_fd.get(), m_piece.get(), piece_bytes, off_t(p) * piece_bytes) != piece_bytes)
		{
			test::throw_errno("reading " + path());
		}
	}
	auto const took = std::chrono::steady_clock::now() - start;
	end();
	return m_pieces / std::chrono::duration<double>(took).count();
}

} // namespace rawswarm::bench
