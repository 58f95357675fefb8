// SPDX-License-Identifier: BSD-3-Clause
// The exit codes of the program and what each means, as docs/spec.md has them under "Exit codes". The numbers
// of failures are those of `fault`; the manual page and the tests take theirs from here.
#pragma once

#include "base/result.hpp"

#include <array>
#include <string_view>

namespace rawswarm
{

namespace exit_code
{

inline constexpr int done = 0;
inline constexpr int internal = static_cast<int>(fault::internal);
inline constexpr int usage = static_cast<int>(fault::usage);
inline constexpr int refused = static_cast<int>(fault::refused);
inline constexpr int target = static_cast<int>(fault::target);
inline constexpr int device = static_cast<int>(fault::device);
inline constexpr int verification = static_cast<int>(fault::verification);
inline constexpr int network = static_cast<int>(fault::network);

// A signal ends the program with this plus the signal's number, as a shell reports it.
inline constexpr int first_signal = 128;
inline constexpr int interrupted = first_signal + 2; // SIGINT
inline constexpr int terminated = first_signal + 15; // SIGTERM

} // namespace exit_code

struct exit_meaning
{
	int code;
	std::string_view meaning; // in the words of docs/spec.md
};

// In ascending order of the codes.
inline constexpr std::array<exit_meaning, 10> exit_meanings{{
	{exit_code::done, "done: every byte on the device, synced, and verified as the job asks"},
	{exit_code::internal, "an error of the program itself"},
	{exit_code::usage, "wrong command line"},
	{exit_code::refused, "manifest, signature or torrent refused"},
	{exit_code::target, "target missing, ambiguous, too small, in use, read-only"},
	{exit_code::device, "reading or writing a device failed"},
	{exit_code::verification, "verification failed"},
	{exit_code::network, "network: nothing could be fetched, or no progress within the job's time limit"},
	{exit_code::interrupted, "stopped by SIGINT, after an orderly flush"},
	{exit_code::terminated, "stopped by SIGTERM, after an orderly flush"},
}};

} // namespace rawswarm
