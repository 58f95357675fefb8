// SPDX-License-Identifier: BSD-3-Clause
#include "agent/source_map/ext_blocks.hpp"

#include "agent/source_map/range_list.hpp"
#include "base/result.hpp"

#include <fmt/format.h>

#include <memory>

#include <ext2fs/ext2fs.h>

namespace rawswarm
{

namespace
{

struct closer
{
	void operator()(struct_ext2_filsys* const fs) const { ::ext2fs_free(fs); } // it was never written to
};

using file_system = std::unique_ptr<struct_ext2_filsys, closer>;

// Empty: it was.
std::string reason_not_clean(ext2_super_block const& super)
{
	if (::ext2fs_has_feature_journal_needs_recovery(const_cast<ext2_super_block*>(&super)) != 0)
	{
		return "its journal is still to be replayed";
	}
	if ((super.s_state & EXT2_ERROR_FS) != 0)
	{
		return "it has errors that fsck is to mend";
	}
	return (super.s_state & EXT2_VALID_FS) != 0 ? "" : "it was not unmounted cleanly";
}

std::string message_of(errcode_t const code)
{
	return ::error_message(code);
}

// The blocks from first_data_block on; those before it, of a boot loader, are in no bitmap.
result<range_list> blocks_in_bitmap(struct_ext2_filsys* const fs, byte_range const window)
{
	auto const block = static_cast<std::uint64_t>(fs->blocksize);
	auto const end = static_cast<std::uint64_t>(::ext2fs_blocks_count(fs->super));
	std::uint64_t at = fs->super->s_first_data_block;
	range_list used;
	used.add({window.offset, at * block});
	while (at < end)
	{
		blk64_t first = 0;
		auto code = ::ext2fs_find_first_set_block_bitmap2(fs->block_map, at, end - 1, &first);
		if (code == ENOENT)
		{
			break;
		}
		blk64_t next = end;
		if (code == 0)
		{
			code = ::ext2fs_find_first_zero_block_bitmap2(fs->block_map, first, end - 1, &next);
		}
		if (code != 0 && code != ENOENT)
		{
			return fail(fault::device, "{}", message_of(code));
		}
		used.add({window.offset + first * block, (next - first) * block});
		at = next;
	}
	return used;
}

} // namespace

used_blocks ext_blocks(source_window const& window)
{
	used_blocks ret;
	ret.means = "its own bitmap";
	auto const options = fmt::format("offset={}", window.range.offset.bytes);
	ext2_filsys opened = nullptr;
	constexpr int flags = EXT2_FLAG_64BITS | EXT2_FLAG_SOFTSUPP_FEATURES;
	auto code = ::ext2fs_open2(window.path.c_str(), options.c_str(), flags, 0, 0, unix_io_manager, &opened);
	file_system const fs(opened);
	if (code != 0)
	{
		ret.unknown = message_of(code);
		return ret;
	}
	ret.unclean = reason_not_clean(*fs->super);
	// by ranges: as bits the map of 16 TiB takes 512 MiB
	fs->default_bitmap_type = EXT2FS_BMAP64_RBTREE;
	if (code = ::ext2fs_read_block_bitmap(fs.get()); code != 0)
	{
		ret.unknown = message_of(code);
		return ret;
	}
	auto used = blocks_in_bitmap(fs.get(), window.range);
	if (!used)
	{
		ret.unknown = used.error().text;
		return ret;
	}
	ret.ranges = clipped(used.value().ranges(), window.range);
	return ret;
}

} // namespace rawswarm
