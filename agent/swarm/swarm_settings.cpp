// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/swarm_settings.hpp"

#include <boost/asio/ip/address.hpp>
#include <libtorrent/alert.hpp>

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

// Only settings that differ from libtorrent's defaults, each with its reason. "contract": it follows from
// what the program promises. Times are of whole rooms, as multiples of the ideal (docs/performance.md); rooms
// of the same kind differ by 0.03.
constexpr bool_setting bool_settings[] = {
	{sp::enable_dht, false}, // contract: a job names its sources; strangers are not asked
	{sp::enable_upnp, false}, // contract: the room's router is not ours to configure
	{sp::enable_natpmp, false}, // the same
	{sp::enable_outgoing_utp, false}, // uTP yields to other traffic, and its code has open faults
	{sp::enable_incoming_utp, false}, // the same
	{sp::allow_multiple_connections_per_ip, true}, // a room behind one address, several agents on a host
	{sp::apply_ip_filter_to_trackers, false}, // the job's `allow` is for peers; it names the trackers itself
	{sp::listen_system_port_fallback, false}, // contract: the port of the job, or an error
	{sp::announce_to_all_trackers, true}, // each tracker that the job names may know other peers
	{sp::announce_to_all_tiers, true}, // the same
};

constexpr int_setting int_settings[] = {
	{sp::listen_queue_size, 1000}, // machines that boot together connect together; the default is 5
	{sp::max_retry_port_bind, 0}, // contract: the port of the job, or an error
	// 15 clients: 1.17 to 1.20 times the ideal; with 8 slots 1.21
	{sp::unchoke_slots_limit, -1}, // equal hosts: every peer may request from every other
	{sp::active_downloads, -1}, // all targets of a job run at once
	{sp::active_seeds, -1}, // the same
	{sp::active_limit, -1}, // the same
	{sp::connections_limit, 2000}, // a room, not the internet; bounded by RLIMIT_NOFILE as well
	// a room of 15 that starts together is as fast with the defaults of these two, 30 and 60
	{sp::connection_speed, 200}, // per second: in a large room the rest waits for the next second
	{sp::min_reconnect_time, 1}, // seconds: peers reboot and come back
	{sp::max_failcount, 20}, // a seeder that comes up late is still dialled
	{sp::peer_connect_timeout, 5}, // seconds: a host on a LAN answers at once or not at all
	// 15 clients: 1.17 to 1.20 times the ideal; with 4 random pieces first 1.21
	{sp::initial_picker_threshold, 0}, // rarest first from the first piece on, as nobody has anything
	// messages to a peer wait behind the blocks in its send buffer; 15 clients: 1.24 times the ideal with
    // 50, 1.17 with 10, 1.16 with 3
	{sp::send_buffer_watermark_factor, 10}, // percent of what the peer takes per second
	{sp::in_enc_policy, sp::pe_disabled}, // a LAN of one owner; encryption costs CPU time per byte
	{sp::out_enc_policy, sp::pe_disabled}, // the same
	{sp::alert_queue_size, 10000}, // each finished piece is an alert, and none may be lost
	{sp::stop_tracker_timeout, 1}, // seconds: the end must not wait for a tracker that is gone
	{sp::mixed_mode_algorithm, sp::prefer_tcp}, // there is no uTP to yield to
};

// Until receive_buffers.hpp has counted the peers. Not 64 KiB: a socket starts with that, so libtorrent
// believes that it is set already, and it grows.
constexpr int first_receive_buffer = 32 * 1024; // bytes

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
	pack.set_str(sp::dht_bootstrap_nodes, "");
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
	namespace ip = boost::asio::ip;
	lt::ip_filter filter;
	if (swarm.allow.empty())
	{
		return filter;
	}
	filter.add_rule(ip::address_v4::any(), ip::address_v4::broadcast(), lt::ip_filter::blocked);
	ip::address_v6::bytes_type last;
	last.fill(0xff);
	filter.add_rule(ip::address_v6::any(), ip::address_v6(last), lt::ip_filter::blocked);
	for (auto const& network : swarm.allow)
	{
		filter.add_rule(network.first, network.last, 0);
	}
	return filter;
}

} // namespace rawswarm
