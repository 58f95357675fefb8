// SPDX-License-Identifier: BSD-3-Clause
#include "agent/create/create_scan.hpp"

#include "agent/create/area_checksum.hpp"
#include "base/bytes.hpp"
#include "storage/device/page_buffer.hpp"

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

// Counts what was read.
class progress_report
{
public:
	progress_report(scan_settings const& settings, std::uint64_t total)
		: m_settings(settings)
		, m_total(static_cast<std::int64_t>(total))
	{}

	void add(std::uint64_t const bytes)
	{
		m_done += static_cast<std::int64_t>(bytes);
		if (m_settings.progress)
		{
			m_settings.progress(m_done, m_total);
		}
	}

	result<void> check_stop(block_device const& source) const
	{
		return m_settings.stop.stop_requested()
			? result<void>(fail(fault::internal, "reading {}: it was stopped", source.path()))
			: success();
	}

	// At the end.
	void complete() { add(static_cast<std::uint64_t>(m_total - m_done)); }

private:
	scan_settings const& m_settings;
	std::int64_t m_total;
	std::int64_t m_done = 0;
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

piece_input input_of(block_device& source, scan_settings const& settings)
{
	return {[&source, past_cache = settings.past_cache](device_offset const offset,
				std::span<char> const buffer) { return read_into(source, past_cache, offset, buffer); },
		settings.readers};
}

result<void> hash_range(
	block_device const& source, data_range range, piece_hash_pool& pieces, progress_report& progress)
{
	while (range.begin < range.end)
	{
		BOOST_OUTCOME_TRYV(progress.check_stop(source));
		auto const length = first_part(pieces.space(), range.end - range.begin).size();
		pieces.commit_read(range.begin, length);
		BOOST_OUTCOME_TRYV(pieces.check());
		range.begin = range.begin + length;
		progress.add(length);
	}
	return success();
}

// The ranges of an area where the source may hold anything but zeros, in their order.
class data_of_area
{
public:
	data_of_area(byte_range const& area, sparse_map& data)
		: m_at(area.offset)
		, m_end(area.end())
		, m_data(data)
	{}

	// Empty: there are no more.
	result<std::optional<data_range>> next()
	{
		std::optional<data_range> found;
		if (m_at < m_end)
		{
			BOOST_OUTCOME_TRY(range, m_data.next({m_at.bytes / block_size * block_size}));
			if (range && range->begin < m_end)
			{
				found = data_range{std::max(m_at, range->begin), std::min(range->end, m_end)};
				m_at = range->end;
			}
		}
		return found;
	}

private:
	device_offset m_at;
	device_offset m_end;
	sparse_map& m_data;
};

result<std::uint64_t> bytes_to_read(std::span<source_area const> const areas, sparse_map& data)
{
	std::uint64_t bytes = 0;
	for (auto const& area : areas)
	{
		if (area.take == area_content::all)
		{
			bytes += area.range.length;
			continue;
		}
		data_of_area ranges(area.range, data);
		for (;;)
		{
			BOOST_OUTCOME_TRY(range, ranges.next());
			if (!range)
			{
				break;
			}
			bytes += range->end - range->begin;
		}
	}
	return bytes;
}

class area_scanner
{
public:
	// to_read: bytes_to_read() of all areas.
	area_scanner(block_device& source, piece_hash_pool& pieces, scan_settings const& settings,
		std::uint64_t const to_read)
		: m_source(source)
		, m_pieces(pieces)
		, m_progress(settings, to_read)
		, m_extents(source.size(), settings.limits)
		, m_piece_size(settings.piece_size)
		, m_max_bytes(settings.max_pieces * static_cast<std::uint64_t>(settings.piece_size))
		, m_past_cache(settings.past_cache)
		, m_buffer(read_size)
	{}

	// Areas come in order. `data`: where the source may hold anything but zeros.
	result<void> scan(source_area const& area, sparse_map& data)
	{
		return area.take == area_content::all ? take_all(area) : take_data(area, data);
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
		m_progress.complete();
		return m_extents.extents();
	}

private:
	result<void> take_all(source_area const& area)
	{
		BOOST_OUTCOME_TRYV(begin_run(area.range.offset, area.range.length, area.range.offset));
		if (area.checksum.empty())
		{
			return hash_range(m_source, {area.range.offset, area.range.end()}, m_pieces, m_progress);
		}
		area_checksum sum(area);
		auto offset = area.range.offset;
		while (offset < area.range.end())
		{
			BOOST_OUTCOME_TRYV(m_progress.check_stop(m_source));
			auto const buffer = first_part(m_pieces.space(), area.range.end() - offset);
			BOOST_OUTCOME_TRYV(read_into(m_source, m_past_cache, offset, buffer));
			BOOST_OUTCOME_TRYV(m_pieces.check());
			sum.add(buffer);
			m_pieces.commit(buffer.size());
			offset = offset + buffer.size();
			m_progress.add(buffer.size());
		}
		return sum.check(m_source.path());
	}

	result<void> take_data(source_area const& area, sparse_map& data)
	{
		data_of_area ranges(area.range, data);
		for (;;)
		{
			BOOST_OUTCOME_TRY(range, ranges.next());
			if (!range)
			{
				return success();
			}
			BOOST_OUTCOME_TRYV(take_data(area, *range));
		}
	}

	result<void> take_data(source_area const& area, data_range const range)
	{
		auto offset = range.begin;
		while (offset < range.end)
		{
			BOOST_OUTCOME_TRYV(m_progress.check_stop(m_source));
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
			m_progress.add(buffer.size());
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
			auto const part = first_part(m_pieces.space(), seen - at).size();
			m_pieces.commit_read(at, part);
			at = at + part;
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

result<scanned_source> finished(std::vector<source_extent> extents, piece_hash_pool& pieces)
{
	BOOST_OUTCOME_TRY(hashes, pieces.finish());
	scanned_source scanned;
	scanned.extents = std::move(extents);
	scanned.hashes = std::move(hashes);
	scanned.seals = pieces.take_seals();
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
	BOOST_OUTCOME_TRY(to_read, data.bytes());
	piece_hash_pool pieces(settings.piece_size, settings.threads, settings.sink, input_of(source, settings));
	progress_report progress(settings, to_read);
	device_offset offset;
	for (;;)
	{
		BOOST_OUTCOME_TRY(range, data.next(offset));
		if (!range)
		{
			break;
		}
		pieces.append_zeros(range->begin - offset);
		BOOST_OUTCOME_TRYV(hash_range(source, *range, pieces, progress));
		offset = range->end;
	}
	pieces.append_zeros(size - offset.bytes);
	progress.complete();
	return finished({{{0}, size, {}}}, pieces);
}

result<scanned_source> scan_areas(block_device& source, sparse_map& data,
	std::span<source_area const> const areas, scan_settings const& settings)
{
	BOOST_OUTCOME_TRY(to_read, bytes_to_read(areas, data));
	piece_hash_pool pieces(settings.piece_size, settings.threads, settings.sink, input_of(source, settings));
	area_scanner scanner(source, pieces, settings, to_read);
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
	piece_hash_pool pieces(settings.piece_size, settings.threads, settings.sink, input_of(source, settings));
	progress_report progress(settings, total);
	for (auto const& extent : extents)
	{
		BOOST_OUTCOME_TRYV(
			hash_range(source, {extent.offset, extent.offset + extent.length}, pieces, progress));
	}
	return finished(std::move(extents), pieces);
}

} // namespace rawswarm
