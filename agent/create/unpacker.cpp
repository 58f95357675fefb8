// SPDX-License-Identifier: BSD-3-Clause
#include "agent/create/unpacker.hpp"

#include <algorithm>
#include <limits>
#include <new>
#include <string>

#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

namespace rawswarm
{

namespace
{

using namespace std::string_view_literals;

constexpr auto zstd_magic = "\x28\xb5\x2f\xfd"sv;
constexpr auto skippable_magic = "\x2a\x4d\x18"sv; // behind a byte from 0x50 to 0x5f
constexpr auto gzip_magic = "\x1f\x8b\x08"sv; // with the only method of compression that there is

// The largest window that zstd's own tool takes without being asked to: 128 MiB.
constexpr int largest_window_log = 27;

class zstd_unpacker final : public unpacker
{
public:
	zstd_unpacker()
		: m_context(ZSTD_createDCtx())
	{
		if (m_context == nullptr)
		{
			throw std::bad_alloc();
		}
		ZSTD_DCtx_setParameter(m_context, ZSTD_d_windowLogMax, largest_window_log);
	}

	zstd_unpacker(zstd_unpacker const&) = delete;
	zstd_unpacker& operator=(zstd_unpacker const&) = delete;
	~zstd_unpacker() override { ZSTD_freeDCtx(m_context); }

	result<unpacked> unpack(std::span<char const> const packed, std::span<char> const to) override
	{
		ZSTD_inBuffer in{packed.data(), packed.size(), 0};
		ZSTD_outBuffer out{to.data(), to.size(), 0};
		auto const left = ZSTD_decompressStream(m_context, &out, &in);
		if (ZSTD_isError(left) != 0)
		{
			return failure(left);
		}
		return unpacked{in.pos, out.pos, left == 0};
	}

private:
	static error failure(std::size_t const code)
	{
		switch (ZSTD_getErrorCode(code))
		{
		case ZSTD_error_frameParameter_windowTooLarge:
			return fail(fault::target,
				"unpacking it takes a window of more than 128 MiB: unpack it with \"zstd -d --long=31\"");
		case ZSTD_error_dictionary_wrong:
			return fail(fault::target, "unpacking it takes a dictionary: unpack it with \"zstd -d -D\"");
		case ZSTD_error_memory_allocation: throw std::bad_alloc();
		case ZSTD_error_checksum_wrong:
			return fail(fault::device, "it is damaged: its checksum is another one");
		default: return fail(fault::device, "it is damaged: {}", ZSTD_getErrorName(code));
		}
	}

	ZSTD_DCtx* m_context;
};

class gzip_unpacker final : public unpacker
{
public:
	gzip_unpacker()
	{
		constexpr int only_gzip = 16; // as zlib's manual says: to be added to the size of the window
		if (inflateInit2(&m_stream, MAX_WBITS + only_gzip) != Z_OK)
		{
			throw std::bad_alloc();
		}
	}

	gzip_unpacker(gzip_unpacker const&) = delete;
	gzip_unpacker& operator=(gzip_unpacker const&) = delete;
	~gzip_unpacker() override { inflateEnd(&m_stream); }

	result<unpacked> unpack(std::span<char const> const packed, std::span<char> const to) override
	{
		auto const in = length_of(packed.size());
		auto const out = length_of(to.size());
		// zlib's type is not const, but zlib does not write there
		m_stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
		m_stream.avail_in = in;
		m_stream.next_out = reinterpret_cast<Bytef*>(to.data());
		m_stream.avail_out = out;
		int const code = inflate(&m_stream, Z_NO_FLUSH);
		if (code == Z_MEM_ERROR)
		{
			throw std::bad_alloc();
		}
		if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) // the last: no progress, no error
		{
			return fail(fault::device, "it is damaged: {}",
				m_stream.msg != nullptr ? std::string(m_stream.msg) : std::string("wrong data"));
		}
		if (code == Z_STREAM_END)
		{
			inflateReset(&m_stream);
		}
		return unpacked{in - m_stream.avail_in, out - m_stream.avail_out, code == Z_STREAM_END};
	}

private:
	static uInt length_of(std::size_t const bytes)
	{
		return static_cast<uInt>(std::min<std::size_t>(bytes, std::numeric_limits<uInt>::max()));
	}

	z_stream m_stream = {};
};

} // namespace

std::string_view to_string(packing const how) noexcept
{
	switch (how)
	{
	case packing::none: break;
	case packing::zstd: return "zstd";
	case packing::gzip: return "gzip";
	}
	return "nothing";
}

packing packing_of(std::string_view const head) noexcept
{
	if (head.starts_with(gzip_magic))
	{
		return packing::gzip;
	}
	bool const skippable = head.size() > skippable_magic.size()
		&& (static_cast<unsigned char>(head[0]) & 0xf0U) == 0x50U
		&& head.substr(1).starts_with(skippable_magic);
	return skippable || head.starts_with(zstd_magic) ? packing::zstd : packing::none;
}

std::optional<std::uint64_t> declared_size(std::string_view const head) noexcept
{
	auto const size = ZSTD_getFrameContentSize(head.data(), head.size());
	bool const known =
		head.starts_with(zstd_magic) && size != ZSTD_CONTENTSIZE_UNKNOWN && size != ZSTD_CONTENTSIZE_ERROR;
	return known ? std::optional<std::uint64_t>(size) : std::nullopt;
}

std::unique_ptr<unpacker> make_unpacker(packing const how)
{
	if (how == packing::gzip)
	{
		return std::make_unique<gzip_unpacker>();
	}
	return std::make_unique<zstd_unpacker>();
}

} // namespace rawswarm
