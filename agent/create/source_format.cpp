// SPDX-License-Identifier: BSD-3-Clause
#include "agent/create/source_format.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace rawswarm
{

namespace
{

using namespace std::string_view_literals;

struct magic
{
	std::size_t offset; // bytes from the beginning
	std::string_view bytes;
	foreign_format format;
};

constexpr auto convert = "convert it with \"qemu-img convert -O raw\""sv;
constexpr auto restore = "restore it to a disk with the program that made it, and give that disk"sv;
constexpr auto unpack = "unpack it, and give what is in it"sv;

constexpr foreign_format vhd{"a VHD image", "convert it with \"qemu-img convert -f vpc -O raw\""};
constexpr foreign_format dmg{"a DMG image", "convert it with \"qemu-img convert -f dmg -O raw\""};
constexpr foreign_format torrent{"a torrent", "give the image that it was made of"};

constexpr magic magics[] = {
	{0, "QFI\xfb"sv, {"a qcow2 image", convert}},
	{0, "QED\0"sv, {"a QED image", convert}},
	{0, "KDMV"sv, {"a VMDK image", convert}},
	{0, "COWD"sv, {"a VMDK image", convert}},
	{0, "# Disk DescriptorFile"sv, {"the description of a VMDK image", convert}},
	{0, "vhdxfile"sv, {"a VHDX image", convert}},
	{0, "conectix"sv, vhd},
	{64, "\x7f\x10\xda\xbe"sv, {"a VDI image", convert}},
	{0, "WithoutFreeSpace"sv, {"a Parallels image", convert}},
	{0, "WithouFreSpacExt"sv, {"a Parallels image", convert}},
	{0, "\x3a\xff\x26\xed"sv, {"an Android sparse image", "convert it with \"simg2img\""}},

	{0, "\x1f\x8b\x08"sv, {"compressed by gzip", "unpack it with \"gzip -d\"", true}},
	{0, "\xfd\x37zXZ\0"sv, {"compressed by xz", "unpack it with \"xz -d\""}},
	{0, "\x28\xb5\x2f\xfd"sv, {"compressed by zstd", "unpack it with \"zstd -d\"", true}},
	{0, "\x04\x22\x4d\x18"sv, {"compressed by lz4", "unpack it with \"lz4 -d\""}},
	{0, "\x02\x21\x4c\x18"sv, {"compressed by lz4", "unpack it with \"lz4 -d\""}},
	{0, "LZIP\x01"sv, {"compressed by lzip", "unpack it with \"lzip -d\""}},
	{0, "\x89LZO\0\r\n\x1a\n"sv, {"compressed by lzop", "unpack it with \"lzop -d\""}},

	{0, "PK\x03\x04"sv, {"a zip archive", "unpack it with \"unzip\""}},
	{0, "7z\xbc\xaf\x27\x1c"sv, {"a 7z archive", "unpack it with \"7z x\""}},
	{0, "Rar!\x1a\x07"sv, {"a rar archive", unpack}},
	{0, "MSCF\0\0\0\0"sv, {"a cabinet archive", unpack}},
	{257, "ustar"sv, {"a tar archive", "unpack it with \"tar -x\""}},

	{0, "partclone-image"sv, {"an image of partclone", restore}},
	{0, "PaRtImAgE-VoLuMe"sv, {"an image of partimage", restore}},
	{0, "\0ntfsclone-image"sv, {"an image of ntfsclone", restore}},
	{0, "FsArCh_"sv, {"an archive of fsarchiver", restore}},
	{0, "MSWIM\0\0\0"sv, {"a WIM image", restore}},
	{0, "EVF\t\r\n\xff\0"sv, {"an EnCase image", "convert it with \"ewfexport -f raw\""}},
};

constexpr bool has(std::string_view const text, std::size_t const offset, std::string_view const bytes)
{
	return text.size() >= offset + bytes.size() && text.substr(offset, bytes.size()) == bytes;
}

// "BZh", the block size, and the digits of pi that begin a block, or of its root that end an empty file.
bool is_bzip2(std::string_view const head)
{
	return has(head, 0, "BZh"sv) && (has(head, 4, "1AY&SY"sv) || has(head, 4, "\x17rE8P\x90"sv));
}

// A frame that decoders skip, with which parallel compressors begin: 0x184d2a5? in little-endian.
bool is_skippable_frame(std::string_view const head)
{
	return has(head, 1, "\x2a\x4d\x18"sv) && (static_cast<unsigned char>(head[0]) & 0xf0U) == 0x50U;
}

// The properties of every usual encoder, a dictionary of a power of two of 64 KiB at least, and a length that
// is unknown: the header of .lzma, which has no magic number.
bool is_lzma(std::string_view const head)
{
	return has(head, 0, "\x5d\0\0"sv) && has(head, 5, "\xff\xff\xff\xff\xff\xff\xff\xff\0"sv);
}

// The footer of a VHD, which one of a fixed size has instead of a header, and which may lack its last byte.
bool is_fixed_vhd(std::string_view const tail)
{
	constexpr std::size_t footer = 512;
	auto const begins_at = [tail](std::size_t const before_end) {
		return tail.size() >= before_end && has(tail, tail.size() - before_end, "conectix"sv);
	};
	return begins_at(footer) || begins_at(footer - 1);
}

bool is_dmg(std::string_view const tail)
{
	return has(tail, 0, "koly\0\0\0\x04"sv) && tail.size() == format_tail_bytes;
}

} // namespace

bool is_torrent(std::string_view const head)
{
	if (head.size() < 2 || head[0] != 'd' || !is_digit(head[1]))
	{
		return false;
	}
	constexpr std::string_view first_keys[] = {"4:info", "5:nodes", "7:comment", "8:announce", "8:encoding",
		"8:url-list", "9:httpseeds", "10:created by", "12:piece layers", "13:announce-list",
		"13:creation date"};
	return std::ranges::any_of(first_keys, [head](std::string_view const key) { return has(head, 1, key); });
}

std::optional<foreign_format> recognise_format(std::string_view const head, std::string_view const tail)
{
	auto const* const found =
		std::ranges::find_if(magics, [head](magic const& m) { return has(head, m.offset, m.bytes); });
	if (found != std::end(magics))
	{
		return found->format;
	}
	if (is_bzip2(head))
	{
		return foreign_format{"compressed by bzip2", "unpack it with \"bzip2 -d\""};
	}
	if (is_skippable_frame(head))
	{
		return foreign_format{"compressed by zstd or lz4", "unpack it with \"zstd -d\"", true};
	}
	if (is_lzma(head))
	{
		return foreign_format{"compressed by lzma", "unpack it with \"xz -d\""};
	}
	if (is_torrent(head))
	{
		return torrent;
	}
	if (is_fixed_vhd(tail))
	{
		return vhd;
	}
	return is_dmg(tail) ? std::optional(dmg) : std::nullopt;
}

} // namespace rawswarm
