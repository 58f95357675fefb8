// SPDX-License-Identifier: BSD-3-Clause
// A block device or an image file.
//
// Reads go through the kernel's page cache, and so do writes, unless write_directly() was called: then
// writes of whole pages bypass it, straight from the caller's memory. A failure is then that write's own,
// with its offset, and not one at the next sync; and a machine that boots from memory keeps its memory. A
// page is never written both ways as long as two writes do not share it; where extents share a page, neither
// of them is whole pages. A file system that refuses a direct write although open() agreed to O_DIRECT gets
// that write, and all later ones, through the page cache.
//
// All members may be called from any thread at once. A range that ends past size() is refused before
// the kernel sees it, so that an image file never grows by mistake.
#pragma once

#include "base/first_error.hpp"
#include "base/mutex.hpp"
#include "base/unique_fd.hpp"
#include "storage/device/block_device.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <utility>

namespace rawswarm
{

class file_device final : public block_device
{
public:
	// An existing block device or regular file; anything else is refused. A device is not claimed
	// (no O_EXCL). Errors of the open functions are fault::target.
	static result<std::unique_ptr<file_device>> open(std::string const& path, device_access access);

	// A regular file for writing: created (mode 0644) if the path does not exist, extended to `size`
	// bytes if it is shorter, never shortened. A dangling symbolic link is not followed. The file is claimed
	// (file_claim.hpp) before it is changed, and as long as this lives.
	static result<std::unique_ptr<file_device>> open_image(std::string const& path, std::uint64_t size);

	// Writes whole pages with O_DIRECT from now on, if the device or the file system can. To be called before
	// the first write.
	void write_directly();
	bool writes_directly() const { return m_direct && m_direct_works.load(std::memory_order_relaxed); }

	// From a descriptor that the caller opened.
	static result<std::unique_ptr<file_device>> adopt(unique_fd fd, std::string path);

	// Keeps a claim on what is behind the device as long as this lives.
	void hold(unique_fd claim) { m_claim = std::move(claim); }

	result<void> read(device_offset offset, std::span<iovec const> buffers) override;
	result<void> read_medium(device_offset offset, std::span<char> buffer) override;
	result<void> write(device_offset offset, std::span<iovec const> buffers) override;
	result<void> zero(device_offset offset, std::uint64_t length) override;
	result<void> sync() override;
	void count_calls(std::shared_ptr<device_calls> const& calls) override { m_calls = calls; }
	std::uint64_t size() const override { return m_size; }
	std::string const& path() const override { return m_path; }

private:
	enum class file_kind
	{
		block,
		regular
	};

	file_device(unique_fd fd, std::string path, file_kind kind, std::uint64_t size);

	std::uint64_t direct_unit() const;
	int direct_reader();
	result<void> read_around(device_offset offset, std::span<char> buffer, std::uint64_t unit);
	result<void> read_uncached(device_offset offset, std::span<char> buffer);
	result<void> write_whole_pages(device_offset offset, std::span<iovec const> buffers);
	result<void> check_range(char const* action, device_offset offset, std::uint64_t length) const;
	result<void> zero_block_device(device_offset offset, std::uint64_t length);
	result<void> zero_pages(device_offset offset, std::uint64_t length);
	result<void> drop_cached(device_offset offset, std::uint64_t length);
	result<void> zero_regular_file(device_offset offset, std::uint64_t length);
	result<void> extend(std::uint64_t size);

	unique_fd m_claim; // released last
	unique_fd const m_fd;
	unique_fd m_direct; // the same device with O_DIRECT, or empty
	std::atomic<bool> m_direct_works{true};
	std::once_flag m_reader_opened;
	unique_fd m_direct_reader; // with O_DIRECT, or empty; m_reader_opened
	std::atomic<bool> m_direct_reads_work{true};
	std::string const m_path;
	std::shared_ptr<device_calls> m_calls = std::make_shared<device_calls>();
	file_kind const m_kind;
	std::uint64_t m_size; // bytes; fixed once the device is handed out
	first_error m_failed;
	mutex m_sync_mutex; // one sync at a time: see sync()
	bool m_created GUARDED_BY(m_sync_mutex) = false; // the folder's entry is not synced yet
};

} // namespace rawswarm
