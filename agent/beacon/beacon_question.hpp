// SPDX-License-Identifier: BSD-3-Clause
// How a watcher tells an agent that lives from one whose signed beacons are repeated: it asks the sender of a
// beacon for a token that it has drawn itself, and the agent says the token in its next beacons, under their
// mac. No clock has part in it. The datagrams are in docs/spec.md. Pure but for the drawing; any thread.
#pragma once

#include "base/text.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rawswarm
{

inline constexpr std::size_t token_digits = 16; // 64 bits: none comes twice
inline constexpr std::size_t question_bytes = 117; // of each
inline constexpr std::size_t max_answers = 2; // in one beacon: eight targets still fit beside them

// Empty if there is no randomness: then nobody can be asked.
std::string make_token();

// One datagram, signed with the key.
std::string encode_question(std::string_view token, std::string_view key);

// The token. Empty if it is no question, or is not signed with the key.
std::optional<std::string> read_question(std::string_view datagram, std::string_view key);

inline bool is_token(std::string_view const text) noexcept
{
	return text.size() == token_digits && std::ranges::all_of(text, is_hex_digit);
}

// The tokens that an agent was asked for. Keeps four, those that were asked for last, and forgets each once
// it was said often enough to be heard; who did not hear it asks again. One thread.
class asked_tokens
{
public:
	void note(std::string token);

	// Those to say in the next beacon, at most max_answers: first what was said least often.
	std::vector<std::string> next();

	// Whether one of them was not said at all.
	bool has_new() const noexcept;

private:
	struct asked
	{
		std::string token;
		int told = 0;
	};

	std::vector<asked> m_asked; // the oldest first
};

} // namespace rawswarm
