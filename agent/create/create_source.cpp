// SPDX-License-Identifier: BSD-3-Clause
#include "agent/create/create_source.hpp"

#include "agent/create/image_compressor.hpp"
#include "agent/create/source_use.hpp"
#include "base/atomic_file.hpp"
#include "base/unique_fd.hpp"
#include "storage/device/folder_device.hpp"
#include "storage/device/gpt_place.hpp"
#include "storage/device/open_device.hpp"
#include "storage/device/sys_block.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <utility>

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

namespace rawswarm
{

namespace
{

namespace fs = std::filesystem;

bool is_name(std::string const& name)
{
	return !name.empty() && name != "." && name != ".." && name.find('/') == std::string::npos
		&& name.find('\0') == std::string::npos;
}

bool same_file(std::string const& a, std::string const& b)
{
	std::error_code ignored; // what is not there is not the same
	return fs::equivalent(a, b, ignored);
}

result<struct stat> status_of(std::string const& path)
{
	struct stat status = {};
	if (::stat(path.c_str(), &status) != 0)
	{
		return fail(fault::target, system_error(errno), "opening {}", path);
	}
	return status;
}

result<create_source> open_folder(create_options const& options)
{
	if (options.skip_zeros)
	{
		return fail(fault::usage, "{}: zeros cannot be left out of a folder", options.source);
	}
	if (options.map.from != map_source::none)
	{
		return fail(fault::usage, "{}: a folder of offset-named files needs no map", options.source);
	}
	BOOST_OUTCOME_TRY(device, folder_device::open(options.source));
	std::uint64_t const size = device->size();
	create_source source{nullptr, sparse_map(size), true, false, {}, size, 0, {}};
	for (auto const& file : device->files())
	{
		source.folder_extents.push_back({file.offset, file.length, file.name});
		source.bytes += file.length;
	}
	source.device = std::move(device);
	return source;
}

result<std::string> read_part(block_device& device, std::uint64_t const offset, std::uint64_t const length)
{
	std::string bytes(length, '\0');
	iovec const vector{bytes.data(), bytes.size()};
	BOOST_OUTCOME_TRYV(device.read(device_offset{offset}, {&vector, 1}));
	return bytes;
}

// Refuses what holds a disk's bytes in some other form: written to a disk as it is, it would be a success
// that boots nothing.
result<void> check_format(create_options const& options, block_device& device, bool const is_file)
{
	BOOST_OUTCOME_TRY(found, find_foreign_format(device, is_file));
	if (found)
	{
		auto const* const on_the_way =
			is_file && found->unpacks_on_the_way ? "give --compress, which unpacks it on the way, or " : "";
		return fail(fault::target,
			"reading {}: it is {}, not the bytes of a disk: {}{}, or give --raw if this is what the disk is "
			"to "
			"hold",
			options.source, found->name, on_the_way, found->remedy);
	}
	return success();
}

// Of a disk, not of a partition. Empty: a file.
result<std::optional<std::uint64_t>> sector_of_disk(std::string const& path, struct stat const& status)
{
	if (!S_ISBLK(status.st_mode)
		|| has_file(sys_folder(block_device_id::of(status.st_rdev), {}) / "partition"))
	{
		return std::optional<std::uint64_t>();
	}
	unique_fd const fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
	int bytes = 0;
	if (!fd || ::ioctl(fd.get(), BLKSSZGET, &bytes) != 0)
	{
		return fail(fault::target, system_error(errno), "opening {}", path);
	}
	return std::optional(static_cast<std::uint64_t>(bytes));
}

result<create_source> open_image(
	create_options const& options, std::unique_ptr<block_device> device, bool is_file)
{
	std::uint64_t const size = device->size();
	if (size == 0)
	{
		return fail(fault::target, "reading {}: it is empty", options.source);
	}
	if (!options.raw)
	{
		BOOST_OUTCOME_TRYV(check_format(options, *device, is_file));
	}
	create_source source{std::move(device), sparse_map(size), false, is_file, {}, size, size, {}};
	if (is_file)
	{
		BOOST_OUTCOME_TRY(data, sparse_map::of_file(options.source, size));
		source.data = std::move(data);
	}
	return source;
}

result<void> check_output(std::string const& output, std::string const& source)
{
	BOOST_OUTCOME_TRYV(check_writable(output));
	if (same_file(output, source))
	{
		return fail(fault::usage, "writing {}: it is the source", output);
	}
	auto const folder = fs::path(output).parent_path();
	if (same_file(folder.empty() ? "." : folder.string(), source))
	{
		return fail(fault::usage, "writing {}: it lies in the folder that is the source", output);
	}
	return success();
}

} // namespace

result<std::string> torrent_name(create_options const& options)
{
	if (!options.name.empty())
	{
		if (!is_name(options.name))
		{
			return fail(fault::usage, "torrent name {}: not the name of a folder", options.name);
		}
		return options.name;
	}
	std::error_code ec;
	auto path = fs::absolute(options.source, ec).lexically_normal();
	if (!path.has_filename())
	{
		path = path.parent_path(); // of "folder/"
	}
	auto name = path.filename().string();
	if (ec || !is_name(name))
	{
		return fail(fault::usage, "{}: a name for the torrent is needed", options.source);
	}
	return name;
}

result<void> check_output(create_options const& options)
{
	BOOST_OUTCOME_TRYV(check_output(options.output, options.source));
	if (options.compress)
	{
		BOOST_OUTCOME_TRYV(check_output(compressed_image_path(options.output), options.source));
	}
	return success();
}

result<std::optional<foreign_format>> find_foreign_format(block_device& source, bool const is_file)
{
	std::uint64_t const size = source.size();
	auto const head_size = std::min<std::uint64_t>(size, format_head_bytes);
	auto const tail_size = is_file ? std::min<std::uint64_t>(size, format_tail_bytes) : 0;
	BOOST_OUTCOME_TRY(head, read_part(source, 0, head_size));
	BOOST_OUTCOME_TRY(tail, read_part(source, size - tail_size, tail_size));
	return recognise_format(head, tail);
}

std::optional<std::uint64_t> sector_of_table(
	std::span<char const> const start, std::optional<std::uint64_t> const of_disk)
{
	if (auto const of_gpt = gpt_sector(start, of_disk.value_or(sys_sector)))
	{
		return of_gpt;
	}
	return has_boot_signature(start) ? of_disk : std::nullopt;
}

result<create_source> open_create_source(create_options const& options)
{
	BOOST_OUTCOME_TRY(status, status_of(options.source));
	if (S_ISBLK(status.st_mode) && !options.allow_mounted)
	{
		BOOST_OUTCOME_TRYV(
			check_unchanging(device_label(options.source), block_device_id::of(status.st_rdev)));
	}
	if (S_ISDIR(status.st_mode))
	{
		return open_folder(options);
	}
	BOOST_OUTCOME_TRY(device, open_source(options.source));
	BOOST_OUTCOME_TRY(source, open_image(options, std::move(device), S_ISREG(status.st_mode)));
	BOOST_OUTCOME_TRY(of_disk, sector_of_disk(options.source, status));
	BOOST_OUTCOME_TRY(start, read_part(*source.device, 0, std::min<std::uint64_t>(gpt_reach, source.size)));
	source.sector_size = sector_of_table(start, of_disk);
	return std::move(source);
}

} // namespace rawswarm
