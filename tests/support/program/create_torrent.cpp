// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/program/create_torrent.hpp"

#include "base/bytes.hpp"
#include "base/text.hpp"
#include "storage/device/units.hpp"
#include "tests/support/base/random_bytes.hpp"

#include <libtorrent/hasher.hpp>

#include <cstddef>
#include <filesystem>
#include <stdexcept>

namespace rawswarm::test
{

namespace
{

created load(create_summary summary, std::string const& bytes)
{
	lt::torrent_info torrent(bytes, lt::from_span);
	auto extents = extent_map::build(torrent.files()).value();
	auto hints = read_hints(torrent, extents).value();
	return {std::move(summary), torrent, std::move(extents), hints};
}

// The same hashes as those of the extents' bytes, put one behind the other.
void expect_hashes(created const& made, std::string const& source)
{
	std::string bytes;
	for (auto const& extent : made.extents.extents())
	{
		bytes += source.substr(extent.offset.bytes, extent.length);
	}
	auto const size = static_cast<std::size_t>(made.torrent.piece_length());
	ASSERT_EQ(static_cast<std::size_t>(made.torrent.num_pieces()), (bytes.size() + size - 1) / size);
	for (auto const piece : made.torrent.piece_range())
	{
		auto const begin = static_cast<std::size_t>(static_cast<int>(piece)) * size;
		EXPECT_EQ(made.torrent.hash_for_piece(piece), lt::hasher(bytes.substr(begin, size)).final());
	}
}

// Laid onto zeros, the extents give the source.
void expect_covered(created const& made, std::string const& source)
{
	std::string copy(source.size(), '\0');
	for (auto const& extent : made.extents.extents())
	{
		EXPECT_EQ(extent.offset.bytes % block_size, 0U);
		EXPECT_TRUE(extent.length % block_size == 0 || extent.offset.bytes + extent.length == source.size());
		copy.replace(extent.offset.bytes, extent.length, source, extent.offset.bytes, extent.length);
	}
	EXPECT_TRUE(copy == source);
}

} // namespace

create_torrent::create_torrent()
{
	m_options.source = m_dir / "disk.img";
	m_options.output = m_dir / "out/disk.torrent";
	m_options.piece_size = 64 * 1024;
	m_options.threads = 2;
	std::filesystem::create_directory(m_dir / "out");
}

created create_torrent::make()
{
	auto summary = create(m_options);
	if (!summary)
	{
		throw std::runtime_error(summary.error().text);
	}
	return load(std::move(summary).value(), read_file(m_options.output));
}

created create_torrent::make(std::string const& source)
{
	write_file(m_options.source, source);
	return make();
}

void create_torrent::expect_refused(fault const kind, std::string const& text)
{
	auto const made = create(m_options);
	ASSERT_FALSE(made);
	EXPECT_EQ(made.error().kind, kind) << made.error().text;
	EXPECT_NE(made.error().text.find(text), std::string::npos) << made.error().text;
	EXPECT_TRUE(std::filesystem::is_empty(m_dir / "out"));
}

std::string source_content(std::string const& pattern)
{
	std::string bytes;
	for (std::size_t i = 0; i < pattern.size(); ++i)
	{
		bytes += pattern[i] == 'x' ? random_bytes(i + 1, block_size) : std::string(block_size, '\0');
	}
	return bytes;
}

extent_list extents_of(created const& made)
{
	extent_list list;
	for (auto const& extent : made.extents.extents())
	{
		list.emplace_back(extent.offset.bytes, extent.length);
	}
	return list;
}

void expect_device_order(created const& made)
{
	std::uint64_t at = 0;
	for (auto const& extent : made.extents.extents())
	{
		EXPECT_EQ(extent.torrent_offset, at);
		at += extent.length;
	}
	EXPECT_EQ(at, made.extents.total());
}

void expect_faithful(created const& made, std::string const& source)
{
	expect_device_order(made);
	expect_hashes(made, source);
	expect_covered(made, source);
	EXPECT_EQ(made.hints.source_size, source.size());
	EXPECT_EQ(!made.hints.zero_ranges.empty(), made.extents.total() < source.size());
	EXPECT_EQ(made.summary.source_size, static_cast<std::int64_t>(source.size()));
	EXPECT_EQ(made.summary.extents, static_cast<std::int64_t>(made.extents.extents().size()));
	EXPECT_EQ(made.summary.bytes, static_cast<std::int64_t>(made.extents.total()));
	EXPECT_EQ(made.summary.piece_size, made.torrent.piece_length());
	EXPECT_EQ(made.summary.pieces, made.torrent.num_pieces());
	EXPECT_EQ(made.summary.info_hash, to_hex(made.torrent.info_hashes().v1.to_string()));
}

} // namespace rawswarm::test
