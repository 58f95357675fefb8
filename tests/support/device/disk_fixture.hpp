// SPDX-License-Identifier: BSD-3-Clause
// The disk backend on a device in memory, with its io_context run by hand (disk_calls.hpp).
#pragma once

#include "storage/backend/storage_context.hpp"
#include "storage/backend/storage_target.hpp"
#include "tests/support/device/disk_calls.hpp"
#include "tests/support/device/memory_device.hpp"
#include "tests/support/torrent/torrent_maker.hpp"

#include <atomic>
#include <memory>
#include <vector>

namespace rawswarm::test
{

struct disk_options
{
	torrent_options torrent = {.piece_size = 64 * 1024};
	storage_settings settings = {.memory = 4 * 1024 * 1024};
	device_profile profile = {};
	bool known = true; // the torrent's save path names a target
	bool check_existing = false;
	bool must_match = false;
	piece_seals seals = {};
};

class disk_fixture : public disk_calls
{
public:
	explicit disk_fixture(std::vector<torrent_file> files, disk_options const& options = {});
	virtual ~disk_fixture();

	memory_device& device() { return *m_device; }
	storage_target& target() { return *m_target; }
	storage_context& context() { return *m_context; }
	disk_stats const& stats() const { return m_context->stats(); }
	int target_errors() const { return m_target_errors; } // calls of the target's on_error

	void put_image(); // onto the device, without the backend

	// Compares the whole device, gaps included.
	bool device_holds_image() const;

private:
	void before_end() override { m_device->release_all(); }

	memory_device* m_device = nullptr; // the target's
	std::atomic<int> m_target_errors{0};
	std::shared_ptr<storage_target> m_target;
	std::shared_ptr<storage_context> m_context;
};

// Consecutive extents of random content with a gap before each.
std::vector<torrent_file> extents_of(std::vector<std::size_t> const& sizes, std::uint64_t gap = 512);

} // namespace rawswarm::test
