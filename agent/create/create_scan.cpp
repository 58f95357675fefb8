// SPDX-License-Identifier: BSD-3-Clause
#include "agent/create/create_scan.hpp"

#include "base/bytes.hpp"
#include "base/text.hpp"
#include "storage/device/page_buffer.hpp"

#include <libtorrent/hasher.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace rawswarm
{

namespace
{

// How much is read at once to look for zeros: large enough for a disk, small enough to be in the CPU's cache
// still when it is copied and hashed. Initial value, not measured.
constexpr std::size_t read_size = 1_MiB;

class progress_report
{
public:
	progress_report(scan_settings const& settings, std::uint64_t total)
		: m_settings(settings)
		, m_total(static_cast<std::int64_t>(total))
	{}

	void at(std::uint64_t done) const
	{
		if (m_settings.progress)
		{
			m_settings.progress(static_cast<std::int64_t>(done), m_total);
		}
	}

private:
	scan_settings const& m_settings;
	std::int64_t m_total;
};

// past_cache: scan_settings::past_cache.
result<void> read_into(
	block_device& source, bool const past_cache, device_offset offset, std::span<char> buffer)
{
	if (past_cache)
	{
		return source.read_medium(offset, buffer);
	}
	iovec const vector{buffer.data(), buffer.size()};
	return source.read(offset, {&vector, 1});
}

std::span<char> first_part(std::span<char> buffer, std::uint64_t limit)
{
	return buffer.first(static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), limit)));
}

// Reads directly into the pieces. done: bytes of the total that precede the range.
result<void> hash_range(block_device& source, bool const past_cache, data_range range,
	piece_hash_pool& pieces, progress_report const& progress, std::uint64_t done)
{
	auto offset = range.begin;
	while (offset < range.end)
	{
		auto const buffer = first_part(pieces.space(), range.end - offset);
		BOOST_OUTCOME_TRYV(read_into(source, past_cache, offset, buffer));
		BOOST_OUTCOME_TRYV(pieces.check());
		pieces.commit(buffer.size());
		offset = offset + buffer.size();
		progress.at(done + (offset - range.begin));
	}
	return success();
}

// The checksum of an area, of the bytes that it is given in their order.
class area_checksum
{
public:
	explicit area_checksum(source_area const& area)
		: m_area(area)
		, m_is_sha1(area.checksum.size() == 2 * static_cast<std::size_t>(lt::sha1_hash::size()))
	{}

	void add(std::span<char const> bytes)
	{
		if (m_area.checksum.empty())
		{
			return;
		}
		lt::span<char const> const data(bytes.data(), static_cast<std::ptrdiff_t>(bytes.size()));
		if (m_is_sha1)
		{
			m_sha1.update(data);
		}
		else
		{
			m_sha256.update(data);
		}
	}

	// Called last.
	result<void> check(std::string const& source)
	{
		if (m_area.checksum.empty())
		{
			return success();
		}
		auto const sum = to_hex(m_is_sha1 ? m_sha1.final().to_string() : m_sha256.final().to_string());
		if (sum != m_area.checksum)
		{
			return fail(fault::verification,
				"reading {} at {:#x}: the checksum of {} bytes is {}, and the map says {}", source,
				m_area.range.offset.bytes, m_area.range.length, sum, m_area.checksum);
		}
		return success();
	}

private:
	source_area const& m_area;
	bool m_is_sha1;
	lt::hasher m_sha1;
	lt::hasher256 m_sha256;
};

class area_scanner
{
public:
	area_scanner(block_device& source, piece_hash_pool& pieces, scan_settings const& settings)
		: m_source(source)
		, m_pieces(pieces)
		, m_progress(settings, source.size())
		, m_extents(source.size(), settings.limits)
		, m_piece_size(settings.piece_size)
		, m_max_bytes(settings.max_pieces * static_cast<std::uint64_t>(settings.piece_size))
		, m_past_cache(settings.past_cache)
		, m_buffer(read_size)
	{}

	// Areas come in order. `data`: where the source may hold anything but zeros.
	result<void> scan(source_area const& area, sparse_map& data)
	{
		if (area.take == area_content::all)
		{
			BOOST_OUTCOME_TRYV(take_all(area));
		}
		else
		{
			BOOST_OUTCOME_TRYV(take_data(area, data));
		}
		m_progress.at(area.range.end().bytes);
		return success();
	}

	// Called last.
	std::vector<source_extent> take_extents()
	{
		if (m_extents.extents().empty())
		{
			std::uint64_t const length = std::min<std::uint64_t>(block_size, m_source.size());
			m_extents.add({0}, length);
			m_pieces.append_zeros(length);
		}
		m_progress.at(m_source.size());
		return m_extents.extents();
	}

private:
	result<void> take_all(source_area const& area)
	{
		BOOST_OUTCOME_TRYV(begin_run(area.range.offset, area.range.length, area.range.offset));
		area_checksum sum(area);
		auto offset = area.range.offset;
		while (offset < area.range.end())
		{
			auto const buffer = first_part(m_pieces.space(), area.range.end() - offset);
			BOOST_OUTCOME_TRYV(read_into(m_source, m_past_cache, offset, buffer));
			BOOST_OUTCOME_TRYV(m_pieces.check());
			sum.add(buffer);
			m_pieces.commit(buffer.size());
			offset = offset + buffer.size();
			m_progress.at(offset.bytes);
		}
		return sum.check(m_source.path());
	}

	result<void> take_data(source_area const& area, sparse_map& data)
	{
		auto offset = area.range.offset;
		while (offset < area.range.end())
		{
			BOOST_OUTCOME_TRY(range, data.next({offset.bytes / block_size * block_size}));
			if (!range || range->begin >= area.range.end())
			{
				break;
			}
			offset = std::max(offset, range->begin);
			BOOST_OUTCOME_TRYV(take_data(area, {offset, std::min(range->end, area.range.end())}));
			offset = range->end;
		}
		return success();
	}

	result<void> take_data(source_area const& area, data_range const range)
	{
		auto offset = range.begin;
		while (offset < range.end)
		{
			auto const buffer = first_part({m_buffer.data(), read_size}, range.end - offset);
			BOOST_OUTCOME_TRYV(read_into(m_source, m_past_cache, offset, buffer));
			BOOST_OUTCOME_TRYV(m_pieces.check());
			for (auto run = next_data_run(buffer, 0); run.length > 0;
				 run = next_data_run(buffer, run.begin + run.length))
			{
				BOOST_OUTCOME_TRYV(begin_run(offset + run.begin, run.length, area.range.offset));
				m_pieces.append(std::span<char const>(buffer).subspan(run.begin, run.length));
			}
			offset = offset + buffer.size();
			m_progress.at(offset.bytes);
		}
		return success();
	}

	// What lies between the last run and this one may become part of the extent: what of it was not seen to
	// be zeros, before `zeros_from`, is read.
	result<void> begin_run(
		device_offset const offset, std::uint64_t const length, device_offset const zeros_from)
	{
		auto const gap = m_extents.add(offset, length);
		m_bytes += gap + length;
		if (m_bytes > m_max_bytes)
		{
			return too_many_pieces(m_source.path(), m_piece_size, m_bytes, m_source.size());
		}
		device_offset const begin{offset.bytes - gap};
		auto const seen = std::clamp(zeros_from, begin, offset);
		auto at = begin;
		while (at < seen)
		{
			auto const buffer = first_part(m_pieces.space(), seen - at);
			BOOST_OUTCOME_TRYV(read_into(m_source, m_past_cache, at, buffer));
			m_pieces.commit(buffer.size());
			at = at + buffer.size();
		}
		m_pieces.append_zeros(offset - seen);
		return success();
	}

	block_device& m_source;
	piece_hash_pool& m_pieces;
	progress_report m_progress;
	extent_builder m_extents;
	std::int64_t m_piece_size;
	std::uint64_t m_max_bytes;
	std::uint64_t m_bytes = 0; // in extents
	bool m_past_cache;
	page_buffer m_buffer; // of read_size
};

scanned_source finished(std::vector<source_extent> extents, piece_hash_pool& pieces)
{
	scanned_source scanned;
	scanned.extents = std::move(extents);
	scanned.hashes = pieces.finish();
	for (auto const& extent : scanned.extents)
	{
		scanned.bytes += extent.length;
	}
	return scanned;
}

} // namespace

result<scanned_source> scan_whole(block_device& source, sparse_map& data, scan_settings const& settings)
{
	std::uint64_t const size = source.size();
	piece_hash_pool pieces(settings.piece_size, settings.threads, settings.sink);
	progress_report const progress(settings, size);
	device_offset offset;
	for (;;)
	{
		BOOST_OUTCOME_TRY(range, data.next(offset));
		if (!range)
		{
			break;
		}
		pieces.append_zeros(range->begin - offset);
		BOOST_OUTCOME_TRYV(
			hash_range(source, settings.past_cache, *range, pieces, progress, range->begin.bytes));
		offset = range->end;
	}
	pieces.append_zeros(size - offset.bytes);
	progress.at(size);
	return finished({{{0}, size, {}}}, pieces);
}

result<scanned_source> scan_areas(block_device& source, sparse_map& data,
	std::span<source_area const> const areas, scan_settings const& settings)
{
	piece_hash_pool pieces(settings.piece_size, settings.threads, settings.sink);
	area_scanner scanner(source, pieces, settings);
	for (auto const& area : areas)
	{
		BOOST_OUTCOME_TRYV(scanner.scan(area, data));
	}
	return finished(scanner.take_extents(), pieces);
}

result<scanned_source> scan_without_zeros(
	block_device& source, sparse_map& data, scan_settings const& settings)
{
	source_area const whole{{{0}, source.size()}, area_content::data};
	return scan_areas(source, data, {&whole, 1}, settings);
}

result<scanned_source> scan_extents(
	block_device& source, std::vector<source_extent> extents, scan_settings const& settings)
{
	std::uint64_t total = 0;
	for (auto const& extent : extents)
	{
		total += extent.length;
	}
	piece_hash_pool pieces(settings.piece_size, settings.threads, settings.sink);
	progress_report const progress(settings, total);
	std::uint64_t done = 0;
	for (auto const& extent : extents)
	{
		data_range const range{extent.offset, extent.offset + extent.length};
		BOOST_OUTCOME_TRYV(hash_range(source, settings.past_cache, range, pieces, progress, done));
		done += extent.length;
	}
	return finished(std::move(extents), pieces);
}

} // namespace rawswarm
