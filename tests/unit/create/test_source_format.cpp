// SPDX-License-Identifier: BSD-3-Clause
#include "agent/create/source_format.hpp"
#include "tests/support/base/random_bytes.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace rawswarm
{
namespace
{

using namespace std::string_literals;

std::string padded(std::string const& begin, std::size_t const at = 0)
{
	std::string head(format_head_bytes, '\0');
	head.replace(at, begin.size(), begin);
	return head;
}

std::string name_of(std::string const& head, std::string const& tail = {})
{
	auto const found = recognise_format(head, tail);
	return found ? std::string(found->name) : "raw"s;
}

TEST(recognise_format, containers_are_named_by_the_magic_at_their_beginning)
{
	EXPECT_EQ(name_of(padded("QFI\xfb\0\0\0\3"s)), "a qcow2 image");
	EXPECT_EQ(name_of(padded("KDMV\1\0\0\0"s)), "a VMDK image");
	EXPECT_EQ(name_of(padded("# Disk DescriptorFile\nversion=1\n"s)), "the description of a VMDK image");
	EXPECT_EQ(name_of(padded("vhdxfile"s)), "a VHDX image");
	EXPECT_EQ(name_of(padded("conectix"s)), "a VHD image");
	EXPECT_EQ(name_of(padded("\x7f\x10\xda\xbe"s, 64)), "a VDI image");
	EXPECT_EQ(name_of(padded("\x1f\x8b\x08\0"s)), "compressed by gzip");
	EXPECT_EQ(name_of(padded("\xfd\x37zXZ\0"s)), "compressed by xz");
	EXPECT_EQ(name_of(padded("\x28\xb5\x2f\xfd"s)), "compressed by zstd");
	EXPECT_EQ(name_of(padded("\x50\x2a\x4d\x18"s)), "compressed by zstd or lz4");
	EXPECT_EQ(name_of(padded("\x04\x22\x4d\x18"s)), "compressed by lz4");
	EXPECT_EQ(name_of(padded("BZh91AY&SY"s)), "compressed by bzip2");
	EXPECT_EQ(name_of(padded("\x5d\0\0\x80\0\xff\xff\xff\xff\xff\xff\xff\xff\0"s)), "compressed by lzma");
	EXPECT_EQ(name_of(padded("PK\3\4"s)), "a zip archive");
	EXPECT_EQ(name_of(padded("ustar"s, 257)), "a tar archive");
	EXPECT_EQ(name_of(padded("partclone-image"s)), "an image of partclone");
}

TEST(recognise_format, container_that_fills_no_sector_is_named_too)
{
	EXPECT_EQ(name_of("\x1f\x8b\x08"s), "compressed by gzip");
	EXPECT_EQ(name_of("\x1f\x8b"s), "raw");
	EXPECT_EQ(name_of(""s), "raw");
}

TEST(recognise_format, torrent_is_named_by_its_first_key)
{
	EXPECT_EQ(name_of(padded("d4:infod5:filesl"s)), "a torrent");
	EXPECT_EQ(name_of(padded("d8:announce20:"s)), "a torrent");
	EXPECT_EQ(name_of(padded("d13:announce-listl"s)), "a torrent");
	EXPECT_EQ(name_of(padded("d3:fooi1e"s)), "raw");
}

TEST(recognise_format, vhd_of_a_fixed_size_is_named_by_its_footer)
{
	auto const boot = padded("\xeb\x63\x90"s);
	EXPECT_EQ(name_of(boot, padded("conectix"s)), "a VHD image");
	EXPECT_EQ(name_of(boot, padded("conectix"s, 1)), "a VHD image"); // of old versions: 511 bytes
	EXPECT_EQ(name_of(boot, padded("conectix"s, 2)), "raw");
	EXPECT_EQ(name_of(boot, padded("koly\0\0\0\4"s)), "a DMG image");
}

// What a disk, a partition or an image of one may begin with.
TEST(recognise_format, beginnings_of_disks_are_raw)
{
	std::vector<std::string> const beginnings = {""s, "\xeb\x63\x90"s, "\xeb\x3c\x90mkfs.fat"s,
		"XFSB\0\0\x10\0"s, "hsqs\7\0\0\0"s, "LUKS\xba\xbe\0\2"s, "\xfa\xb8\0\x10"s, "\x33\xc0\x8e\xd0"s,
		"\xeb\x52\x90NTFS    "s,
		"\x7f"
		"ELF"s,
		"BZh, a text of mine"s, "dd if=/dev/zero"s};
	for (auto const& begin : beginnings)
	{
		EXPECT_EQ(name_of(padded(begin), padded("EFI PART"s)), "raw") << begin;
	}
	// a hybrid ISO image has a boot sector, and its descriptors far behind
	EXPECT_EQ(name_of(padded("\x45\x52\x08\0\0\0\x90\x90"s)), "raw");
}

TEST(recognise_format, encrypted_bytes_are_raw)
{
	for (std::uint64_t seed = 0; seed < 2000; ++seed)
	{
		auto const bytes = test::random_bytes(seed, format_head_bytes);
		EXPECT_EQ(name_of(bytes, bytes), "raw") << seed;
	}
}

} // namespace
} // namespace rawswarm
