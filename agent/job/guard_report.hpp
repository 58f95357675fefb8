// SPDX-License-Identifier: BSD-3-Clause
// What the process that works tells the one that guards it (guarded_work.hpp): that it takes signals, with
// the program that may take the guard's place; at the end its exit code and the action.
//
// The program is told when the job was fetched and before the first peer is met, and once: what is told
// later, by a process that somebody may have taken over meanwhile, does not change it. Nor does it fill the
// guard's memory: what is longer than any report means nothing. Pure.
#pragma once

#include "agent/manifest/manifest.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rawswarm
{

struct guarded_end
{
	int exit_code = 0;
	end_action action = end_action::proceed;
};

// What is sent.
std::string signals_report(std::span<std::string const> words);
std::string end_report(guarded_end const& end);

// What arrives, in pieces of any size.
class guard_report
{
public:
	void add(std::string_view bytes);

	bool takes_signals() const { return m_takes_signals; }
	std::vector<std::string> const& words() const { return m_words; } // none: no program
	std::optional<guarded_end> const& end() const { return m_end; }

	// Nothing more is taken: it is complete, or can be none.
	bool is_over() const { return m_end || m_is_none; }

	// More than a job has, which is of 1 MiB at most, with the names of the machine put in.
	static constexpr std::size_t max_bytes = std::size_t(2) * 1024 * 1024;
	static constexpr int max_words = 1024;

	std::size_t kept() const { return m_bytes.size(); } // bytes

private:
	void give_up();

	std::string m_bytes; // that are not understood yet
	bool m_takes_signals = false; // its words may be still to come
	bool m_has_words = false;
	bool m_is_none = false; // it is longer than any can be, or says that it will be
	std::vector<std::string> m_words;
	std::optional<guarded_end> m_end;
};

} // namespace rawswarm
