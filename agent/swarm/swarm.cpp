// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/swarm.hpp"

#include "agent/bittorrent/libtorrent_internals.hpp"
#include "agent/log/log.hpp"
#include "agent/net/card_links.hpp"
#include "agent/swarm/alert_text.hpp"
#include "agent/swarm/host_watch.hpp"
#include "agent/swarm/peer_limits.hpp"
#include "agent/swarm/peer_list.hpp"
#include "agent/swarm/private_room.hpp"
#include "agent/swarm/room_plugin.hpp"
#include "agent/swarm/swarm_settings.hpp"
#include "agent/swarm/torrent_params.hpp"
#include "agent/swarm/unknown_torrents.hpp"
#include "agent/swarm/wrong_data.hpp"
#include "agent/web_seed/web_seeds.hpp"

#include <boost/asio/post.hpp>
#include <libtorrent/add_torrent_params.hpp>
#include <libtorrent/alert_types.hpp>
#include <libtorrent/error_code.hpp>
#include <libtorrent/extensions/ut_pex.hpp>
#include <libtorrent/peer_class.hpp>
#include <libtorrent/performance_counters.hpp>
#include <libtorrent/session.hpp>
#include <libtorrent/settings_pack.hpp>
#include <libtorrent/torrent_handle.hpp>
#include <libtorrent/torrent_info.hpp>
#include <libtorrent/torrent_status.hpp>

#include <algorithm>
#include <atomic>
#include <functional>
#include <iterator>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace rawswarm
{

namespace
{

// The names by which the backend finds a target, and the targets of a torrent that has several. libtorrent
// takes them for folders, and would prepend the working directory to a relative one.
std::string save_path(std::size_t const target)
{
	return fmt::format("/target-{}", target);
}

std::string group_path(std::size_t const torrent)
{
	return fmt::format("/torrent-{}", torrent);
}

} // namespace

// Runs f in our thread, unless this is gone by then. Any thread may call.
template <class F>
void swarm::post(F f)
{
	boost::asio::post(m_ios, m_lifetime.guard(std::move(f)));
}

template <class Alert, class F>
bool swarm::on(lt::alert const* const a, F f)
{
	auto const* const typed = lt::alert_cast<Alert>(a);
	if (typed)
	{
		f(*typed);
	}
	return typed != nullptr;
}

// Calls f with the torrent's number, if it is one of ours.
template <class Alert, class F>
bool swarm::on_torrent(lt::alert const* const a, F f)
{
	return on<Alert>(a, [&](Alert const& typed) {
		if (auto const torrent = torrent_of(typed.handle))
		{
			f(*torrent, typed);
		}
	});
}

// Calls f with the number of each target of the torrent.
template <class Alert, class F>
bool swarm::on_target(lt::alert const* const a, F f)
{
	return on_torrent<Alert>(a, [&](std::size_t const torrent, Alert const& typed) {
		for (auto const target : m_shared.targets_of(torrent))
		{
			f(target, typed);
		}
	});
}

swarm::swarm(boost::asio::io_context& ios, manifest_swarm settings, std::shared_ptr<storage_context> storage,
	swarm_observer& observer)
	: m_ios(ios)
	, m_settings(std::move(settings))
	, m_storage(std::move(storage))
	, m_observer(observer)
	, m_contacts(ios, m_settings, [this](lt::tcp::endpoint const& e) { dial(e); })
{}

swarm::~swarm()
{
	m_lifetime.end(); // before the session, whose threads may still post
	if (m_session)
	{
		m_session->set_alert_notify({});
	}
}

result<void> swarm::start()
{
	m_filter = make_ip_filter(m_settings);
	m_frames = make_frame_switch(m_settings.compress, m_storage);
	m_receive_buffers = receive_buffers_plugin(m_storage, m_settings.download_limit > 0);
	m_contacts.start();
	try
	{
		m_session = std::make_unique<lt::session>(make_session_params(m_settings, m_storage));
	}
	catch (std::exception const& e)
	{
		return fail(fault::internal, "starting the swarm: {}", e.what());
	}
	if (m_on_unknown)
	{
		m_session->add_extension(unknown_torrents_plugin(
			[this](std::string asked) { post([this, asked = std::move(asked)] { m_on_unknown(asked); }); }));
	}
	m_session->set_ip_filter(m_filter);
	m_session->set_peer_class_filter(all_in_global_class());
	limit_peers();
	m_session->set_alert_notify([this] {
		// Called in libtorrent's thread. One post is enough until the alerts are read.
		if (!m_alerts_announced.exchange(true))
		{
			post([this] { read_alerts(); });
		}
	});
	boost::asio::post(m_session->get_context(),
		[this] { post([this, clock = thread_clock::of_this_thread()] { m_network_thread = clock; }); });
	if (!m_settings.web_seeds.empty())
	{
		m_web_seeds = std::make_unique<web_seeds>(
			m_ios, m_settings, m_storage,
			[this](auto f) { boost::asio::post(m_session->get_context(), std::move(f)); },
			[this](std::size_t const target) { report_stats(target); });
	}
	return success();
}

void swarm::expect(std::size_t const target, lt::torrent_info const& torrent)
{
	m_shared.expect(target, torrent.info_hashes().v1.to_string());
}

bool swarm::add(std::size_t const target, std::shared_ptr<lt::torrent_info const> torrent,
	target_role const role, std::shared_ptr<storage_target> storage, std::vector<std::uint32_t> frame_lengths)
{
	auto const info_hash = torrent->info_hashes().v1.to_string();
	m_members[target] = {std::move(torrent), role, std::move(storage), std::move(frame_lengths)};
	auto const together = m_shared.ready(target, info_hash);
	if (together.empty())
	{
		return false;
	}
	join(together);
	for (auto const other : together)
	{
		if (other != target)
		{
			post([this, other] { m_observer.on_joined(other); });
		}
	}
	return true;
}

// What any of them lacks is fetched, and written to all.
void swarm::join(std::vector<std::size_t> const& targets)
{
	auto const torrent = targets.front();
	auto const& first = m_members.at(torrent);
	auto have = first.storage->verified_pieces();
	std::vector<std::string> paths;
	for (auto const target : targets)
	{
		auto const& storage = m_members.at(target).storage;
		auto const verified = storage->verified_pieces();
		std::transform(have.begin(), have.end(), verified.begin(), have.begin(), std::logical_and<>());
		paths.push_back(save_path(target));
		m_storage->add_target(paths.back(), storage);
	}
	bool const is_whole = first.role == target_role::seed && first.storage->bad_pieces() == 0;
	if (targets.size() == 1)
	{
		add_torrent(torrent, first, save_path(torrent), have, is_whole);
	}
	else
	{
		m_storage->add_group(group_path(torrent), std::move(paths));
		add_torrent(torrent, first, group_path(torrent), have, is_whole);
	}
	dial();
}

void swarm::add_torrent(std::size_t const target, member const& m, std::string save_path,
	std::vector<bool> const& have, bool const is_whole)
{
	auto const& [torrent, role, storage, frame_lengths] = m;
	auto params = make_torrent_params(*torrent, m_settings, role, have, is_whole);
	params.save_path = std::move(save_path);
	std::vector<plugin_factory> claims;
	if (m_web_seeds && !is_whole && role == target_role::image)
	{
		claims.push_back(m_web_seeds->add(target, torrent, have, frame_lengths));
	}
	params.extensions = plugins_of(target, is_whole, torrent->priv(), std::move(claims));
	lt::error_code ec;
	auto const h = m_session->add_torrent(std::move(params), ec);
	if (ec)
	{
		for (auto const each : m_shared.targets_of(target))
		{
			post([this, each, ec] {
				m_observer.on_target_error(each, fail(fault::internal, ec, "adding the torrent"));
			});
		}
		return;
	}
	m_torrents[h] = target;
	m_handles[target] = h;
	if (m_web_seeds && role == target_role::image)
	{
		m_web_seeds->start(target, h);
	}
}

// more: what speaks with members, besides all that always does.
std::vector<plugin_factory> swarm::plugins_of(
	std::size_t const torrent, bool const is_whole, bool const is_private, std::vector<plugin_factory> more)
{
	auto const on_wrong_data = [this](lt::tcp::endpoint const& peer, lt::piece_index_t const piece) {
		m_banned->add(peer);
		post([this, peer, piece] { on_culprit(peer, piece); });
	};
	m_stats[torrent] = {}; // the number may have had another torrent before
	auto& counts = m_frame_counts[torrent];
	counts = std::make_shared<frame_counts>();
	std::vector<plugin_factory> plugins{lt::create_ut_pex_plugin,
		room_plugin(room_of(torrent, is_whole, is_private)), frame_plugin(m_frames, counts, on_wrong_data)};
	std::ranges::move(more, std::back_inserter(plugins));
	plugins.push_back(
		banned_peers_plugin(m_banned)); // the last: it hangs up, and these have heard of the peer
	if (!m_room_key.empty())
	{
		plugins = {private_room_plugin(m_room_key, std::move(plugins))};
	}
	for (auto const& of_everyone : {m_receive_buffers, host_watch_plugin(), wrong_data_plugin(on_wrong_data)})
	{
		plugins.push_back(of_everyone);
	}
	return plugins;
}

room_options swarm::room_of(std::size_t const target, bool const is_whole, bool const is_private)
{
	room_options options;
	options.is_source = is_whole;
	options.introduces = !is_private;
	options.on_needy_peers = [this, target](int const peers) {
		post([this, target, peers] {
			m_stats[target].needy_peers = peers;
			report_stats(target);
		});
	};
	options.on_fully_distributed = [this, target] {
		post([this, target] {
			std::ranges::for_each(m_shared.targets_of(target),
				[this](std::size_t const each) { m_observer.on_fully_distributed(each); });
		});
	};
	options.on_contact = [this](
							 lt::tcp::endpoint const& e, peer_contact const what, lt::error_code const& why) {
		post([this, e, what, why] { m_contacts.contact(e, what, why); });
	};
	return options;
}

// nullptr before the target has joined, and if the torrent could not be added, which is on its way to the
// observer.
lt::torrent_handle const* swarm::handle_of(std::size_t const target) const
{
	auto const torrent = m_shared.torrent_of(target);
	auto const it = torrent ? m_handles.find(*torrent) : m_handles.end();
	return it == m_handles.end() ? nullptr : &it->second;
}

void swarm::serve(std::size_t const target, std::vector<bool> const& pieces)
{
	if (auto const* const h = handle_of(target))
	{
		have_pieces(*h, as_bitfield(pieces));
	}
}

void swarm::fetch_first(std::size_t const target, lt::piece_index_t const piece)
{
	if (auto const* const h = handle_of(target))
	{
		h->piece_priority(piece, lt::top_priority);
	}
}

void swarm::flush(std::size_t const target)
{
	if (auto const* const h = handle_of(target))
	{
		h->flush_cache();
	}
}

void swarm::remove(std::size_t const target)
{
	auto const left = m_shared.leave(target);
	auto const gone = m_members.extract(target);
	if (left.others_stay && gone)
	{
		gone.mapped().storage->leave();
		transfer_stats none;
		none.is_shown = false; // another one shows what there is
		post([this, target, none] { m_observer.on_stats(target, none); });
	}
	if (!left.can_join.empty())
	{
		join(left.can_join);
		std::ranges::for_each(left.can_join,
			[this](std::size_t const each) { post([this, each] { m_observer.on_joined(each); }); });
	}
	// the backend has found it by now, and keeps it as long as it is used
	m_storage->remove_target(save_path(target));
	if (!left.abandoned)
	{
		return;
	}
	if (m_web_seeds)
	{
		m_web_seeds->remove(*left.abandoned);
	}
	auto const it = m_handles.find(*left.abandoned);
	if (it != m_handles.end())
	{
		m_session->remove_torrent(it->second);
		m_torrents.erase(it->second);
		m_handles.erase(it);
	}
}

void swarm::pause()
{
	if (m_web_seeds)
	{
		m_web_seeds->stop();
	}
	m_session->pause();
}

void swarm::update()
{
	m_session->post_torrent_updates({});
	m_session->post_session_stats();
	m_contacts.warn_of_silence();
	judge_listening();
}

std::size_t swarm::ask_peers() const
{
	for (auto const& [torrent, h] : m_handles)
	{
		h.post_peer_info();
	}
	return m_handles.size();
}

swarm_activity swarm::activity() const
{
	auto activity = m_activity;
	activity.network_thread = m_network_thread ? m_network_thread->time() : std::chrono::nanoseconds(0);
	return activity;
}

std::string swarm::why_no_peers() const
{
	if (auto const why = why_no_link(card_links()); !why.empty())
	{
		return "this machine has no link: " + why + "; " + m_contacts.why_nobody();
	}
	return m_contacts.why_nobody();
}

// libtorrent tells the backend of new settings, whatever they are.
void swarm::apply_storage_settings()
{
	m_session->apply_settings(lt::settings_pack());
}

void swarm::dial()
{
	m_contacts.dial();
}

void swarm::dial(lt::tcp::endpoint const& e)
{
	for (auto const& [torrent, h] : m_handles)
	{
		dial_now(h, {e}, address_source::job);
	}
}

void swarm::judge_listening()
{
	if (auto const e = m_contacts.judge_listening())
	{
		m_observer.on_listen_error(*e);
	}
}

void swarm::report_stats(std::size_t const torrent)
{
	auto n = m_stats[torrent];
	take_counts(n, *m_frame_counts.at(torrent));
	if (m_web_seeds)
	{
		auto const web = m_web_seeds->stats(torrent);
		n.down += web.rate;
		n.downloaded += web.fetched;
		n.wire_downloaded += web.wire;
		n.useful += web.wire; // grows while a compressed piece is on its way, too
	}
	for (auto const target : m_shared.targets_of(torrent))
	{
		m_observer.on_stats(target, n);
		n.is_shown = false;
	}
}

std::optional<std::size_t> swarm::torrent_of(lt::torrent_handle const& h) const
{
	auto const it = m_torrents.find(h);
	return it == m_torrents.end() ? std::nullopt : std::optional(it->second);
}

void swarm::limit_peers()
{
	auto const crowded = m_session->create_peer_class("crowded");
	auto info = m_session->get_peer_class(crowded);
	info.connection_limit_factor = crowded_limit_factor;
	m_session->set_peer_class(crowded, info);
	m_session->add_extension(peer_limits_plugin(m_storage, crowded,
		[this](lt::tcp::endpoint const& peer) { post([this, peer] { on_talker(peer); }); }));
}

void swarm::on_culprit(lt::tcp::endpoint const& peer, lt::piece_index_t const piece)
{
	log::get(log::component::swarm)
		.warn("banned {}: it sent wrong data for piece {}", format_endpoint(peer), static_cast<int>(piece));
	convict(peer);
}

void swarm::on_talker(lt::tcp::endpoint const& peer)
{
	log::get(log::component::swarm)
		.warn("hung up on {}: it sends more messages than a peer has reason to", format_endpoint(peer));
	convict(peer);
}

void swarm::convict(lt::tcp::endpoint const& peer)
{
	auto const address = peer.address();
	if (m_convictions.convict(peer, convictions::clock::now()))
	{
		log::get(log::component::swarm)
			.warn("blocked {}: {} of its peers misbehaved", address.to_string(), convictions::most_peers);
		m_filter.add_rule(address, address, lt::ip_filter::blocked);
		m_session->set_ip_filter(m_filter);
	}
}

void swarm::read_alerts()
{
	// Before the alerts are taken: one that comes while they are read must announce itself again.
	m_alerts_announced = false;
	std::vector<lt::alert*> alerts;
	m_session->pop_alerts(&alerts);
	auto const is_alive = m_lifetime.watch(); // the observer may destroy this
	for (auto const* const a : alerts)
	{
		handle(a);
		if (!is_alive())
		{
			return;
		}
	}
	judge_listening();
}

void swarm::handle(lt::alert const* const a)
{
	bool const known = on<lt::state_update_alert>(a, [&](auto const& u) {
		for (auto const& s : u.status)
		{
			if (auto const torrent = torrent_of(s.handle))
			{
				auto& n = m_stats[*torrent];
				auto const before = n.wire_downloaded;
				take_status(n, *m_frame_counts.at(*torrent), s);
				if (m_web_seeds)
				{
					m_web_seeds->peers_sent(n.wire_downloaded - before);
				}
				report_stats(*torrent);
			}
		}
	}) || on_torrent<lt::torrent_finished_alert>(a, [&](auto const torrent, auto const&) {
		report_stats(torrent);
		for (auto const target : m_shared.targets_of(torrent))
		{
			m_observer.on_downloaded(target);
		}
	}) || on_target<lt::cache_flushed_alert>(a, [&](auto const target, auto const&) {
		m_observer.on_flushed(target);
	}) || on_target<lt::torrent_error_alert>(a, [&](auto const target, auto const& e) {
		m_observer.on_target_error(target, fail(fault::internal, "downloading: {}", e.message()));
	}) || on<lt::session_stats_alert>(a, [&](auto const& e) {
		auto const counters = e.counters();
		m_activity.asked_peers = static_cast<int>(counters[lt::counters::num_peers_down_requests]);
		m_activity.useful_peers = static_cast<int>(counters[lt::counters::num_peers_down_interested]);
	}) || on_torrent<lt::peer_info_alert>(a, [&](auto const torrent, auto const& list) {
		if (auto const targets = m_shared.targets_of(torrent); !targets.empty())
		{
			m_observer.on_peers(targets.front(), peer_list(list.peer_info));
		}
	}) || on<lt::listen_failed_alert>(a, [&](auto const& e) {
		m_contacts.cannot_listen_at({e.address, static_cast<std::uint16_t>(e.port)}, e.error);
	}) || on<lt::listen_succeeded_alert>(a, [&](auto const& e) {
		if (e.socket_type == lt::socket_type_t::tcp)
		{
			m_contacts.listens_at({e.address, static_cast<std::uint16_t>(e.port)});
		}
	});
	if (known)
	{
		return;
	}
	on<lt::tracker_error_alert>(a, [&](auto const& e) {
		// what the tracker itself says, if it says anything, has a code that says no more than that
		std::string reason = e.failure_reason();
		m_contacts.tracker_failed(
			e.tracker_url(), e.local_endpoint, reason.empty() ? e.error.message() : std::move(reason));
	});
	on<lt::tracker_reply_alert>(
		a, [&](auto const& e) { m_contacts.tracker_answered(e.tracker_url(), e.local_endpoint); });
	auto& logger = log::get(log::component::swarm);
	if (auto const level = alert_level(*a); logger.should_log(level))
	{
		logger.log(level, "{}", alert_text(*a));
	}
}

} // namespace rawswarm
