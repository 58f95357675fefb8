// SPDX-License-Identifier: BSD-3-Clause
// A tracker, what it is asked, and its answers in words.
#pragma once

#include "agent/tracker/tracker.hpp"

#include <boost/asio/ip/address.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <libtorrent/bdecode.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace rawswarm::test
{

inline std::string const known(40, 'a');
inline std::string const hash_text = [] {
	std::string text;
	for (int i = 0; i < 20; ++i)
	{
		text += "%aa";
	}
	return text;
}();
inline std::string const raw_hash(20, '\xaa');

// An answer in words: "10.0.0.1:6881" in the order in which it came.
struct answer
{
	explicit answer(std::string bytes)
		: text(std::move(bytes))
	{
		lt::error_code ec;
		auto const root = lt::bdecode(text, ec);
		EXPECT_FALSE(ec) << ec.message() << " " << text;
		failure = std::string(root.dict_find_string_value("failure reason"));
		interval = root.dict_find_int_value("interval");
		min_interval = root.dict_find_int_value("min interval");
		complete = root.dict_find_int_value("complete");
		incomplete = root.dict_find_int_value("incomplete");
		add(root.dict_find_string_value("peers"), 4);
		add(root.dict_find_string_value("peers6"), 16);
		has_peers = bool(root.dict_find("peers"));
	}

	void add(lt::string_view const peers, std::size_t const length)
	{
		for (std::size_t i = 0; i + length + 2 <= peers.size(); i += length + 2)
		{
			auto const part = peers.substr(i, length);
			boost::asio::ip::address a;
			if (length == 4)
			{
				boost::asio::ip::address_v4::bytes_type b;
				std::copy(part.begin(), part.end(), b.begin());
				a = boost::asio::ip::address_v4(b);
			}
			else
			{
				boost::asio::ip::address_v6::bytes_type b;
				std::copy(part.begin(), part.end(), b.begin());
				a = boost::asio::ip::address_v6(b);
			}
			auto const high = static_cast<unsigned char>(peers[i + length]);
			auto const low = static_cast<unsigned char>(peers[i + length + 1]);
			list.push_back(fmt::format("{}:{}", a.to_string(), high * 256 + low));
		}
	}

	std::set<std::string> peers() const { return {list.begin(), list.end()}; }

	std::string text;
	std::string failure;
	std::int64_t interval = 0;
	std::int64_t min_interval = 0;
	std::int64_t complete = 0;
	std::int64_t incomplete = 0;
	bool has_peers = false;
	std::vector<std::string> list;
};

// A tracker that knows one torrent, at a time that the test sets.
class tracker_test : public ::testing::Test
{
protected:
	tracker_test() { m_tracker.set_known({known}); }

	answer ask(std::string const& from, std::string const& rest = "&port=6881&left=1")
	{
		return answer(m_tracker.announce("info_hash=" + hash_text + rest, boost::asio::ip::make_address(from),
			boost::asio::ip::make_address(m_server), m_now));
	}

	// So many machines of 10.1.0.0/16, each with another address.
	void fill(int const count, std::string const& rest)
	{
		for (int i = 0; i < count; ++i)
		{
			ask(fmt::format("10.1.{}.{}", i / 250, i % 250 + 1), rest);
		}
	}

	tracker m_tracker;
	tracker::clock::time_point m_now{std::chrono::hours(1)};
	std::string m_server = "10.0.0.254";
};

} // namespace rawswarm::test
