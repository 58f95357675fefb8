// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/device/backend_fixture.hpp"

#include "storage/backend/raw_disk_io.hpp"
#include "storage/device/extent_map.hpp"
#include "storage/device/open_device.hpp"
#include "tests/support/base/value_of.hpp"

#include <libtorrent/mmap_disk_io.hpp>
#include <libtorrent/posix_disk_io.hpp>

#include <algorithm>
#include <filesystem>
#include <utility>

namespace rawswarm::test
{

std::string name_of(backend_kind const kind)
{
	switch (kind)
	{
	case backend_kind::mmap: return "mmap";
	case backend_kind::posix: return "posix";
	case backend_kind::rawswarm: break;
	}
	return "rawswarm";
}

backend_fixture::backend_fixture(backend_options const& options)
	: m_options(options)
	, m_context(std::make_shared<storage_context>(storage_settings{
		  .memory = options.memory, .io_threads = options.io_threads, .hash_threads = options.hash_threads}))
{
	m_settings.set_int(lt::settings_pack::aio_threads, options.io_threads);
	m_settings.set_int(lt::settings_pack::hashing_threads, options.hash_threads);
	auto const make = [&]() -> lt::disk_io_constructor_type {
		switch (options.kind)
		{
		case backend_kind::mmap: return lt::mmap_disk_io_constructor;
		case backend_kind::posix: return lt::posix_disk_io_constructor;
		case backend_kind::rawswarm: break;
		}
		return raw_disk_io_constructor(m_context);
	}();
	// it calls handlers from within the call for reads of blocks that it still holds
	m_answers_inside_calls = options.kind == backend_kind::mmap;
	m_io = make(m_ios, m_settings, m_counters);
}

backend_fixture::~backend_fixture()
{
	check_end();
}

std::size_t backend_fixture::add_torrent(std::vector<torrent_file> files, torrent_options options)
{
	auto const number = m_torrents.size();
	options.name = "disk-" + std::to_string(number);
	auto& t = add(std::move(files), options);
	std::string save_path = m_folder.path().string();
	if (kind() == backend_kind::rawswarm)
	{
		auto const path = m_folder / t.made.name;
		if (!m_options.image)
		{
			std::filesystem::create_directories(path);
		}
		auto extents = value_of(extent_map::build(t.info->files()));
		std::vector<std::string> names;
		for (auto const file : t.info->files().file_range())
		{
			names.emplace_back(t.info->files().file_name(file));
		}
		auto device =
			value_of(open_target(path, extents, names, direct_writes::automatic, missing_file::create));
		m_targets.push_back(std::make_shared<storage_target>(std::move(device), t.info, std::move(extents),
			target_options(), [this](error const&) { ++m_target_errors; }));
		save_path = path;
		m_context->add_target(save_path, m_targets.back());
	}
	start(t, save_path);
	return number;
}

std::string backend_fixture::bytes_at(
	torrent_file const& file, std::uint64_t const offset, std::size_t const length) const
{
	auto const path = m_folder.path() / current().made.name;
	return m_options.image ? read_at(path, file.offset + offset, length)
						   : read_at(path / offset_name(file.offset), offset, length);
}

bool backend_fixture::files_hold_image() const
{
	return std::ranges::all_of(current().made.files,
		[this](torrent_file const& file) { return bytes_at(file, 0, file.bytes.size()) == file.bytes; });
}

bool backend_fixture::files_hold_block(int const piece, int const block) const
{
	auto const& layout = info().files();
	for (auto const& part :
		layout.map_block(lt::piece_index_t{piece}, block * block_size, block_length(piece, block)))
	{
		if (layout.pad_file_at(part.file_index))
		{
			continue;
		}
		auto const place = parse_offset(std::string(layout.file_name(part.file_index)));
		auto const file = std::ranges::find(current().made.files, place->bytes, &torrent_file::offset);
		auto const begin = static_cast<std::uint64_t>(part.offset);
		auto const length = static_cast<std::size_t>(part.size);
		if (bytes_at(*file, begin, length) != file->bytes.substr(begin, length))
		{
			return false;
		}
	}
	return true;
}

} // namespace rawswarm::test
