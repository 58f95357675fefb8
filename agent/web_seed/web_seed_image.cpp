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
	image.table = std::make_shared<seek_table const>(std::move(table.value()));
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
	auto const blocks = (payload + block_size - 1) / block_size;
	if (reader.value().frames() != blocks)
	{
		return refused(
			from, fmt::format("it holds {} blocks, the torrent {}", reader.value().frames(), blocks));
	}
	auto image = read_parts(server, from, preceding, std::move(reader.value()));
	if (image.table && image.table->payload() != payload)
	{
		return refused(
			from, fmt::format("it holds {} bytes, the torrent {}", image.table->payload(), payload));
	}
	return image;
}

} // namespace

web_image look_for_image(web_seed_connection& server, url const& from, std::uint64_t const payload)
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
	return read_table(server, from, payload, *size);
}

std::optional<web_failure> get_payload(web_seed_connection& server, url const& from, seek_table const& table,
	payload_range const wanted, std::span<char> const to, on_run const& unpacked)
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
			return web_failure{
				.text = fmt::format("reading {} {}", printable_uri(from.target), done.error().text),
				.lasting = true};
		}
		unpacked(run, frames);
	}
	return {};
}

} // namespace rawswarm
