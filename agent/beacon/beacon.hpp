// SPDX-License-Identifier: BSD-3-Clause
// UDP beacons: a JSON datagram of at most 1,400 bytes that tells the room how far this machine is.
//
// Sending never blocks the work: sockets are non-blocking, and a datagram that the kernel refuses is
// dropped (logged at debug, once a destination). With a key the datagram ends in an HMAC-SHA256
// (RFC 2104) over every byte before it.
#pragma once

#include "agent/progress/progress.hpp"
#include "base/result.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rawswarm
{

inline constexpr std::size_t max_beacon_bytes = 1400;

// What stays the same for a whole run.
struct beacon_identity
{
	std::string job; // the manifest's name
	std::string agent; // this machine's MAC address
	std::string host; // host name
	std::string run; // 32 random hex digits, new for every start
};

std::string make_run_id();

// One datagram, without the mac. Never longer than max_beacon_bytes less room for the mac: when it does not
// fit, all of "storage" but its first three keys goes first, then the texts are cut, and then targets are
// left out from the end, with "targets_total" saying how many there are. Invalid UTF-8 is replaced, never
// thrown.
std::string encode_beacon(beacon_identity const& id, std::uint64_t seq, progress const& p);

// What a datagram says.
struct received_beacon
{
	beacon_identity id;
	std::uint64_t seq = 0;
	progress p;
	std::size_t targets_total = 0; // how many targets there are; more than p.targets when some were left out
};

// The reverse of encode_beacon, for datagrams that anyone may have sent: unknown keys are ignored, a
// missing agent, run, seq or state, a wrong type, an unknown state or a number outside 0 to 2^53 is
// fault::refused. Does not look at the mac. Texts are as they came: clean_text() before they are shown.
result<received_beacon> decode_beacon(std::string_view datagram);

// {"version":1,"from":...,"beacon":{...}}, one line of ASCII without the newline. Empty when the
// datagram is no JSON.
std::string beacon_json_line(std::string_view from, std::string_view datagram);

// The datagram with its closing brace replaced by `,"mac":"<64 hex digits>"}`. The HMAC is over all
// the bytes before `,"mac"`.
std::string sign_beacon(std::string datagram, std::string_view key);

// True if the datagram ends in the right mac for this key (compared in constant time).
bool beacon_is_authentic(std::string_view datagram, std::string_view key);

// The key file's bytes, less one trailing newline. fault::refused when it cannot be read, is empty
// or is larger than 4 KiB.
result<std::string> read_key_file(std::string const& path);

// ADDRESS:PORT or [ADDRESS]:PORT, the second for IPv6 (no names: a beacon waits for no resolver). Port
// 0 is taken. fault::refused.
result<boost::asio::ip::udp::endpoint> parse_endpoint(std::string_view text);

// The reverse: 10.0.0.1:7700, [fe80::1%eth0]:7700.
std::string format_endpoint(boost::asio::ip::udp::endpoint const& e);

// Owned and called by one thread, that of the io_context.
class beacon_sender
{
public:
	// Multicast and broadcast destinations are allowed; multicast TTL is 1, and a multicast datagram
	// that has no route goes out of every interface that is up. A destination that cannot be opened (no
	// IPv6, say) is dropped with one line in the log.
	beacon_sender(boost::asio::io_context& ios, beacon_identity id,
		std::vector<boost::asio::ip::udp::endpoint> to, std::optional<std::string> key);
	~beacon_sender();
	beacon_sender(beacon_sender const&) = delete;
	beacon_sender& operator=(beacon_sender const&) = delete;

	// Sends one datagram to each destination, now. Returns at once; never throws.
	void send(progress const& p);

private:
	struct impl;
	std::unique_ptr<impl> m_impl;
};

} // namespace rawswarm
