// SPDX-License-Identifier: BSD-3-Clause
#include "storage/device/block_frame.hpp"

#include "storage/device/units.hpp"

#include <new>
#include <stdexcept>

#include <zstd.h>

namespace rawswarm
{

frame_writer::frame_writer(int const level)
	: m_context(ZSTD_createCCtx())
{
	if (m_context == nullptr)
	{
		throw std::bad_alloc();
	}
	set_level(level);
	ZSTD_CCtx_setParameter(m_context, ZSTD_c_checksumFlag, 1);
	ZSTD_CCtx_setParameter(m_context, ZSTD_c_contentSizeFlag, 1);
}

frame_writer::~frame_writer()
{
	ZSTD_freeCCtx(m_context);
}

void frame_writer::set_level(int const level)
{
	ZSTD_CCtx_setParameter(m_context, ZSTD_c_compressionLevel, level);
}

std::size_t frame_writer::append(std::string& to, std::span<char const> const block)
{
	auto const at = to.size();
	auto const most = ZSTD_compressBound(block.size());
	to.resize(at + most);
	auto const length = ZSTD_compress2(m_context, &to[at], most, block.data(), block.size());
	if (ZSTD_isError(length) != 0)
	{
		throw std::runtime_error(ZSTD_getErrorName(length)); // out of memory: there is nothing else
	}
	to.resize(at + length);
	return length;
}

std::size_t frame_writer::write(std::span<char> const to, std::span<char const> const block)
{
	ZSTD_CCtx_setParameter(m_context, ZSTD_c_checksumFlag, 0);
	auto const length = ZSTD_compress2(m_context, to.data(), to.size(), block.data(), block.size());
	ZSTD_CCtx_setParameter(m_context, ZSTD_c_checksumFlag, 1);
	return ZSTD_isError(length) != 0 ? 0 : length; // no room, or no memory
}

namespace
{

// zstd unpacks one frame after another, skippable ones too.
result<void> check_single(std::span<char const> const frame)
{
	auto const first = ZSTD_findFrameCompressedSize(frame.data(), frame.size());
	if (ZSTD_isError(first) != 0)
	{
		return fail(fault::refused, "the frame is damaged: {}", ZSTD_getErrorName(first));
	}
	if (first != frame.size())
	{
		return fail(fault::refused, "the frame ends after {} of its {} bytes", first, frame.size());
	}
	return success();
}

} // namespace

result<void> check_frame(std::span<char const> const frame, std::size_t const block_length)
{
	BOOST_OUTCOME_TRYV(check_single(frame));
	auto const claimed = ZSTD_getFrameContentSize(frame.data(), frame.size());
	if (claimed == ZSTD_CONTENTSIZE_UNKNOWN || claimed == ZSTD_CONTENTSIZE_ERROR)
	{
		return fail(fault::refused, "the frame does not say how much it holds");
	}
	if (claimed != block_length)
	{
		return fail(fault::refused, "the frame holds {} bytes and its block {}", claimed, block_length);
	}
	return success();
}

std::size_t first_frame(std::span<char const> const bytes)
{
	auto const length = ZSTD_findFrameCompressedSize(bytes.data(), bytes.size());
	return ZSTD_isError(length) != 0 ? 0 : length;
}

frame_reader::frame_reader()
	: m_context(ZSTD_createDCtx())
{
	if (m_context == nullptr)
	{
		throw std::bad_alloc();
	}
}

frame_reader::~frame_reader()
{
	ZSTD_freeDCtx(m_context);
}

result<void> frame_reader::unpack(std::span<char const> const frame, std::span<char> const block)
{
	BOOST_OUTCOME_TRYV(check_single(frame));
	// Straight into the block: the length that a frame claims is never allocated.
	auto const length =
		ZSTD_decompressDCtx(m_context, block.data(), block.size(), frame.data(), frame.size());
	if (ZSTD_isError(length) != 0)
	{
		return fail(fault::refused, "the frame is damaged: {}", ZSTD_getErrorName(length));
	}
	if (length != block.size())
	{
		return fail(fault::refused, "the frame holds {} bytes and its block {}", length, block.size());
	}
	return success();
}

} // namespace rawswarm
