// SPDX-License-Identifier: BSD-3-Clause
// The source of `rawswarm create` where it is a stream: a file compressed by zstd or gzip, or standard input,
// which may be compressed by them or not at all. Its content tells. It is unpacked as it is read, once, from
// front to back.
//
// Blocking; one thread. Sizes in bytes. Errors name the stream and the place in it: fault::device for a read
// that failed and for what is damaged, fault::target for a stream that is cut off, that something else
// follows, or that cannot be unpacked here.
#pragma once

#include "agent/create/unpacker.hpp"
#include "base/result.hpp"
#include "base/unique_fd.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rawswarm
{

// The SOURCE that is standard input.
inline constexpr std::string_view standard_input = "-";

class packed_stream
{
public:
	// raw: taken as it is, whatever packing it seems to have. fault::target for standard input that is a
	// block device, whose use must be looked at.
	static result<std::unique_ptr<packed_stream>> open(std::string const& path, bool raw);

	// What the regular file at the path is packed by; none for anything else, and for what cannot be read,
	// which whoever opens it will say.
	static packing examine(std::string const& path);

	std::string const& name() const { return m_name; } // the path, or "standard input"
	packing packed_by() const { return m_packing; }
	std::uint64_t packed_size() const { return m_size; } // 0: not known
	std::uint64_t packed_read() const { return m_offset - m_packed.size(); }

	// What it says to unpack to. It may be wrong, as a stream can have several parts.
	std::optional<std::uint64_t> declared_size() const { return m_declared; }

	// The first bytes of what it unpacks to, fewer only if there are fewer. Called before read(), which gives
	// them again.
	result<std::string_view> head(std::size_t length);

	// Fills the buffer with what it unpacks to; fewer bytes only at the end.
	result<std::size_t> read(std::span<char> buffer);

private:
	packed_stream(unique_fd fd, std::string name, std::uint64_t size);
	result<void> begin(bool raw);
	result<void> fill(std::size_t least);
	result<std::size_t> read_on(std::span<char> buffer);
	result<std::size_t> unpack(std::span<char> to);
	result<void> begin_part();
	error at_place(error e) const;

	unique_fd m_fd;
	std::string m_name;
	std::uint64_t m_size;
	packing m_packing = packing::none;
	std::optional<std::uint64_t> m_declared;
	std::unique_ptr<unpacker> m_unpacker; // none: packing::none

	std::vector<char> m_buffer;
	std::span<char const> m_packed; // in m_buffer: read and not unpacked yet
	std::uint64_t m_offset = 0; // in the stream, of the end of m_packed
	bool m_at_end = false; // of the stream
	bool m_in_part = false;
	bool m_had_part = false;

	std::string m_head;
	std::size_t m_head_read = 0; // of m_head, by read()
};

} // namespace rawswarm
