// SPDX-License-Identifier: BSD-3-Clause
// A device in memory that fails, stalls and remembers as a test asks.
//
// All members are thread-safe. Bytes that were never written are untouched_byte. Errors are those of a real
// device: fault::device with an ec.
#pragma once

#include "storage/device/block_device.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rawswarm::test
{

enum class device_call
{
	read,
	write,
	sync
};

class memory_device final : public block_device
{
public:
	static constexpr char untouched_byte = '\x5a';

	explicit memory_device(std::size_t size);

	// The n-th call of this kind from now on (1: the next) fails; those after it succeed.
	void fail(device_call kind, int n, int error_number);

	// Calls of this kind wait until release().
	void block(device_call kind);
	void release(device_call kind);
	void release_all();

	// True once that many calls wait; false after 5 s.
	bool wait_for_blocked(int calls);

	// From now on writes move a random number of bytes or are interrupted before the first, as the kernel
	// allows. The real code copes with that (storage/device/exact_io.hpp).
	void split_writes(unsigned seed);

	// From now on each call takes so long.
	void linger(std::chrono::milliseconds time);

	// Loses everything that was not synced, as a power cut does.
	void crash();

	struct log_entry
	{
		device_call kind{};
		std::uint64_t offset = 0;
		std::uint64_t length = 0; // bytes
	};

	// In the order in which the calls began, failed ones too.
	std::vector<log_entry> log() const;
	int count(device_call kind) const;

	// The most calls of this kind that were under way at the same time.
	int most_at_once(device_call kind) const;

	// Not logged and never blocked.
	std::string bytes(std::uint64_t offset, std::size_t length) const;
	void put(std::uint64_t offset, std::string_view bytes);

	result<void> read(device_offset offset, std::span<iovec const> buffers) override;
	result<void> write(device_offset offset, std::span<iovec const> buffers) override;
	result<void> zero(device_offset offset, std::uint64_t length) override;
	result<void> sync() override;
	std::uint64_t size() const override { return m_bytes.size(); }
	std::string const& path() const override { return m_path; }

private:
	class under_way;

	void copy_in(std::uint64_t offset, std::span<iovec const> buffers);
	result<void> begin(device_call kind, std::uint64_t offset, std::uint64_t length);

	std::string const m_path = "memory";
	mutable std::mutex m_mutex;
	std::condition_variable m_changed;
	std::string m_bytes;
	std::string m_synced; // m_bytes as of the last sync
	std::optional<std::mt19937> m_splitting;
	std::vector<log_entry> m_log;
	std::set<device_call> m_blocked;
	std::chrono::milliseconds m_linger{0};
	std::map<device_call, int> m_under_way;
	std::map<device_call, int> m_most;
	int m_waiting = 0;

	struct planned_failure
	{
		int calls_left = 0;
		int error_number = 0;
	};
	std::map<device_call, planned_failure> m_failures;
};

} // namespace rawswarm::test
