// SPDX-License-Identifier: BSD-3-Clause
// UDP beacons: a JSON datagram of at most 1,400 bytes that tells the room how far this machine is. There and
// back, without the mac (agent/beacon/beacon_mac.hpp). Pure.
#pragma once

#include "agent/progress/progress.hpp"
#include "base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rawswarm
{

inline constexpr std::size_t max_beacon_bytes = 1400;

// The same for a whole run.
struct beacon_identity
{
	std::string job; // the manifest's name
	std::string agent; // this machine's MAC address
	std::string host; // host name
	std::string run; // 32 random hex digits, new for every start
	std::string boot; // 16 hex digits of the kernel's start; empty: not known, and start_ms says nothing
	std::int64_t start_ms = 0; // from the kernel's start to this run's
};

inline constexpr std::size_t max_id_bytes = 64; // of agent and run: a watcher keeps them per machine
inline constexpr std::size_t max_boot_bytes = 16;

// How many targets are read from one datagram: more than any agent sends, and few enough for what a watcher
// keeps of each machine.
inline constexpr std::size_t max_read_targets = 16;

// One datagram, without the mac. Never longer than max_beacon_bytes less space for the mac. If it does not
// fit, these are left out, in this order, until it does:
//
//   1. all of "storage" but its first three keys
//   2. of each target: info_hash, the wire's figures, and numbers that are 0
//   3. of each target: up, synced, written but while it is flushed, and eta_s but where it is the longest
//   4. the ends of texts
//   5. targets: those without an error from the end, then those with one. "targets_total" says how many there
//      are
//
// So eight targets with short names and no errors are whole but for 1 to 3. Invalid UTF-8 is replaced, never
// thrown.
//
// answers: tokens that watchers have asked for (agent/beacon/beacon_question.hpp), at most max_answers.
std::string encode_beacon(beacon_identity const& id, std::uint64_t seq, progress const& p,
	std::span<std::string const> answers = {});

struct received_beacon
{
	beacon_identity id;
	std::uint64_t seq = 0;
	progress p;
	std::vector<std::string> answers; // tokens; at most max_answers are read
	std::size_t targets_total = 0; // how many targets there are; more than p.targets if some were left out
};

// The reverse of encode_beacon, for datagrams that anyone may have sent: unknown keys are ignored; a missing
// agent, run, seq or state, a wrong type, an unknown state or a number outside 0 to 2^53 is fault::refused.
// Of the targets the first max_read_targets are read. Does not look at the mac. Texts are as they came:
// clean_text() before they are shown.
result<received_beacon> decode_beacon(std::string_view datagram);

// {"version":1,"from":...,"beacon":{...}}, one line of ASCII without the newline. Empty if the datagram is
// not JSON.
std::string beacon_json_line(std::string_view from, std::string_view datagram);

} // namespace rawswarm
