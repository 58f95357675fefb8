// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/swarm_settings.hpp"

#include "storage/backend/fan_out_io.hpp"

#include <boost/asio/ip/address.hpp>
#include <libtorrent/alert.hpp>
#include <libtorrent/session_handle.hpp>

#include <cstdint>
#include <utility>

namespace rawswarm
{

namespace
{

struct int_setting
{
	int name;
	int value;
};

struct bool_setting
{
	int name;
	bool value;
};

using sp = lt::settings_pack;

// Only settings that differ from libtorrent's defaults and make a difference: behind each its reason and, in
// angle brackets, the test that fails without it. Those without a test's folder are of the integration test
// swarm_settings. "contract": it follows from what the program promises. Times are of whole rooms, as
// multiples of the ideal (docs/performance.md); rooms of the same kind differ by 0.03.
//
// Left out, as they change nothing here: DHT is not compiled in; torrents are not managed by libtorrent, so
// its limits of active ones do not apply; all trackers are in one tier; max_failcount is never reached
// (forget_failures() in agent/bittorrent/libtorrent_internals.hpp); peer_connect_timeout is never reached, as
// host_watch.hpp ends an attempt once the kernel has asked at 0, 1 and 3 seconds; listen_system_port_fallback
// is on by itself: each TCP socket has a UDP socket beside it, for udp trackers, with the same number, which
// somebody else may hold, and if it is the TCP port that is taken, listen_watch ends the job.
constexpr bool_setting bool_settings[] = {
	// contract: the room's router is not ours to configure
	{sp::enable_upnp, false}, // <routers_are_left_alone>
	{sp::enable_natpmp, false}, // the same <routers_are_left_alone>
	// uTP yields to other traffic, and its code has open faults
	{sp::enable_outgoing_utp, false}, // <utp_is_neither_spoken_nor_answered>
	{sp::enable_incoming_utp, false}, // the same <utp_is_neither_spoken_nor_answered>
	// a room behind one address, several agents on a host
	{sp::allow_multiple_connections_per_ip, true}, // <several_machines_behind_one_address_are_served>
	// the job's `allow` is for peers; it names the trackers itself
	{sp::apply_ip_filter_to_trackers, false}, // <tracker_is_asked_outside_of_the_allowed_networks>
	// each tracker that the job names may know other peers
	{sp::announce_to_all_trackers, true}, // <every_tracker_is_asked_again>
};

constexpr int_setting int_settings[] = {
	// machines that boot together connect together, to an agent that may be busy; the default is 5
	{sp::listen_queue_size, 1000}, // <machines_that_boot_together_can_connect_while_the_agent_is_busy>
	// 15 clients: 1.17 to 1.20 times the ideal; with 8 slots 1.21
	{sp::unchoke_slots_limit, -1}, // equal hosts <every_peer_of_a_large_room_is_served>
	// a room, not the internet; bounded by RLIMIT_NOFILE as well
	{sp::connections_limit, 2000}, // <every_peer_of_a_large_room_is_served>
	// per second: in a large room the rest waits for the next second
	{sp::connection_speed, 200}, // <large_room_is_dialled_in_a_few_seconds>
	// a peer that is gone is dialled every second, as it may come back; the default is a minute
	{sp::min_reconnect_time, 0}, // <peer_that_hangs_up_is_dialled_again_at_once>
	// 15 clients: 1.17 to 1.20 times the ideal; with 4 random pieces first 1.21
	{sp::initial_picker_threshold, 0}, // nobody has anything: rarest first <rarest_piece_is_asked_for_first>
	// percent of what the peer takes per second: messages to it wait behind the blocks in its send buffer.
	// 15 clients: 1.24 times the ideal with 50, 1.17 with 10, 1.16 with 3
	{sp::send_buffer_watermark_factor, 10}, // <little_waits_in_front_of_a_message_to_a_peer>
	// bytes: of each peer, at the beginning too, several blocks are packed at once
	{sp::send_buffer_low_watermark, 64 * 1024}, // <several_blocks_are_made_ready_for_a_slow_peer>
	// seconds: the tracker of a room says when it wants to be asked again; the default is 300
	{sp::min_announce_interval, 10}, // <tracker_is_asked_again_when_it_says>
	// seconds: the end must not wait for a tracker that is gone
	{sp::stop_tracker_timeout, 1}, // <end_does_not_wait_for_a_tracker_that_is_silent>
};

// Until receive_buffers.hpp has counted the peers. Not 64 KiB: a socket starts with that, so libtorrent
// believes that it is set already, and it grows.
constexpr int first_receive_buffer = 32 * 1024; // bytes

void add_everyone(lt::ip_filter& filter, std::uint32_t const flags)
{
	namespace ip = boost::asio::ip;
	filter.add_rule(ip::address_v4::any(), ip::address_v4::broadcast(), flags);
	ip::address_v6::bytes_type last;
	last.fill(0xff);
	filter.add_rule(ip::address_v6::any(), ip::address_v6(last), flags);
}

} // namespace

lt::settings_pack make_settings(manifest_swarm const& swarm)
{
	lt::settings_pack pack;
	for (auto const& s : bool_settings)
	{
		pack.set_bool(s.name, s.value);
	}
	for (auto const& s : int_settings)
	{
		pack.set_int(s.name, s.value);
	}
	pack.set_str(sp::user_agent, "rawswarm");
	pack.set_str(sp::peer_fingerprint, "-RW0001-");
	pack.set_str(sp::listen_interfaces, to_string(swarm.listen));
	pack.set_bool(sp::enable_lsd, swarm.lsd);
	pack.set_int(sp::upload_rate_limit, static_cast<int>(swarm.upload_limit));
	pack.set_int(sp::download_rate_limit, static_cast<int>(swarm.download_limit));
	pack.set_int(sp::recv_socket_buffer_size, first_receive_buffer);
	pack.set_int(sp::alert_mask,
		lt::alert_category::error | lt::alert_category::status | lt::alert_category::storage
			| lt::alert_category::tracker | lt::alert_category::connect | lt::alert_category::ip_block);
	return pack;
}

lt::ip_filter make_ip_filter(manifest_swarm const& swarm)
{
	lt::ip_filter filter;
	if (swarm.allow.empty())
	{
		return filter;
	}
	add_everyone(filter, lt::ip_filter::blocked);
	for (auto const& network : swarm.allow)
	{
		filter.add_rule(network.first, network.last, 0);
	}
	return filter;
}

lt::session_params make_session_params(
	manifest_swarm const& settings, std::shared_ptr<storage_context> storage)
{
	// No session-wide plugins: each torrent gets those that a room needs. Two of libtorrent's defaults are
	// left out: the metadata extension, as everyone has the torrent, and smart-ban, which libtorrent 2.0.11
	// can leave with dangling pointers.
	lt::session_params params(make_settings(settings), {});
	params.disk_io_constructor = fan_out_io_constructor(std::move(storage));
	return params;
}

lt::ip_filter all_in_global_class()
{
	constexpr std::uint32_t global = 1U << static_cast<unsigned>(lt::session_handle::global_peer_class_id);
	lt::ip_filter classes;
	add_everyone(classes, global);
	return classes;
}

} // namespace rawswarm
