// SPDX-License-Identifier: BSD-3-Clause
#include "storage/device/piece_seal.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace rawswarm
{

namespace
{

// The numbers below are those of the format.
constexpr std::uint64_t prime_1 = 0x9E3779B185EBCA87;
constexpr std::uint64_t prime_2 = 0xC2B2AE3D27D4EB4F;
constexpr std::uint64_t prime_3 = 0x165667B19E3779F9;
constexpr std::uint64_t prime_4 = 0x85EBCA77C2B2AE63;
constexpr std::uint64_t prime_5 = 0x27D4EB2F165667C5;

static_assert(std::endian::native == std::endian::little, "the format's numbers are little-endian");

template <class Number>
std::uint64_t number_at(char const* const bytes)
{
	Number n = 0;
	std::memcpy(&n, bytes, sizeof(n));
	return n;
}

constexpr std::uint64_t round_of(std::uint64_t const lane, std::uint64_t const input)
{
	return std::rotl(lane + input * prime_2, 31) * prime_1;
}

std::uint64_t merge(std::array<std::uint64_t, 4> const& lanes)
{
	auto sum =
		std::rotl(lanes[0], 1) + std::rotl(lanes[1], 7) + std::rotl(lanes[2], 12) + std::rotl(lanes[3], 18);
	for (auto const lane : lanes)
	{
		sum = (sum ^ round_of(0, lane)) * prime_1 + prime_4;
	}
	return sum;
}

std::uint64_t add_rest(std::uint64_t sum, std::span<char const> rest)
{
	for (; rest.size() >= sizeof(std::uint64_t); rest = rest.subspan(sizeof(std::uint64_t)))
	{
		sum = std::rotl(sum ^ round_of(0, number_at<std::uint64_t>(rest.data())), 27) * prime_1 + prime_4;
	}
	if (rest.size() >= sizeof(std::uint32_t))
	{
		sum = std::rotl(sum ^ (number_at<std::uint32_t>(rest.data()) * prime_1), 23) * prime_2 + prime_3;
		rest = rest.subspan(sizeof(std::uint32_t));
	}
	for (auto const byte : rest)
	{
		sum = std::rotl(sum ^ (static_cast<std::uint8_t>(byte) * prime_5), 11) * prime_1;
	}
	return sum;
}

std::uint64_t mixed(std::uint64_t sum)
{
	sum = (sum ^ (sum >> 33)) * prime_2;
	sum = (sum ^ (sum >> 29)) * prime_3;
	return sum ^ (sum >> 32);
}

} // namespace

std::array<std::uint64_t, seal_sum::lanes> seal_sum::first_lanes()
{
	return {prime_1 + prime_2, prime_2, 0, 0 - prime_1};
}

void seal_sum::add_stripe(char const* bytes)
{
	for (auto& lane : m_lanes)
	{
		lane = round_of(lane, number_at<std::uint64_t>(bytes));
		bytes += sizeof(std::uint64_t);
	}
}

void seal_sum::update(std::span<char const> bytes)
{
	m_length += bytes.size();
	while (!bytes.empty())
	{
		if (m_rest_length == 0 && bytes.size() >= stripe)
		{
			add_stripe(bytes.data());
			bytes = bytes.subspan(stripe);
			continue;
		}
		auto const part = std::min(bytes.size(), stripe - m_rest_length);
		std::memcpy(m_rest.data() + m_rest_length, bytes.data(), part);
		m_rest_length += part;
		bytes = bytes.subspan(part);
		if (m_rest_length == stripe)
		{
			add_stripe(m_rest.data());
			m_rest_length = 0;
		}
	}
}

piece_seal seal_sum::value() const
{
	auto const sum = m_length >= stripe ? merge(m_lanes) : prime_5;
	return mixed(add_rest(sum + m_length, std::span(m_rest).first(m_rest_length)));
}

piece_seal seal_of(std::span<char const> const bytes)
{
	seal_sum sum;
	sum.update(bytes);
	return sum.value();
}

} // namespace rawswarm
