// SPDX-License-Identifier: BSD-3-Clause
#include "tests/bench/disk/seek_disk.hpp"

#include "tests/support/device/fuse_disk.hpp"

#include <algorithm>
#include <atomic>
#include <thread>

#include <sys/mman.h>

namespace rawswarm::bench
{

using clock = std::chrono::steady_clock;

struct seek_disk::shared_state
{
	seek_disk_options options;
	std::atomic<bool> slow{false};
	std::atomic<std::int64_t> requests{0};
	std::atomic<std::int64_t> reads{0};
	std::atomic<std::int64_t> seeks{0};
	std::atomic<std::int64_t> bytes{0};
};

// A disk transfers while bytes are copied, so the time for copying is deducted: twice, as they were copied
// out of the kernel before.
class seek_disk::timing final : public test::fuse_behaviour
{
public:
	explicit timing(shared_state& shared)
		: m_shared(shared)
	{}

	void on_request(std::uint64_t offset, std::size_t length, clock::duration copying) override;

private:
	shared_state& m_shared;
	std::uint64_t m_head = 0;
	clock::time_point m_free_at; // when the head has finished all requests so far
};

void seek_disk::timing::on_request(
	std::uint64_t const offset, std::size_t const length, clock::duration const copying)
{
	auto& s = m_shared;
	bool const seeks = offset != m_head;
	m_head = offset + length;
	if (!s.slow.load(std::memory_order_relaxed))
	{
		return;
	}
	++s.requests;
	s.seeks += seeks ? 1 : 0;
	s.bytes += static_cast<std::int64_t>(length);
	auto const transfer = std::chrono::duration<double>(double(length) / s.options.bytes_per_second);
	m_free_at = std::max(m_free_at, clock::now() - 2 * copying)
		+ std::chrono::duration_cast<clock::duration>(transfer)
		+ (seeks ? clock::duration(s.options.seek) : clock::duration::zero());
	std::this_thread::sleep_until(m_free_at);
}

seek_disk::seek_disk(seek_disk_options const& options)
	: m_shared(new (test::shared_memory(sizeof(shared_state))) shared_state)
	, m_timing(std::make_unique<timing>(*m_shared))
{
	m_shared->options = options;
	m_disk = std::make_unique<test::fuse_disk>(options.size, *m_timing);
	m_disk->fill(); // no page has to be allocated while time is measured
}

seek_disk::~seek_disk()
{
	m_disk.reset();
	::munmap(m_shared, sizeof(shared_state));
}

std::string seek_disk::file() const
{
	return m_disk->file();
}

seek_disk_counts seek_disk::counts() const
{
	auto const& s = *m_shared;
	double const seek_seconds = std::chrono::duration<double>(s.options.seek).count();
	return {s.requests, s.reads, s.seeks, s.bytes,
		double(s.seeks) * seek_seconds + double(s.bytes) / s.options.bytes_per_second};
}

void seek_disk::set_slow(bool const slow)
{
	m_shared->slow = slow;
}

} // namespace rawswarm::bench
