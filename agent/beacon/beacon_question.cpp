// SPDX-License-Identifier: BSD-3-Clause
#include "agent/beacon/beacon_question.hpp"

#include "agent/beacon/beacon_mac.hpp"
#include "base/text.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <utility>

namespace rawswarm
{

namespace
{

constexpr std::size_t max_asked = 4; // as many watchers of a room as ask at once; a fifth asks again
constexpr int times_told = 8; // a watcher that misses all of them asks again
constexpr std::string_view head = R"({"rawswarm":1,"question":")";
constexpr std::string_view tail = R"("})";

} // namespace

std::string make_token()
{
	std::array<unsigned char, token_digits / 2> bytes{};
	return RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1 ? to_hex(bytes) : std::string();
}

std::string encode_question(std::string_view const token, std::string_view const key)
{
	return sign_beacon(std::string(head).append(token).append(tail), key);
}

// The bytes are those that encode_question() writes, and no other JSON: what strangers send is not parsed.
std::optional<std::string> read_question(std::string_view const datagram, std::string_view const key)
{
	if (datagram.size() != question_bytes || !datagram.starts_with(head))
	{
		return std::nullopt;
	}
	auto const token = datagram.substr(head.size(), token_digits);
	if (!is_token(token) || !beacon_is_authentic(datagram, key))
	{
		return std::nullopt;
	}
	return std::string(token);
}

void asked_tokens::note(std::string token)
{
	std::erase_if(m_asked, [&](asked const& a) { return a.token == token; });
	if (m_asked.size() == max_asked)
	{
		m_asked.erase(m_asked.begin());
	}
	m_asked.push_back({std::move(token), 0});
}

std::vector<std::string> asked_tokens::next()
{
	std::vector<asked*> by_need;
	by_need.reserve(m_asked.size());
	for (auto& a : m_asked)
	{
		by_need.push_back(&a);
	}
	std::ranges::stable_sort(by_need, {}, &asked::told);
	by_need.resize(std::min(by_need.size(), max_answers));
	std::vector<std::string> tokens;
	tokens.reserve(by_need.size());
	for (auto* const a : by_need)
	{
		++a->told;
		tokens.push_back(a->token);
	}
	std::erase_if(m_asked, [](asked const& a) { return a.told >= times_told; });
	return tokens;
}

bool asked_tokens::has_new() const noexcept
{
	return std::ranges::any_of(m_asked, [](asked const& a) { return a.told == 0; });
}

} // namespace rawswarm
