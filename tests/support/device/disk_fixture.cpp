// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/device/disk_fixture.hpp"

#include "storage/backend/raw_disk_io.hpp"
#include "tests/support/base/random_bytes.hpp"
#include "tests/support/base/value_of.hpp"

#include <libtorrent/settings_pack.hpp>

#include <string>
#include <utility>

namespace rawswarm::test
{

namespace
{

std::string const known_path = "target-0";
std::string const unknown_path = "nowhere";

} // namespace

disk_fixture::disk_fixture(std::vector<torrent_file> files, disk_options const& options)
{
	auto& t = add(std::move(files), options.torrent);
	auto device = std::make_unique<memory_device>(end_of(t.made.files) + 4096);
	m_device = device.get();
	m_target = std::make_shared<storage_target>(std::move(device), t.info,
		value_of(extent_map::build(t.info->files())),
		target_options{options.profile, options.check_existing, options.must_match, {}, options.seals},
		[this](error const&) { ++m_target_errors; });
	m_context = std::make_shared<storage_context>(options.settings);
	m_context->add_target(known_path, m_target);
	m_io = raw_disk_io_constructor(m_context)(m_ios, lt::settings_pack(), m_counters);
	start(t, options.known ? known_path : unknown_path);
}

disk_fixture::~disk_fixture()
{
	check_end();
}

void disk_fixture::put_image()
{
	for (auto const& file : current().made.files)
	{
		m_device->put(file.offset, file.bytes);
	}
}

bool disk_fixture::device_holds_image() const
{
	std::string expected(m_device->size(), memory_device::untouched_byte);
	for (auto const& file : current().made.files)
	{
		expected.replace(file.offset, file.bytes.size(), file.bytes);
	}
	return m_device->bytes(0, m_device->size()) == expected;
}

std::vector<torrent_file> extents_of(std::vector<std::size_t> const& sizes, std::uint64_t const gap)
{
	std::vector<torrent_file> files;
	std::uint64_t at = 0;
	for (auto const size : sizes)
	{
		at += gap;
		files.push_back({.offset = at, .bytes = random_bytes(at + 1, size)});
		at += size;
	}
	return files;
}

} // namespace rawswarm::test
