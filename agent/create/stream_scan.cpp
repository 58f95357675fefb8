// SPDX-License-Identifier: BSD-3-Clause
#include "agent/create/stream_scan.hpp"

#include "agent/create/image_compressor.hpp"
#include "agent/create/source_format.hpp"
#include "base/bytes.hpp"
#include "storage/device/page_buffer.hpp"

#include <algorithm>
#include <utility>

namespace rawswarm
{

namespace
{

// How much is unpacked at once to look for zeros. Initial value, not measured.
constexpr std::size_t step_size = 1_MiB;

class stream_scanner
{
public:
	stream_scanner(packed_stream& stream, scan_settings const& settings)
		: m_stream(stream)
		, m_settings(settings)
		, m_pieces(settings.piece_size, settings.threads, settings.sink)
		, m_expected(std::min(stream.declared_size().value_or(largest_payload), largest_payload))
		, m_extents(m_expected, settings.limits)
	{}

	result<scanned_stream> take_all()
	{
		for (;;)
		{
			auto const space = m_pieces.space();
			BOOST_OUTCOME_TRY(length, read(space));
			BOOST_OUTCOME_TRYV(count(length));
			m_pieces.commit(length);
			if (length < space.size())
			{
				return finish({{{0}, m_size, {}}});
			}
		}
	}

	result<scanned_stream> take_data()
	{
		page_buffer memory(step_size);
		std::span<char> const buffer(memory.data(), step_size);
		for (;;)
		{
			device_offset const offset{m_size};
			BOOST_OUTCOME_TRY(length, read(buffer));
			auto const step = buffer.first(length);
			for (auto run = next_data_run(step, 0); run.length > 0;
				 run = next_data_run(step, run.begin + run.length))
			{
				BOOST_OUTCOME_TRYV(add_run(offset + run.begin, step.subspan(run.begin, run.length)));
			}
			if (length < buffer.size())
			{
				break;
			}
		}
		if (m_extents.extents().empty() && m_size > 0)
		{
			auto const length = std::min<std::uint64_t>(block_size, m_size);
			m_extents.add({0}, length);
			m_bytes = length;
			m_pieces.append_zeros(length);
		}
		return finish(m_extents.extents());
	}

private:
	result<std::size_t> read(std::span<char> const buffer)
	{
		BOOST_OUTCOME_TRY(length, m_stream.read(buffer));
		BOOST_OUTCOME_TRYV(m_pieces.check());
		m_size += length;
		keep_tail(buffer.first(length));
		if (m_settings.progress)
		{
			m_settings.progress(static_cast<std::int64_t>(m_stream.packed_read()),
				static_cast<std::int64_t>(m_stream.packed_size()));
		}
		return length;
	}

	void keep_tail(std::span<char const> const bytes)
	{
		auto const last = bytes.last(std::min(bytes.size(), format_tail_bytes));
		m_tail.append(last.data(), last.size());
		m_tail.erase(0, m_tail.size() - std::min(m_tail.size(), format_tail_bytes));
	}

	// Of the torrent.
	result<void> count(std::uint64_t const bytes)
	{
		m_bytes += bytes;
		if (m_bytes > m_settings.max_pieces * static_cast<std::uint64_t>(m_settings.piece_size))
		{
			return too_many_pieces(m_stream.name(), m_settings.piece_size, m_bytes, largest_payload);
		}
		return success();
	}

	result<void> add_run(device_offset const offset, std::span<char const> const run)
	{
		if (auto const end = offset + run.size(); end.bytes > m_expected)
		{
			m_expected = std::max(largest_payload, end.bytes);
			m_extents.set_source_size(m_expected);
		}
		auto const gap = m_extents.add(offset, run.size());
		BOOST_OUTCOME_TRYV(count(gap + run.size()));
		m_pieces.append_zeros(gap);
		m_pieces.append(run);
		return success();
	}

	result<scanned_stream> finish(std::vector<source_extent> extents)
	{
		if (m_size == 0)
		{
			return fail(fault::target, "reading {}: it is empty", m_stream.name());
		}
		BOOST_OUTCOME_TRY(hashes, m_pieces.finish());
		return scanned_stream{{std::move(extents), std::move(hashes), m_bytes, m_pieces.take_seals()}, m_size,
			std::move(m_tail)};
	}

	packed_stream& m_stream;
	scan_settings const& m_settings;
	piece_hash_pool m_pieces;
	std::uint64_t m_size = 0; // of what was unpacked
	std::uint64_t m_bytes = 0; // in extents
	std::uint64_t m_expected; // of what it unpacks to
	extent_builder m_extents;
	std::string m_tail;
};

} // namespace

result<scanned_stream> scan_stream(
	packed_stream& stream, bool const skip_zeros, scan_settings const& settings)
{
	stream_scanner scanner(stream, settings);
	return skip_zeros ? scanner.take_data() : scanner.take_all();
}

} // namespace rawswarm
