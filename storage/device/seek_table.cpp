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
	auto const found = table.size() < header_size + seek_table_footer_size
		? std::nullopt
		: read_footer(table.last(seek_table_footer_size));
	if (!found || table.size() != seek_table_length(table.last(seek_table_footer_size))
		|| number_at(table, 0) != skippable_magic || number_at(table, word) != table.size() - header_size)
	{
		return fail(fault::target, "its seek table is damaged");
	}
	seek_table ret;
	ret.m_lengths.reserve(found->frames);
	for (std::uint32_t frame = 0; frame < found->frames; ++frame)
	{
		auto const at = header_size + std::size_t(frame) * found->entry_size;
		auto const frame_length = number_at(table, at);
		auto const block_length = number_at(table, at + word);
		bool const is_last = frame + 1 == found->frames;
		bool const fits = is_last ? block_length > 0 && block_length <= std::uint32_t(block_size)
								  : block_length == std::uint32_t(block_size);
		if (!fits || frame_length == 0 || frame_length > std::numeric_limits<std::uint16_t>::max())
		{
			return fail(fault::target,
				"its frame {} has {} bytes for {}, where a frame for each block of {} bytes is needed", frame,
				frame_length, block_length, block_size);
		}
		ret.add(frame_length, block_length);
	}
	if (ret.m_compressed != preceding)
	{
		return fail(fault::target, "its seek table lists frames of {} bytes together, and there are {}",
			ret.m_compressed, preceding);
	}
	return ret;
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

std::string seek_table::encode() const
{
	std::string bytes;
	auto const size = header_size + m_lengths.size() * 2 * word + seek_table_footer_size;
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

} // namespace rawswarm
