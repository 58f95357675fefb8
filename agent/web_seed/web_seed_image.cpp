// SPDX-License-Identifier: BSD-3-Clause
#include "agent/web_seed/web_seed_image.hpp"

#include "agent/net/uri_reference.hpp"
#include "storage/device/block_frame.hpp"
#include "storage/device/units.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace rawswarm
{

namespace
{

// The parts that a table is read in: a request for every 512 MiB of payload.
constexpr std::uint64_t table_part = std::uint64_t(256) * 1024;

std::uint64_t blocks_of(std::uint64_t const payload)
{
	return (payload + block_size - 1) / block_size;
}

web_image failed(web_failure why)
{
	web_image none;
	none.failure = std::move(why);
	return none;
}

web_image refused(url const& from, std::string const& why)
{
	return failed(
		{.text = fmt::format("asking for {}: {}", printable_uri(from.target), why), .lasting = true});
}

std::optional<web_failure> get(
	web_seed_connection& server, url const& from, std::uint64_t const begin, std::span<char> const to)
{
	web_range range;
	range.target = from.target;
	range.begin = begin;
	range.length = to.size();
	return server.get(from, range, to.data());
}

// The table reaches from this byte of the file to its end.
web_image read_parts(
	web_seed_connection& server, url const& from, std::uint64_t const begin, seek_table_reader reader)
{
	std::vector<char> part;
	auto const end = begin + reader.length();
	for (auto at = begin; at < end; at += part.size())
	{
		part.resize(std::min(table_part, end - at));
		if (auto failure = get(server, from, at, part))
		{
			return failed(std::move(*failure));
		}
		if (auto const taken = reader.take(part); !taken)
		{
			return refused(from, taken.error().text);
		}
	}
	auto table = reader.finish();
	if (!table)
	{
		return refused(from, table.error().text);
	}
	web_image image;
	image.frames.table = std::make_shared<seek_table const>(std::move(table.value()));
	return image;
}

// Of a file that begins with a frame, and is this long.
web_image read_table(
	web_seed_connection& server, url const& from, std::uint64_t const payload, std::uint64_t const size)
{
	std::array<char, seek_table_footer_size> footer{};
	if (size >= footer.size())
	{
		if (auto failure = get(server, from, size - footer.size(), footer))
		{
			return failed(std::move(*failure));
		}
	}
	auto const length = seek_table_length(footer);
	if (!length)
	{
		return refused(from,
			"compressed by zstd, without a seek table: cut off, or not made by rawswarm create --compress");
	}
	auto const preceding = size - std::min(size, *length);
	auto reader = seek_table_reader::begin(footer, preceding);
	if (!reader || *length > size)
	{
		return refused(from, "its seek table is damaged");
	}
	if (reader.value().frames() != blocks_of(payload))
	{
		return refused(from,
			fmt::format("it holds {} blocks, the torrent {}", reader.value().frames(), blocks_of(payload)));
	}
	auto image = read_parts(server, from, preceding, std::move(reader.value()));
	auto const& table = image.frames.table;
	if (table && table->payload() != payload)
	{
		return refused(from, fmt::format("it holds {} bytes, the torrent {}", table->payload(), payload));
	}
	return image;
}

web_failure damaged(url const& from, std::string const& where_and_why)
{
	return {.text = fmt::format("reading {} {}", printable_uri(from.target), where_and_why), .lasting = true};
}

std::optional<web_failure> get_by_table(web_seed_connection& server, url const& from, seek_table const& table,
	payload_range const wanted, std::span<char> const to, on_frame const& unpacked)
{
	frame_reader reader;
	std::vector<char> frames;
	for (auto const& run : frame_runs(table, wanted))
	{
		frames.resize(run.length);
		if (auto failure = get(server, from, run.offset, frames))
		{
			return failure;
		}
		auto const part = to.subspan(run.wanted.begin - wanted.begin, run.wanted.length);
		auto const done = unpack_run(reader, table, run, frames, part);
		if (!done)
		{
			return damaged(from, done.error().text);
		}
		for (auto block = run.first_block; block < run.first_block + run.blocks; ++block)
		{
			auto const place = table.place(block);
			unpacked(std::span(frames).subspan(place.offset - run.offset, place.length), place.block_length);
		}
	}
	return {};
}

// The frames of a piece, which say themselves where they end.
class piece_of_frames
{
public:
	piece_of_frames(web_seed_connection& server, url const& from, frame_lengths::place const place)
		: m_server(server)
		, m_from(from)
		, m_at(place.offset)
		, m_end(place.offset + place.length)
	{}

	std::optional<web_failure> get(std::span<char> to, on_frame const& unpacked)
	{
		while (!to.empty())
		{
			if (auto failure = await_frame())
			{
				return failure;
			}
			auto const frame = unread().first(m_frame);
			auto const block = to.first(std::min<std::size_t>(to.size(), block_size));
			auto const done =
				frame.empty() ? fail(fault::refused, "the frame is damaged") : m_reader.unpack(frame, block);
			if (!done)
			{
				return damaged(m_from, fmt::format("at {:#x}: {}", position(), done.error().text));
			}
			unpacked(frame, block.size());
			m_used += frame.size();
			to = to.subspan(block.size());
		}
		return {};
	}

private:
	std::span<char const> unread() const { return std::span(m_bytes).subspan(m_used); }
	std::uint64_t position() const { return m_at - unread().size(); }

	// A whole frame is there, of m_frame bytes, or none is coming.
	std::optional<web_failure> await_frame()
	{
		m_frame = first_frame(unread());
		while (m_frame == 0 && m_at < m_end && unread().size() < longest)
		{
			m_bytes.erase(m_bytes.begin(), m_bytes.begin() + static_cast<std::ptrdiff_t>(m_used));
			m_used = 0;
			auto const before = m_bytes.size();
			m_bytes.resize(before + std::min(max_run_bytes, m_end - m_at));
			auto const part = std::span(m_bytes).subspan(before);
			if (auto failure = rawswarm::get(m_server, m_from, m_at, part))
			{
				return failure;
			}
			m_at += part.size();
			m_frame = first_frame(unread());
		}
		return {};
	}

	static constexpr std::size_t longest = std::size_t(64) * 1024; // more than a frame has (frame_run.hpp)

	web_seed_connection& m_server;
	url const& m_from;
	std::uint64_t m_at; // what is fetched next
	std::uint64_t m_end;
	std::vector<char> m_bytes;
	std::size_t m_used = 0; // of them
	std::size_t m_frame = 0; // bytes of the frame behind those
	frame_reader m_reader;
};

} // namespace

web_image look_for_image(web_seed_connection& server, url const& from, std::uint64_t const payload,
	std::shared_ptr<frame_lengths const> lengths)
{
	std::array<char, sizeof(std::uint32_t)> start{};
	if (auto failure = get(server, from, 0, start))
	{
		// what is not even that long is no image of any kind
		return failure->lasting ? web_image() : failed(std::move(*failure));
	}
	if (!begins_with_frame(start))
	{
		return {};
	}
	auto const size = server.file_size();
	if (!size)
	{
		return refused(from, "compressed by zstd, and the server does not say how long it is");
	}
	if (lengths && *size == lengths->file_size(blocks_of(payload)))
	{
		return {{nullptr, std::move(lengths)}, {}};
	}
	return read_table(server, from, payload, *size);
}

std::optional<web_failure> get_payload(web_seed_connection& server, url const& from, web_frames const& frames,
	web_payload const& wanted, std::span<char> const to, on_frame const& unpacked)
{
	if (frames.table)
	{
		return get_by_table(server, from, *frames.table, wanted.range, to, unpacked);
	}
	return piece_of_frames(server, from, frames.lengths->of_piece(wanted.piece)).get(to, unpacked);
}

} // namespace rawswarm
