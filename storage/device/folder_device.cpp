// SPDX-License-Identifier: BSD-3-Clause
#include "storage/device/folder_device.hpp"

#include "base/clean_text.hpp"
#include "storage/device/device_checks.hpp"
#include "storage/device/exact_io.hpp"
#include "storage/device/file_claim.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <functional>
#include <optional>
#include <string_view>

#include <fcntl.h>
#include <unistd.h>

namespace rawswarm
{

namespace
{

// Far below the usual limit of 1,024 descriptors, most of which are for peers. Initial value, not measured.
constexpr std::size_t max_open_files = 64;

enum class links
{
	follow,
	refuse
};

template <class... Args>
error refused(std::string const& path, fmt::format_string<Args...> why, Args&&... args)
{
	return fail(fault::target, "opening {}: {}", path, fmt::format(why, std::forward<Args>(args)...));
}

error no_file_covers(char const* action, std::string const& path, device_offset at)
{
	return {fault::device, system_error(EINVAL),
		fmt::format("{} {} at {:#x}: no file covers it", action, path, at.bytes)};
}

result<unique_fd> open_folder(std::string const& path)
{
	unique_fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	if (!fd)
	{
		return opening_failed(path, errno);
	}
	return fd;
}

// The entry as a part of the device, if it is one.
result<std::optional<folder_file>> inspect(
	std::string const& folder, std::filesystem::directory_entry const& entry, links treatment)
{
	auto const name = entry.path().filename().string();
	auto const offset = parse_offset(name);
	if (!offset)
	{
		return std::optional<folder_file>();
	}
	std::error_code ec;
	auto const status = treatment == links::follow ? entry.status(ec) : entry.symlink_status(ec);
	if (ec)
	{
		return fail(fault::target, ec, "opening {}", entry.path().string());
	}
	if (std::filesystem::is_directory(status))
	{
		return std::optional<folder_file>();
	}
	if (!std::filesystem::is_regular_file(status))
	{
		return refused(folder, "\"{}\" in it is not a regular file", printable(name));
	}
	auto const length = entry.file_size(ec);
	if (ec)
	{
		return fail(fault::target, ec, "opening {}", entry.path().string());
	}
	if (length > max_device_end - offset->bytes)
	{
		return refused(folder, "\"{}\" in it ends past the end of any device", printable(name));
	}
	return folder_file{*offset, length, name};
}

// The files of the folder that are named by an offset, in the order of the device.
result<std::vector<folder_file>> scan(std::string const& path, links treatment)
{
	std::error_code ec;
	std::vector<folder_file> files;
	std::filesystem::directory_iterator entries(path, ec);
	for (; !ec && entries != std::filesystem::directory_iterator(); entries.increment(ec))
	{
		BOOST_OUTCOME_TRY(file, inspect(path, *entries, treatment));
		if (file)
		{
			files.push_back(*std::move(file));
		}
	}
	if (ec)
	{
		return fail(fault::target, ec, "opening {}", path);
	}
	std::ranges::sort(files, {}, &folder_file::offset);
	return files;
}

result<void> check_overlaps(std::string const& path, std::span<folder_file const> files)
{
	auto const overlap = find_overlap(files);
	if (overlap == files.end())
	{
		return success();
	}
	return refused(path, "its files \"{}\" (length {:#x}) and \"{}\" overlap", printable(overlap->name),
		overlap->length, printable(std::next(overlap)->name));
}

// That a file which the folder holds already belongs to the torrent.
result<void> check_known(std::string const& path, folder_file const& file, std::span<extent const> extents)
{
	auto const known = std::ranges::lower_bound(extents, file.offset, {}, &extent::offset);
	if (known == extents.end() || known->offset != file.offset)
	{
		return refused(
			path, "it holds \"{}\", and the torrent has no file at that offset", printable(file.name));
	}
	if (file.length > known->length)
	{
		return refused(path, "\"{}\" in it has {} bytes, in the torrent {}", printable(file.name),
			file.length, known->length);
	}
	return success();
}

// The files that the folder is to hold, in the order of the device.
result<std::vector<folder_file>> plan(
	std::string const& path, extent_map const& extents, std::span<std::string const> names)
{
	std::vector<folder_file> files;
	files.reserve(extents.extents().size());
	for (auto const& part : extents.extents())
	{
		auto const index = static_cast<std::size_t>(static_cast<int>(part.file));
		// A name that is an offset cannot lead out of the folder.
		if (index >= names.size() || parse_offset(names[index]) != part.offset)
		{
			return refused(path, "no name for the file at {:#x}", part.offset.bytes);
		}
		files.push_back({part.offset, part.length, names[index]});
	}
	return files;
}

// A second file for the same offset under another spelling would make the folder useless.
result<void> check_names(std::string const& path, std::span<folder_file const> planned)
{
	BOOST_OUTCOME_TRY(present, scan(path, links::refuse));
	for (auto const& file : present)
	{
		auto const known = std::ranges::lower_bound(planned, file.offset, {}, &folder_file::offset);
		if (known == planned.end() || known->name != file.name)
		{
			return refused(
				path, "it holds \"{}\", which has another name in the torrent", printable(file.name));
		}
	}
	return success();
}

} // namespace

folder_device::folder_device(
	unique_fd folder, std::string path, std::vector<folder_file> files, device_access access)
	: m_folder(std::move(folder))
	, m_path(std::move(path))
	, m_files(std::move(files))
	, m_access(access)
	, m_written(m_files.size())
{}

result<std::unique_ptr<folder_device>> folder_device::open(std::string const& path)
{
	BOOST_OUTCOME_TRY(folder, open_folder(path));
	BOOST_OUTCOME_TRY(files, scan(path, links::follow));
	std::erase_if(files, [](folder_file const& file) { return file.length == 0; });
	if (files.empty())
	{
		return refused(path, "no file in it has a byte offset for a name");
	}
	BOOST_OUTCOME_TRYV(check_overlaps(path, files));
	return std::unique_ptr<folder_device>(
		new folder_device(std::move(folder), path, std::move(files), device_access::read_only));
}

result<void> folder_device::check(std::string const& path, extent_map const& extents)
{
	if (::faccessat(AT_FDCWD, path.c_str(), W_OK | X_OK, AT_EACCESS) != 0)
	{
		return opening_failed(path, errno);
	}
	BOOST_OUTCOME_TRYV(check_unclaimed(path, path));
	BOOST_OUTCOME_TRY(present, scan(path, links::refuse));
	for (auto const& file : present)
	{
		BOOST_OUTCOME_TRYV(check_known(path, file, extents.extents()));
	}
	return success();
}

result<std::unique_ptr<folder_device>> folder_device::create(
	std::string const& path, extent_map const& extents, std::span<std::string const> names)
{
	BOOST_OUTCOME_TRYV(check(path, extents));
	BOOST_OUTCOME_TRY(files, plan(path, extents, names));
	BOOST_OUTCOME_TRYV(check_names(path, files));
	BOOST_OUTCOME_TRY(folder, open_folder(path));
	BOOST_OUTCOME_TRYV(claim_file(folder.get(), path));
	for (auto const& file : files)
	{
		BOOST_OUTCOME_TRYV(file_device::open_image(path + "/" + file.name, file.length));
	}
	std::unique_ptr<folder_device> device(
		new folder_device(std::move(folder), path, std::move(files), device_access::read_write));
	std::ranges::for_each(device->m_written, [](auto& written) { written = true; });
	return device;
}

std::uint64_t folder_device::size() const
{
	return m_files.empty() ? 0 : (m_files.back().offset + m_files.back().length).bytes;
}

// The open file, which is the most recently used one from here on. Null if it is not open.
std::shared_ptr<file_device> folder_device::find_open(std::size_t file)
{
	auto const found = std::ranges::find(m_open, file, &open_file::first);
	if (found == m_open.end())
	{
		return nullptr;
	}
	m_open.splice(m_open.begin(), m_open, found);
	return found->second;
}

result<std::shared_ptr<file_device>> folder_device::use(std::size_t file)
{
	std::shared_ptr<file_device> closed_without_lock;
	mutex_lock l(m_open_mutex);
	if (auto open = find_open(file))
	{
		return open;
	}
	l.unlock();
	auto r = file_device::open(m_path + "/" + m_files[file].name, m_access);
	if (!r)
	{
		auto failed = std::move(r).error();
		failed.kind = fault::device;
		return failed;
	}
	std::shared_ptr<file_device> opened = std::move(r).value();
	opened->count_calls(m_calls);
	l.lock();
	if (auto open = find_open(file))
	{
		closed_without_lock = std::move(opened);
		return open;
	}
	m_open.emplace_front(file, opened);
	if (m_open.size() > max_open_files)
	{
		closed_without_lock = std::move(m_open.back().second);
		m_open.pop_back();
		m_closed_some = m_access == device_access::read_write;
	}
	return opened;
}

// step(file, offset in the file, bytes of the range before it, bytes in it), from the first to the last.
template <class Step>
result<void> folder_device::for_each_file(
	char const* action, device_offset offset, std::uint64_t length, Step const& step)
{
	auto next = std::ranges::upper_bound(m_files, offset, {}, &folder_file::offset);
	for (std::uint64_t done = 0; done < length;)
	{
		auto const at = offset + done;
		if (next == m_files.begin() || at - std::prev(next)->offset >= std::prev(next)->length)
		{
			return no_file_covers(action, m_path, at);
		}
		auto const& file = *std::prev(next);
		auto const inside = at - file.offset;
		auto const part = std::min(length - done, file.length - inside);
		auto const index = static_cast<std::size_t>(std::prev(next) - m_files.begin());
		BOOST_OUTCOME_TRYV(step(index, device_offset{inside}, done, part));
		done += part;
		if (next != m_files.end())
		{
			++next;
		}
	}
	return success();
}

result<void> folder_device::read(device_offset offset, std::span<iovec const> buffers)
{
	auto const length = total_length(buffers);
	auto const step = [&](std::size_t index, device_offset at, std::uint64_t skip,
						  std::uint64_t part) -> result<void> {
		BOOST_OUTCOME_TRY(file, use(index));
		return part == length ? file->read(at, buffers) : file->read(at, slice(buffers, skip, part));
	};
	return for_each_file("reading", offset, length, step);
}

result<void> folder_device::read_medium(device_offset offset, std::span<char> buffer)
{
	return for_each_file("reading", offset, buffer.size(),
		[&](std::size_t file, device_offset inside, std::uint64_t done, std::uint64_t part) -> result<void> {
			BOOST_OUTCOME_TRY(opened, use(file));
			return opened->read_medium(inside, buffer.subspan(done, part));
		});
}

result<void> folder_device::write(device_offset offset, std::span<iovec const> buffers)
{
	auto const length = total_length(buffers);
	auto const step = [&](std::size_t index, device_offset at, std::uint64_t skip,
						  std::uint64_t part) -> result<void> {
		m_written[index] = true;
		BOOST_OUTCOME_TRY(file, use(index));
		return part == length ? file->write(at, buffers) : file->write(at, slice(buffers, skip, part));
	};
	auto written = for_each_file("writing", offset, length, step);
	return written ? std::move(written) : m_failed.keep(std::move(written).error());
}

result<void> folder_device::zero(device_offset offset, std::uint64_t length)
{
	auto const step = [&](std::size_t index, device_offset at, std::uint64_t,
						  std::uint64_t part) -> result<void> {
		m_written[index] = true;
		BOOST_OUTCOME_TRY(file, use(index));
		return file->zero(at, part);
	};
	auto zeroed = for_each_file("zeroing", offset, length, step);
	return zeroed ? std::move(zeroed) : m_failed.keep(std::move(zeroed).error());
}

result<void> folder_device::sync()
{
	mutex_lock const l(m_sync_mutex);
	BOOST_OUTCOME_TRYV(m_failed.check());
	auto synced = sync_written();
	if (!synced)
	{
		return m_failed.keep(std::move(synced).error());
	}
	return m_failed.check();
}

result<void> folder_device::sync_written()
{
	for (std::size_t index = 0; index < m_files.size(); ++index)
	{
		if (m_written[index].exchange(false))
		{
			BOOST_OUTCOME_TRY(file, use(index));
			BOOST_OUTCOME_TRYV(file->sync());
		}
	}
	// The kernel may have forgotten a closed file, and with it that its write-back failed. The file
	// system still knows.
	if (m_closed_some.exchange(false))
	{
		device_calls::count(m_calls->syncfs);
		if (::syncfs(m_folder.get()) != 0)
		{
			return fail(fault::device, system_error(errno), "syncing the file system of {}", m_path);
		}
	}
	device_calls::count(m_calls->fsync);
	if (::fsync(m_folder.get()) != 0)
	{
		return fail(fault::device, system_error(errno), "syncing {}", m_path);
	}
	return success();
}

} // namespace rawswarm
