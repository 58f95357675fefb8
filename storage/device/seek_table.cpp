// SPDX-License-Identifier: BSD-3-Clause
#include "storage/device/seek_table.hpp"

#include "storage/device/units.hpp"

#include <boost/endian/conversion.hpp>

#include <algorithm>
#include <array>
#include <limits>

namespace rawswarm
{

namespace
{

constexpr std::uint32_t frame_magic = 0xFD2FB528; // RFC 8878, 3.1.1
constexpr std::uint32_t skippable_magic = 0x184D2A5E;
constexpr std::uint32_t seekable_magic = 0x8F92EAB1;
constexpr std::size_t header_size = 8; // skippable_magic, and how many bytes follow
constexpr std::size_t word = sizeof(std::uint32_t);
constexpr std::uint8_t checksum_flag = 0x80;
constexpr std::uint8_t reserved_bits = 0x7c;
constexpr std::uint64_t offset_interval = 64; // frames

std::uint32_t number_at(std::span<char const> const bytes, std::size_t const at)
{
	// NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes are bytes
	return boost::endian::load_little_u32(reinterpret_cast<unsigned char const*>(&bytes[at]));
}

void append_number(std::string& bytes, std::uint32_t const number)
{
	std::array<unsigned char, word> raw{};
	boost::endian::store_little_u32(raw.data(), number);
	bytes.append(raw.begin(), raw.end());
}

struct footer
{
	std::uint32_t frames = 0;
	std::size_t entry_size = 0;
};

std::optional<footer> read_footer(std::span<char const> const bytes)
{
	if (bytes.size() != seek_table_footer_size || number_at(bytes, word + 1) != seekable_magic)
	{
		return std::nullopt;
	}
	auto const descriptor = static_cast<std::uint8_t>(bytes[word]);
	auto const frames = number_at(bytes, 0);
	if ((descriptor & reserved_bits) != 0 || frames == 0 || frames > max_frames)
	{
		return std::nullopt;
	}
	return footer{frames, (descriptor & checksum_flag) != 0 ? 3 * word : 2 * word};
}

error damaged()
{
	return fail(fault::target, "its seek table is damaged");
}

} // namespace

bool begins_with_frame(std::span<char const> const start)
{
	return start.size() >= word && number_at(start, 0) == frame_magic;
}

std::optional<std::uint64_t> seek_table_length(std::span<char const> const footer_bytes)
{
	auto const found = read_footer(footer_bytes);
	if (!found)
	{
		return std::nullopt;
	}
	return header_size + std::uint64_t(found->frames) * found->entry_size + seek_table_footer_size;
}

result<seek_table> seek_table::parse(std::span<char const> const table, std::uint64_t const preceding)
{
	if (table.size() < seek_table_footer_size)
	{
		return damaged();
	}
	BOOST_OUTCOME_TRY(reader, seek_table_reader::begin(table.last(seek_table_footer_size), preceding));
	if (reader.length() != table.size())
	{
		return damaged();
	}
	BOOST_OUTCOME_TRYV(reader.take(table));
	return reader.finish();
}

void seek_table::add(std::uint32_t const frame_length, std::uint32_t const block_length)
{
	if (frames() % offset_interval == 0)
	{
		m_offsets.push_back(m_compressed);
	}
	m_lengths.push_back(static_cast<std::uint16_t>(frame_length));
	m_compressed += frame_length;
	m_payload += block_length;
}

void seek_table::reserve(std::uint64_t const frames)
{
	m_lengths.reserve(frames);
}

std::uint64_t seek_table_size(std::uint64_t const frames)
{
	return header_size + frames * 2 * word + seek_table_footer_size;
}

std::string seek_table::encode() const
{
	std::string bytes;
	auto const size = seek_table_size(m_lengths.size());
	bytes.reserve(size);
	append_number(bytes, skippable_magic);
	append_number(bytes, static_cast<std::uint32_t>(size - header_size));
	auto left = m_payload;
	for (auto const length : m_lengths)
	{
		auto const block_length = std::min<std::uint64_t>(left, block_size);
		append_number(bytes, length);
		append_number(bytes, static_cast<std::uint32_t>(block_length));
		left -= block_length;
	}
	append_number(bytes, static_cast<std::uint32_t>(m_lengths.size()));
	bytes.push_back('\0'); // no checksums here: each frame has its own
	append_number(bytes, seekable_magic);
	return bytes;
}

frame_place seek_table::place(std::uint64_t const block) const
{
	auto const from = block / offset_interval * offset_interval;
	auto offset = m_offsets[block / offset_interval];
	for (auto i = from; i < block; ++i)
	{
		offset += m_lengths[i];
	}
	auto const block_length = std::min<std::uint64_t>(m_payload - block * block_size, block_size);
	return {offset, m_lengths[block], static_cast<std::uint32_t>(block_length)};
}

result<seek_table_reader> seek_table_reader::begin(
	std::span<char const> const footer_bytes, std::uint64_t const preceding)
{
	auto const found = read_footer(footer_bytes);
	if (!found)
	{
		return damaged();
	}
	seek_table_reader ret;
	std::ranges::copy(footer_bytes, ret.m_footer.begin());
	ret.m_frames = found->frames;
	ret.m_entry_size = found->entry_size;
	ret.m_preceding = preceding;
	return ret;
}

// Of what comes next: the header, an entry, the footer, nothing.
std::size_t seek_table_reader::next_length() const
{
	if (!m_has_header)
	{
		return header_size;
	}
	if (m_table.frames() < m_frames)
	{
		return m_entry_size;
	}
	return m_has_footer ? 0 : seek_table_footer_size;
}

result<void> seek_table_reader::take(std::span<char const> part)
{
	while (!part.empty())
	{
		auto const next = next_length();
		if (next == 0)
		{
			return damaged();
		}
		auto const bytes = part.first(std::min(part.size(), next - m_unread.size()));
		m_unread.append(bytes.begin(), bytes.end());
		part = part.subspan(bytes.size());
		if (m_unread.size() == next)
		{
			BOOST_OUTCOME_TRYV(take_whole());
			m_unread.clear();
		}
	}
	return success();
}

result<void> seek_table_reader::take_whole()
{
	if (!m_has_header)
	{
		if (number_at(m_unread, 0) != skippable_magic || number_at(m_unread, word) != length() - header_size)
		{
			return damaged();
		}
		m_has_header = true;
		m_table.reserve(m_frames);
		return success();
	}
	if (m_table.frames() < m_frames)
	{
		return take_entry();
	}
	if (!std::ranges::equal(m_unread, m_footer))
	{
		return damaged();
	}
	m_has_footer = true;
	return success();
}

result<void> seek_table_reader::take_entry()
{
	auto const frame_length = number_at(m_unread, 0);
	auto const block_length = number_at(m_unread, word);
	bool const is_last = m_table.frames() + 1 == m_frames;
	bool const fits = is_last ? block_length > 0 && block_length <= std::uint32_t(block_size)
							  : block_length == std::uint32_t(block_size);
	if (!fits || frame_length == 0 || frame_length > std::numeric_limits<std::uint16_t>::max())
	{
		return fail(fault::target,
			"its frame {} has {} bytes for {}, where a frame for each block of {} bytes is needed",
			m_table.frames(), frame_length, block_length, block_size);
	}
	m_table.add(frame_length, block_length);
	return success();
}

result<seek_table> seek_table_reader::finish()
{
	if (!m_has_footer)
	{
		return damaged();
	}
	if (m_table.compressed() != m_preceding)
	{
		return fail(fault::target, "its seek table lists frames of {} bytes together, and there are {}",
			m_table.compressed(), m_preceding);
	}
	return std::move(m_table);
}

} // namespace rawswarm
