// SPDX-License-Identifier: BSD-3-Clause
// Whom the swarm can reach, and why it reaches nobody: the addresses that it listens at, the job's peers and
// the trackers. What changes is logged.
//
// Owned and called by one thread, that of the io_context.
#pragma once

#include "agent/manifest/manifest.hpp"
#include "agent/swarm/dialer.hpp"
#include "agent/swarm/job_peers.hpp"
#include "agent/swarm/listen_watch.hpp"
#include "agent/swarm/room_options.hpp"
#include "agent/swarm/tracker_watch.hpp"
#include "base/result.hpp"

#include <boost/asio/io_context.hpp>
#include <libtorrent/address.hpp>
#include <libtorrent/error_code.hpp>
#include <libtorrent/socket.hpp>

#include <functional>
#include <optional>
#include <string>

namespace rawswarm
{

class swarm_contacts
{
public:
	using dial_handler = std::function<void(lt::tcp::endpoint const&)>;

	// settings must outlive this. on_address: an address of a job's peer is to be dialled.
	swarm_contacts(boost::asio::io_context& ios, manifest_swarm const& settings, dial_handler on_address);

	// The session is about to listen.
	void start();

	// Looks up the job's peers, and has those dialled that are not connected.
	void dial();

	void contact(lt::tcp::endpoint const& peer, peer_contact what, lt::error_code const& why);
	void listens_at(lt::tcp::endpoint const& e);
	void cannot_listen_at(lt::tcp::endpoint const& e, lt::error_code const& why);
	// from: the address of ours that it was asked from.
	void tracker_answered(std::string const& url, lt::tcp::endpoint const& from);
	void tracker_failed(std::string const& url, lt::tcp::endpoint const& from, std::string reason);

	// Warns of the job's peers and of trackers that have been unreachable for long.
	void warn_of_silence();

	// An error: the job's addresses cannot be listened at.
	std::optional<error> judge_listening();

	// In one line.
	std::string why_nobody() const;

private:
	void found(host_port const& peer, lt::tcp::endpoint const& e);

	manifest_swarm const& m_settings;
	dial_handler m_on_address;
	job_peers m_job_peers;
	std::optional<listen_watch> m_listening; // from start() on
	tracker_watch m_trackers;
	dialer m_dialer; // last: it hands over addresses until it ends
};

} // namespace rawswarm
