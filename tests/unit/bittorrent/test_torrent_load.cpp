// SPDX-License-Identifier: BSD-3-Clause
#include "agent/bittorrent/torrent_load.hpp"
#include "tests/support/base/value_of.hpp"
#include "tests/support/torrent/torrent_maker.hpp"

#include <gtest/gtest.h>
#include <libtorrent/bdecode.hpp>
#include <libtorrent/bencode.hpp>
#include <libtorrent/entry.hpp>
#include <libtorrent/hasher.hpp>
#include <libtorrent/torrent_info.hpp>

#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace rawswarm
{
namespace
{

using test::make_torrent;
using test::torrent_file;
using test::torrent_kind;
using test::value_of;

constexpr int piece_size = 16 * 1024;
constexpr std::string_view name = "lab/sda1.torrent";

// Neither file ends with a piece.
std::vector<torrent_file> two_extents()
{
	return {{0x1000, std::string(20'000, 'a')}, {0x20000, std::string(30'001, 'b')}};
}

test::made_torrent made(torrent_kind kind)
{
	test::torrent_options options;
	options.piece_size = piece_size;
	options.kind = kind;
	return make_torrent(two_extents(), options);
}

// The info-hash of the info dictionary as it stands in the file.
lt::sha1_hash hash_of_info(std::string const& torrent)
{
	lt::error_code ec;
	auto const root = lt::bdecode(torrent, ec);
	EXPECT_FALSE(ec) << ec.message();
	return lt::hasher(root.dict_find_dict("info").data_section()).final();
}

// The bytes of the torrent, put together from the files in memory in the order that was loaded.
std::string content_of(lt::torrent_info const& torrent)
{
	std::map<std::string, std::string> bytes;
	for (auto const& file : two_extents())
	{
		bytes[test::offset_name(file.offset)] = file.bytes;
	}
	std::string all;
	auto const& files = torrent.files();
	for (auto const i : files.file_range())
	{
		all += files.pad_file_at(i) ? std::string(static_cast<std::size_t>(files.file_size(i)), '\0')
									: bytes.at(std::string(files.file_name(i)));
	}
	return all;
}

void expect_pieces_of(lt::torrent_info const& torrent, std::string const& content)
{
	ASSERT_EQ(torrent.total_size(), static_cast<std::int64_t>(content.size()));
	EXPECT_EQ(torrent.piece_length(), piece_size);
	EXPECT_EQ(torrent.num_pieces(), static_cast<int>((content.size() + piece_size - 1) / piece_size));
	for (auto const piece : torrent.piece_range())
	{
		auto const begin = static_cast<std::size_t>(static_cast<int>(piece)) * piece_size;
		EXPECT_EQ(torrent.hash_for_piece(piece), lt::hasher(content.substr(begin, piece_size)).final())
			<< static_cast<int>(piece);
	}
}

std::string refusal(std::string_view bytes)
{
	auto const loaded = load_torrent(bytes, name);
	if (loaded)
	{
		return "loaded";
	}
	EXPECT_EQ(loaded.error().kind, fault::refused);
	std::string const begin = "reading lab/sda1.torrent: ";
	EXPECT_TRUE(loaded.error().text.starts_with(begin)) << loaded.error().text;
	EXPECT_GT(loaded.error().text.size(), begin.size());
	return loaded.error().text.substr(std::min(begin.size(), loaded.error().text.size()));
}

std::string nested_lists(std::size_t depth)
{
	return std::string(depth, 'l') + std::string(depth, 'e');
}

lt::entry decoded(std::string const& bytes)
{
	lt::error_code ec;
	lt::entry entry;
	entry = lt::bdecode(bytes, ec);
	return entry;
}

std::string encoded(lt::entry const& torrent)
{
	std::string bytes;
	lt::bencode(std::back_inserter(bytes), torrent);
	return bytes;
}

} // namespace

TEST(torrent_load, a_v1_torrent_is_loaded_with_its_files_and_hashes)
{
	auto const torrent = made(torrent_kind::v1);
	auto const loaded = value_of(load_torrent(torrent.bytes, name));
	EXPECT_FALSE(loaded->info_hashes().has_v2());
	EXPECT_EQ(loaded->info_hashes().v1, hash_of_info(torrent.bytes));
	EXPECT_EQ(loaded->name(), "disk");
	auto const& files = loaded->files();
	ASSERT_EQ(files.num_files(), 2);
	EXPECT_EQ(files.file_name(lt::file_index_t{0}), "0x00001000");
	EXPECT_EQ(files.file_size(lt::file_index_t{0}), 20'000);
	EXPECT_EQ(files.file_name(lt::file_index_t{1}), "0x00020000");
	EXPECT_EQ(files.file_size(lt::file_index_t{1}), 30'001);
	EXPECT_EQ(loaded->num_pieces(), 4);
	expect_pieces_of(*loaded, content_of(*loaded));
}

TEST(torrent_load, a_hybrid_torrent_is_loaded_by_its_v1_half)
{
	auto const torrent = made(torrent_kind::hybrid);
	auto const loaded = value_of(load_torrent(torrent.bytes, name));
	EXPECT_FALSE(loaded->info_hashes().has_v2());
	EXPECT_FALSE(loaded->v2());
	EXPECT_TRUE(loaded->v1());
	EXPECT_EQ(loaded->info_hashes().v1, hash_of_info(torrent.bytes));
	// each file but the last is padded to a piece
	EXPECT_EQ(loaded->num_pieces(), 2 + 2);
	expect_pieces_of(*loaded, content_of(*loaded));
}

TEST(torrent_load, a_copy_of_a_hybrid_torrent_keeps_its_info_hash)
{
	auto const torrent = made(torrent_kind::hybrid);
	lt::torrent_info const copy(*value_of(load_torrent(torrent.bytes, name)));
	EXPECT_EQ(copy.info_hashes().v1, hash_of_info(torrent.bytes));
	EXPECT_FALSE(copy.info_hashes().has_v2());
}

TEST(torrent_load, unknown_keys_of_a_hybrid_torrent_count_for_its_info_hash_and_stay)
{
	auto torrent = decoded(made(torrent_kind::hybrid).bytes);
	torrent["info"]["rawswarm"]["size"] = 1'000'000;
	auto const bytes = encoded(torrent);
	auto const loaded = value_of(load_torrent(bytes, name));
	EXPECT_EQ(loaded->info_hashes().v1, hash_of_info(bytes));
	EXPECT_EQ(loaded->info("rawswarm").dict_find_int_value("size"), 1'000'000);
}

TEST(torrent_load, a_v2_only_torrent_is_refused)
{
	EXPECT_EQ(refusal(made(torrent_kind::v2).bytes), "a v2-only torrent; make it as v1 or hybrid");
}

TEST(torrent_load, bytes_that_are_not_a_torrent_are_refused)
{
	EXPECT_TRUE(refusal("").starts_with("no torrent: "));
	EXPECT_TRUE(refusal("<html>404</html>").starts_with("no torrent: "));
	EXPECT_TRUE(refusal(std::string(1000, '\0')).starts_with("no torrent: "));
	EXPECT_EQ(refusal("le"), "no torrent: not a dictionary");
	EXPECT_EQ(refusal("i7e"), "no torrent: not a dictionary");
	EXPECT_EQ(refusal("4:info"), "no torrent: not a dictionary");
	EXPECT_EQ(refusal("de"), "no torrent: it has no info dictionary");
	EXPECT_EQ(refusal("d4:infoi1ee"), "no torrent: it has no info dictionary");
	EXPECT_NE(refusal("d4:infodee"), "loaded");
}

TEST(torrent_load, a_torrent_that_is_cut_off_anywhere_is_refused)
{
	for (auto const kind : {torrent_kind::v1, torrent_kind::hybrid})
	{
		auto const bytes = made(kind).bytes;
		for (std::size_t length = 0; length < bytes.size(); ++length)
		{
			EXPECT_TRUE(refusal(bytes.substr(0, length)).starts_with("no torrent: ")) << length;
		}
	}
}

TEST(torrent_load, an_info_dictionary_that_contradicts_itself_is_refused)
{
	for (auto const kind : {torrent_kind::v1, torrent_kind::hybrid})
	{
		auto const good = decoded(made(kind).bytes);
		auto too_few = good;
		too_few["info"]["pieces"] = good["info"]["pieces"].string().substr(20);
		EXPECT_NE(refusal(encoded(too_few)), "loaded");
		auto no_length = good;
		no_length["info"].dict().erase("piece length");
		EXPECT_NE(refusal(encoded(no_length)), "loaded");
		auto no_files = good;
		no_files["info"].dict().erase("files");
		EXPECT_NE(refusal(encoded(no_files)), "loaded");
		auto negative = good;
		negative["info"]["files"].list().front()["length"] = -1;
		EXPECT_NE(refusal(encoded(negative)), "loaded");
	}
}

TEST(torrent_load, a_v2_torrent_that_only_claims_to_be_hybrid_is_refused)
{
	auto torrent = decoded(made(torrent_kind::v2).bytes);
	torrent["info"]["pieces"] = std::string(20, 'x');
	EXPECT_NE(refusal(encoded(torrent)), "loaded");
}

TEST(torrent_load, a_torrent_that_is_too_large_is_refused_before_it_is_read)
{
	constexpr std::size_t limit = 128 * 1024 * 1024;
	auto const untouched = std::make_unique_for_overwrite<char[]>(limit + 1);
	EXPECT_EQ(refusal({untouched.get(), limit + 1}), "larger than 134217728 bytes");
}

TEST(torrent_load, deep_nesting_is_refused_wherever_it_stands)
{
	constexpr std::size_t deep = 1'000'000;
	EXPECT_TRUE(refusal(nested_lists(deep)).starts_with("no torrent: "));
	EXPECT_TRUE(refusal(std::string(deep, 'd')).starts_with("no torrent: "));
	EXPECT_TRUE(refusal("d4:info" + nested_lists(deep) + "e").starts_with("no torrent: "));
	for (auto const kind : {torrent_kind::v1, torrent_kind::hybrid})
	{
		auto bytes = made(kind).bytes;
		bytes.insert(bytes.find("4:infod") + 7, "1:a" + nested_lists(deep));
		EXPECT_TRUE(refusal(bytes).starts_with("no torrent: "));
	}
}

// Each takes eight bytes of memory, and is two bytes long.
TEST(torrent_load, lists_of_nothing_are_refused_before_they_take_memory)
{
	std::string nothing("l");
	for (int i = 0; i < 100'000; ++i)
	{
		nothing += "le";
	}
	for (auto const kind : {torrent_kind::v1, torrent_kind::hybrid})
	{
		auto bytes = made(kind).bytes;
		bytes.insert(bytes.find("4:infod") + 7, "1:a" + nothing + "e");
		EXPECT_TRUE(refusal(bytes).starts_with("no torrent: ")) << refusal(bytes);
	}
}

TEST(torrent_load, nesting_within_reason_is_skipped)
{
	for (auto const kind : {torrent_kind::v1, torrent_kind::hybrid})
	{
		auto bytes = made(kind).bytes;
		bytes.insert(bytes.find("4:infod") + 7, "1:a" + nested_lists(20));
		auto const loaded = value_of(load_torrent(bytes, name));
		EXPECT_EQ(loaded->info_hashes().v1, hash_of_info(bytes));
	}
}

} // namespace rawswarm
