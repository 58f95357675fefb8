// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/program/prepared_image.hpp"

#include "tests/support/device/device_content.hpp"

namespace rawswarm::test
{

namespace
{

constexpr std::uint64_t mib = 1024 * 1024;

} // namespace

prepared_image::prepared_image(extent_layout const& layout, torrent_options const& options)
	: prepared_image(scattered_extents(layout), options)
{}

prepared_image::prepared_image(std::vector<torrent_file> files, torrent_options const& options)
	: torrent(make_torrent(std::move(files), options))
	, torrent_path(dir / "disk.torrent")
	, source_path(dir / "source.img")
	, device_size((end_of(torrent.files) / mib + 2) * mib)
{
	write_file(torrent_path, torrent.bytes);
	write_file(source_path, expected_content(torrent.files, device_size, background::zeros));
}

} // namespace rawswarm::test
