// SPDX-License-Identifier: BSD-3-Clause
// A folder of files whose names are their byte offsets (partclone's BT image), seen as one device.
//
// Files with other names (torrent.info), empty files and folders inside are not part of it. A range
// may span adjacent files; a range that no file covers is an error. Errors of a transfer name
// the file and the offset inside it.
//
// All members may be called from any thread at once. At most 64 files are open, plus one per thread
// that is at work: a file is never closed during a transfer.
#pragma once

#include "base/first_error.hpp"
#include "base/mutex.hpp"
#include "base/unique_fd.hpp"
#include "storage/device/block_device.hpp"
#include "storage/device/extent_map.hpp"
#include "storage/device/file_device.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace rawswarm
{

// A file of the folder. `name` is the name alone.
struct folder_file
{
	device_offset offset;
	std::uint64_t length = 0; // bytes
	std::string name;
};

class folder_device final : public block_device
{
public:
	// For reading. The folder is listed once; files that are added later are not seen. Refused
	// (fault::target): files that overlap, a folder without such files.
	static result<std::unique_ptr<folder_device>> open(std::string const& path);

	// For writing, into an existing folder. Each extent gets a file with the name names[extent::file],
	// created and made as long as the extent. Nothing is created if check() or a name is refused. The folder
	// is claimed (file_claim.hpp) as long as this lives.
	static result<std::unique_ptr<folder_device>> create(
		std::string const& path, extent_map const& extents, std::span<std::string const> names);

	// That the folder can be written to and holds only files of the torrent: none at another offset, none
	// that is longer than its extent. Changes nothing.
	static result<void> check(std::string const& path, extent_map const& extents);

	result<void> read(device_offset offset, std::span<iovec const> buffers) override;
	result<void> read_medium(device_offset offset, std::span<char> buffer) override;
	result<void> write(device_offset offset, std::span<iovec const> buffers) override;
	result<void> zero(device_offset offset, std::uint64_t length) override;
	result<void> sync() override;
	void count_calls(std::shared_ptr<device_calls> const& calls) override { m_calls = calls; }
	std::uint64_t size() const override;
	std::string const& path() const override { return m_path; }

	// In the order of the device. They do not change.
	std::span<folder_file const> files() const { return m_files; }

private:
	using open_file = std::pair<std::size_t, std::shared_ptr<file_device>>; // index into m_files

	folder_device(unique_fd folder, std::string path, std::vector<folder_file> files, device_access access);

	template <class Step>
	result<void> for_each_file(
		char const* action, device_offset offset, std::uint64_t length, Step const& step);
	result<std::shared_ptr<file_device>> use(std::size_t file);
	std::shared_ptr<file_device> find_open(std::size_t file) REQUIRES(m_open_mutex);
	result<void> sync_written();

	unique_fd const m_folder;
	std::string const m_path;
	std::vector<folder_file> const m_files; // sorted by offset, without overlaps
	device_access const m_access;
	std::shared_ptr<device_calls> m_calls = std::make_shared<device_calls>();
	std::vector<std::atomic<bool>> m_written; // by file: since the last sync
	std::atomic<bool> m_closed_some{false}; // a file that may be written was closed since the last sync
	first_error m_failed;
	mutex m_sync_mutex; // one sync at a time, for file_device::sync's reason

	mutex m_open_mutex;
	std::list<open_file> m_open GUARDED_BY(m_open_mutex); // most recently used first
};

} // namespace rawswarm
