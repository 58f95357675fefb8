// SPDX-License-Identifier: BSD-3-Clause
#include "agent/bittorrent/torrent_load.hpp"

#include <libtorrent/bdecode.hpp>
#include <libtorrent/hasher.hpp>
#include <libtorrent/info_hash.hpp>
#include <libtorrent/torrent_info.hpp>

#include <algorithm>
#include <cstddef>
#include <exception>
#include <string>

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

// Eight bytes of memory are taken for each token, twice that while there come more. A file of an extent has 3
// bytes a token at the least (of 8, in 24 bytes); lists of nothing would have one.
constexpr int bytes_of_token = 2;
constexpr int least_tokens = 1000;

int max_tokens(std::size_t const bytes)
{
	return std::clamp(static_cast<int>(bytes) / bytes_of_token, least_tokens, max_torrent_tokens);
}

result<lt::bdecode_node> decode(lt::span<char const> const bytes, std::string_view const name)
{
	lt::error_code ec;
	int position = 0;
	auto root = lt::bdecode(
		bytes, ec, &position, max_torrent_depth, max_tokens(static_cast<std::size_t>(bytes.size())));
	if (ec)
	{
		return fail(fault::refused, "reading {}: no torrent: {} at byte {}", name, ec.message(), position);
	}
	return root;
}

std::shared_ptr<lt::torrent_info> parse(lt::bdecode_node const& root)
{
	lt::load_torrent_limits limits;
	limits.max_buffer_size = max_torrent_bytes;
	limits.max_pieces = max_torrent_pieces;
	limits.max_decode_depth = max_torrent_depth;
	limits.max_decode_tokens = max_torrent_tokens;
	return std::make_shared<lt::torrent_info>(root, limits);
}

void append(std::string& to, lt::span<char const> const bytes)
{
	to.append(bytes.data(), static_cast<std::size_t>(bytes.size()));
}

// A torrent with the v1 keys of the info dictionary alone.
std::string v1_half(lt::bdecode_node const& info)
{
	std::string torrent("d4:infod");
	for (int i = 0; i < info.dict_size(); ++i)
	{
		auto const [key, value] = info.dict_at_node(i);
		if (key.string_value() != "meta version" && key.string_value() != "file tree")
		{
			append(torrent, key.data_section());
			append(torrent, value.data_section());
		}
	}
	return torrent + "ee";
}

result<std::shared_ptr<lt::torrent_info const>> load(lt::span<char const> const bytes, std::string_view name)
{
	std::string v1;
	lt::info_hash_t hash;
	{
		BOOST_OUTCOME_TRY(root, decode(bytes, name));
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
			return std::shared_ptr<lt::torrent_info const>(parse(root));
		}
		if (!info.dict_find_string("pieces"))
		{
			return fail(fault::refused, "reading {}: a v2-only torrent; make it as v1 or hybrid", name);
		}
		v1 = v1_half(info);
		hash = lt::info_hash_t(lt::hasher(info.data_section()).final());
	}
	BOOST_OUTCOME_TRY(root, decode(v1, name));
	auto torrent = parse(root);
	(*torrent).*info_hash_of_torrent_info() = hash; // of the whole
	return std::shared_ptr<lt::torrent_info const>(torrent);
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
