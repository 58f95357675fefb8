// SPDX-License-Identifier: BSD-3-Clause
#include "agent/bittorrent/torrent_load.hpp"

#include <libtorrent/bdecode.hpp>
#include <libtorrent/bencode.hpp>
#include <libtorrent/entry.hpp>
#include <libtorrent/hasher.hpp>
#include <libtorrent/info_hash.hpp>
#include <libtorrent/torrent_info.hpp>

#include <exception>
#include <iterator>
#include <vector>

namespace rawswarm
{

namespace
{

constexpr int max_torrent_pieces = 4 * 1024 * 1024;
constexpr int max_torrent_tokens = 16 * 1024 * 1024;
constexpr int max_torrent_depth = 32;

// libtorrent derives the info-hash from the dictionary that it parses, and offers no way to say that a
// shortened dictionary stands for the whole one. This names its private member: an explicit
// instantiation may (C++20 [temp.spec.general]/6), and does not compile if the member ever changes.
using info_hash_member = lt::info_hash_t lt::torrent_info::*;
info_hash_member info_hash_of_torrent_info();

template <info_hash_member Member>
struct expose_info_hash
{
	friend info_hash_member info_hash_of_torrent_info() { return Member; }
};

template struct expose_info_hash<&lt::torrent_info::m_info_hash>;

std::shared_ptr<lt::torrent_info> parse(lt::span<char const> const bytes)
{
	lt::load_torrent_limits limits;
	limits.max_buffer_size = max_torrent_bytes;
	limits.max_pieces = max_torrent_pieces;
	limits.max_decode_depth = max_torrent_depth;
	limits.max_decode_tokens = max_torrent_tokens;
	return std::make_shared<lt::torrent_info>(bytes, limits, lt::from_span);
}

// The v1 keys of the info dictionary alone, under the info-hash of the whole.
std::shared_ptr<lt::torrent_info> parse_v1_half(lt::bdecode_node const& info)
{
	lt::entry v1(info);
	v1.dict().erase("meta version");
	v1.dict().erase("file tree");
	lt::entry torrent;
	torrent["info"] = v1;
	std::vector<char> bytes;
	lt::bencode(std::back_inserter(bytes), torrent);
	auto ret = parse(bytes);
	(*ret).*info_hash_of_torrent_info() = lt::info_hash_t(lt::hasher(info.data_section()).final());
	return ret;
}

result<std::shared_ptr<lt::torrent_info const>> load(lt::span<char const> const bytes, std::string_view name)
{
	lt::error_code ec;
	int position = 0;
	auto const root = lt::bdecode(bytes, ec, &position, max_torrent_depth, max_torrent_tokens);
	if (ec)
	{
		return fail(fault::refused, "reading {}: no torrent: {} at byte {}", name, ec.message(), position);
	}
	if (root.type() != lt::bdecode_node::dict_t)
	{
		return fail(fault::refused, "reading {}: no torrent: not a dictionary", name);
	}
	auto const info = root.dict_find_dict("info");
	if (!info)
	{
		return fail(fault::refused, "reading {}: no torrent: it has no info dictionary", name);
	}
	if (!info.dict_find("meta version"))
	{
		return std::shared_ptr<lt::torrent_info const>(parse(bytes));
	}
	if (!info.dict_find_string("pieces"))
	{
		return fail(fault::refused, "reading {}: a v2-only torrent; make it as v1 or hybrid", name);
	}
	return std::shared_ptr<lt::torrent_info const>(parse_v1_half(info));
}

} // namespace

result<std::shared_ptr<lt::torrent_info const>> load_torrent(
	std::string_view const bytes, std::string_view const name)
{
	if (bytes.size() > std::size_t(max_torrent_bytes))
	{
		return fail(fault::refused, "reading {}: larger than {} bytes", name, max_torrent_bytes);
	}
	try
	{
		return load(lt::span<char const>(bytes.data(), static_cast<std::ptrdiff_t>(bytes.size())), name);
	}
	catch (lt::system_error const& e)
	{
		return fail(fault::refused, "reading {}: {}", name, e.code().message());
	}
	catch (std::exception const& e)
	{
		return fail(fault::refused, "reading {}: {}", name, e.what());
	}
}

} // namespace rawswarm
