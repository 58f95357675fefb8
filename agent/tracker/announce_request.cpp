// SPDX-License-Identifier: BSD-3-Clause
#include "agent/tracker/announce_request.hpp"

#include "base/parse_number.hpp"
#include "base/percent_decoded.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace rawswarm
{

namespace
{

error refuse(std::string_view const reason)
{
	return fail(fault::refused, "{}", reason);
}

result<std::string> parse_info_hash(std::string_view const value)
{
	auto bytes = percent_decoded(value);
	if (!bytes || bytes->size() != info_hash_bytes)
	{
		return refuse("the info_hash is not 20 bytes, percent-encoded");
	}
	return std::move(*bytes);
}

announce_event event_from(std::string_view const name)
{
	constexpr std::array<std::pair<std::string_view, announce_event>, 4> events{
		{{"started", announce_event::started}, {"stopped", announce_event::stopped},
			{"completed", announce_event::completed}, {"paused", announce_event::paused}}};
	for (auto const& [word, event] : events)
	{
		if (word == name)
		{
			return event;
		}
	}
	return announce_event::none;
}

// Calls f with each key and value, in their order, as long as it succeeds.
template <class F>
result<void> for_each_value(std::string_view const query, F f)
{
	for (auto const part : split(query, '&'))
	{
		auto const equals = part.find('=');
		if (equals != std::string_view::npos)
		{
			BOOST_OUTCOME_TRYV(f(part.substr(0, equals), part.substr(equals + 1)));
		}
	}
	return success();
}

class announce_reader
{
public:
	// Of a key that comes twice the first counts.
	result<void> take(std::string_view const key, std::string_view const value)
	{
		auto const known = std::ranges::find(keys, key);
		if (known == keys.end() || std::exchange(m_seen.at(std::size_t(known - keys.begin())), true))
		{
			return success();
		}
		if (key == "info_hash")
		{
			BOOST_OUTCOME_TRY(hash, parse_info_hash(value));
			m_request.info_hash = std::move(hash);
		}
		else if (key == "port")
		{
			auto const port = parse_number<std::uint16_t>(value);
			if (!port)
			{
				return refuse("the port is not a number from 0 to 65535");
			}
			m_request.port = *port;
			m_has_port = true;
		}
		else if (key == "left")
		{
			auto const left = parse_number<std::uint64_t>(value);
			if (!left)
			{
				return refuse("left is not a number of bytes");
			}
			m_request.is_complete = *left == 0;
		}
		else
		{
			take_optional(key, value);
		}
		return success();
	}

	result<announce_request> finish()
	{
		if (m_request.info_hash.empty())
		{
			return refuse("the info_hash is missing");
		}
		if (!m_has_port)
		{
			return refuse("the port is missing");
		}
		return std::move(m_request);
	}

private:
	// What can be done without, and is so if it is odd.
	void take_optional(std::string_view const key, std::string_view const value)
	{
		if (key == "event")
		{
			m_request.event = event_from(value);
		}
		else if (key == "numwant")
		{
			m_request.wanted = parse_number<std::size_t>(value);
		}
		else if (key == "compact")
		{
			m_request.is_compact = value != "0";
		}
		else if (key == "no_peer_id")
		{
			m_request.with_peer_ids = value == "0";
		}
		else if (key == "peer_id")
		{
			auto const id = percent_decoded(value);
			m_request.peer_id = id && id->size() == info_hash_bytes ? *id : std::string();
		}
	}

	static constexpr std::array<std::string_view, 8> keys{
		"info_hash", "port", "left", "event", "numwant", "compact", "no_peer_id", "peer_id"};

	announce_request m_request;
	std::array<bool, keys.size()> m_seen{};
	bool m_has_port = false;
};

} // namespace

result<announce_request> parse_announce(std::string_view const query)
{
	announce_reader reader;
	BOOST_OUTCOME_TRYV(for_each_value(
		query, [&reader](auto const key, auto const value) { return reader.take(key, value); }));
	return reader.finish();
}

result<std::vector<std::string>> parse_scrape(std::string_view const query, std::size_t const most)
{
	std::vector<std::string> hashes;
	BOOST_OUTCOME_TRYV(for_each_value(query, [&](auto const key, auto const value) -> result<void> {
		if (key == "info_hash" && hashes.size() < most)
		{
			BOOST_OUTCOME_TRY(hash, parse_info_hash(value));
			hashes.push_back(std::move(hash));
		}
		return success();
	}));
	return hashes;
}

} // namespace rawswarm
