// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/swarm.hpp"

#include "agent/bittorrent/libtorrent_internals.hpp"
#include "agent/log/log.hpp"
#include "agent/swarm/dialer.hpp"
#include "agent/swarm/room_plugin.hpp"
#include "agent/swarm/swarm_settings.hpp"
#include "agent/swarm/wrong_data.hpp"
#include "agent/web_seed/web_seeds.hpp"
#include "storage/backend/raw_disk_io.hpp"

#include <boost/asio/post.hpp>
#include <libtorrent/add_torrent_params.hpp>
#include <libtorrent/alert_types.hpp>
#include <libtorrent/extensions/ut_pex.hpp>
#include <libtorrent/session.hpp>
#include <libtorrent/session_params.hpp>
#include <libtorrent/torrent_handle.hpp>
#include <libtorrent/torrent_info.hpp>
#include <libtorrent/torrent_status.hpp>

#include <atomic>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace rawswarm
{

namespace
{

// The name by which the backend finds the target. libtorrent takes it for a folder, and would put the
// working directory before a relative one.
std::string save_path(std::size_t const target)
{
	return fmt::format("/target-{}", target);
}

lt::typed_bitfield<lt::piece_index_t> as_bitfield(std::vector<bool> const& pieces)
{
	lt::typed_bitfield<lt::piece_index_t> bits(static_cast<int>(pieces.size()));
	for (std::size_t i = 0; i < pieces.size(); ++i)
	{
		if (pieces[i])
		{
			bits.set_bit(lt::piece_index_t(static_cast<int>(i)));
		}
	}
	return bits;
}

// As a job writes it: "ADDRESS:PORT", "[ADDRESS]:PORT".
std::string as_text(lt::tcp::endpoint const& e)
{
	auto const address = e.address().to_string();
	return e.address().is_v6() ? fmt::format("[{}]:{}", address, e.port())
							   : fmt::format("{}:{}", address, e.port());
}

lt::session_params make_params(manifest_swarm const& settings, std::shared_ptr<storage_context> storage)
{
	// No session-wide plugins: a torrent gets those that a room needs. Left out are the metadata extension
	// (everyone has the torrent) and smart-ban (libtorrent 2.0.11 can leave it with dangling pointers).
	lt::session_params params(make_settings(settings), {});
	params.disk_io_constructor = raw_disk_io_constructor(std::move(storage));
	return params;
}

// By default peers in private ranges, everyone in the room, are in libtorrent's class of local peers, to
// which neither unchoke slots nor rate limits apply. Those hang on the global class.
lt::ip_filter everyone_alike()
{
	constexpr std::uint32_t global = 1U << static_cast<unsigned>(lt::session_handle::global_peer_class_id);
	lt::ip_filter classes;
	classes.add_rule(lt::address_v4::any(), lt::address_v4::broadcast(), global);
	lt::address_v6::bytes_type last;
	last.fill(0xff);
	classes.add_rule(lt::address_v6::any(), lt::address_v6(last), global);
	return classes;
}

} // namespace

struct swarm::impl
{
	impl(boost::asio::io_context& ios, manifest_swarm const& settings,
		std::shared_ptr<storage_context> storage, swarm_observer& observer)
		: m_ios(ios)
		, m_settings(settings)
		, m_storage(std::move(storage))
		, m_observer(observer)
		, m_dialer(ios, settings.peers, [this](lt::tcp::endpoint const& e) { dial(e); })
	{}

	result<void> start();
	void add(std::size_t target, std::shared_ptr<lt::torrent_info const> torrent, target_role role,
		std::vector<bool> const& have);
	room_options room_of(std::size_t target, target_role role);
	void dial(lt::tcp::endpoint const& e);
	void on_convicted(lt::tcp::endpoint const& peer, lt::piece_index_t piece);
	void read_alerts();
	void tell_numbers(std::size_t target);
	void handle(lt::alert const* a);
	std::optional<std::size_t> target_of(lt::torrent_handle const& h) const;

	// F runs in our thread, unless this is gone by then. Any thread may call it.
	template <class F>
	void post(F f)
	{
		boost::asio::post(m_ios, [alive = m_alive, f = std::move(f)] {
			if (*alive)
			{
				f();
			}
		});
	}

	template <class Alert, class F>
	bool on(lt::alert const* a, F f)
	{
		auto const* const typed = lt::alert_cast<Alert>(a);
		if (typed)
		{
			f(*typed);
		}
		return typed != nullptr;
	}

	// F is called with the target's number, if the alert's torrent is one of ours.
	template <class Alert, class F>
	bool on_target(lt::alert const* a, F f)
	{
		return on<Alert>(a, [&](Alert const& typed) {
			if (auto const target = target_of(typed.handle))
			{
				f(*target, typed);
			}
		});
	}

	boost::asio::io_context& m_ios;
	manifest_swarm m_settings;
	std::shared_ptr<storage_context> m_storage;
	swarm_observer& m_observer;
	std::map<lt::torrent_handle, std::size_t> m_targets;
	std::map<std::size_t, lt::torrent_handle> m_handles;
	std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
	lt::ip_filter m_filter;
	std::set<lt::address> m_convicted; // sent a wrong piece
	std::atomic<bool> m_alerts_announced{false};
	dialer m_dialer;
	std::map<std::size_t, swarm_numbers> m_numbers; // as libtorrent knows them
	std::unique_ptr<lt::session> m_session;
	std::unique_ptr<web_seeds> m_web; // only if the job names any; gone before the session
};

swarm::swarm(boost::asio::io_context& ios, manifest_swarm const& settings,
	std::shared_ptr<storage_context> storage, swarm_observer& observer)
	: m_impl(std::make_unique<impl>(ios, settings, std::move(storage), observer))
{}

swarm::~swarm()
{
	*m_impl->m_alive = false;
	if (m_impl->m_session)
	{
		m_impl->m_session->set_alert_notify({});
	}
}

result<void> swarm::start()
{
	return m_impl->start();
}

result<void> swarm::impl::start()
{
	BOOST_OUTCOME_TRY(filter, make_ip_filter(m_settings));
	m_filter = std::move(filter);
	try
	{
		m_session = std::make_unique<lt::session>(make_params(m_settings, m_storage));
	}
	catch (std::exception const& e)
	{
		return fail(fault::internal, "starting the swarm: {}", e.what());
	}
	m_session->set_ip_filter(m_filter);
	m_session->set_peer_class_filter(everyone_alike());
	m_session->set_alert_notify([this] {
		// libtorrent's thread. One post is enough until the alerts were read.
		if (!m_alerts_announced.exchange(true))
		{
			post([this] { read_alerts(); });
		}
	});
	if (!m_settings.web_seeds.empty())
	{
		m_web = std::make_unique<web_seeds>(
			m_ios, m_settings, m_storage,
			[this](auto f) { boost::asio::post(m_session->get_context(), std::move(f)); },
			[this](std::size_t const target) { tell_numbers(target); });
	}
	return boost::outcome_v2::success();
}

void swarm::add(std::size_t const target, std::shared_ptr<lt::torrent_info const> torrent,
	target_role const role, std::shared_ptr<storage_target> storage)
{
	auto const have = storage->verified_pieces();
	m_impl->m_storage->add_target(save_path(target), std::move(storage));
	m_impl->add(target, std::move(torrent), role, have);
	dial();
}

void swarm::impl::add(std::size_t const target, std::shared_ptr<lt::torrent_info const> torrent,
	target_role const role, std::vector<bool> const& have)
{
	lt::add_torrent_params params;
	params.ti = std::make_shared<lt::torrent_info>(*torrent);
	params.save_path = save_path(target);
	params.trackers = m_settings.trackers;
	params.extensions = {lt::create_ut_pex_plugin, room_plugin(room_of(target, role)),
		wrong_data_plugin([this](lt::tcp::endpoint const& peer, lt::piece_index_t const piece) {
			post([this, peer, piece] { on_convicted(peer, piece); });
		})};
	params.flags = lt::torrent_flags::update_subscribe | lt::torrent_flags::apply_ip_filter
		| lt::torrent_flags::duplicate_is_error
		// sources are named by the job alone, not by the torrent
		| lt::torrent_flags::override_trackers | lt::torrent_flags::override_web_seeds;
	if (role == target_role::seed)
	{
		// each piece is hashed before it is sent for the first time; nothing is ever asked for
		params.flags |= lt::torrent_flags::seed_mode | lt::torrent_flags::upload_mode;
	}
	else
	{
		params.have_pieces = as_bitfield(have);
		if (m_web)
		{
			params.extensions.push_back(m_web->add(target, std::move(torrent), have));
		}
	}
	if (!m_settings.lsd)
	{
		params.flags |= lt::torrent_flags::disable_lsd;
	}
	lt::error_code ec;
	auto const h = m_session->add_torrent(std::move(params), ec);
	if (ec)
	{
		post([this, target, ec] {
			m_observer.on_target_error(target, fail(fault::internal, ec, "adding the torrent"));
		});
		return;
	}
	m_targets[h] = target;
	m_handles[target] = h;
	if (m_web && role == target_role::image)
	{
		m_web->start(target, h);
	}
}

room_options swarm::impl::room_of(std::size_t const target, target_role const role)
{
	room_options options;
	options.is_source = role == target_role::seed;
	options.on_fully_distributed = [this, target] { post([this, target] { m_observer.on_all_out(target); }); };
	return options;
}

void swarm::flush(std::size_t const target)
{
	m_impl->m_handles.at(target).flush_cache();
}

void swarm::remove(std::size_t const target)
{
	if (m_impl->m_web)
	{
		m_impl->m_web->remove(target);
	}
	auto const it = m_impl->m_handles.find(target);
	if (it != m_impl->m_handles.end())
	{
		m_impl->m_session->remove_torrent(it->second);
		m_impl->m_targets.erase(it->second);
		m_impl->m_handles.erase(it);
	}
}

void swarm::pause()
{
	if (m_impl->m_web)
	{
		m_impl->m_web->stop();
	}
	m_impl->m_session->pause();
}

void swarm::update()
{
	m_impl->m_session->post_torrent_updates({});
}

void swarm::dial()
{
	m_impl->m_dialer.run();
}

void swarm::impl::dial(lt::tcp::endpoint const& e)
{
	for (auto const& [target, h] : m_handles)
	{
		dial_now(h, {e});
	}
}

void swarm::impl::tell_numbers(std::size_t const target)
{
	auto n = m_numbers[target];
	if (m_web)
	{
		auto const web = m_web->stats(target);
		n.down += web.rate;
		n.downloaded += web.fetched;
	}
	m_observer.on_numbers(target, n);
}

std::optional<std::size_t> swarm::impl::target_of(lt::torrent_handle const& h) const
{
	auto const it = m_targets.find(h);
	return it == m_targets.end() ? std::nullopt : std::optional(it->second);
}

// libtorrent's ban is one of address and port, and so none for a peer that dials us again. Once can be an
// accident on the wire; a peer that does it again is neither dialled nor answered.
void swarm::impl::on_convicted(lt::tcp::endpoint const& peer, lt::piece_index_t const piece)
{
	auto const address = peer.address();
	log::get(log::component::swarm)
		.warn("banned {}: it sent wrong data for piece {}", as_text(peer), static_cast<int>(piece));
	if (!m_convicted.insert(address).second)
	{
		m_filter.add_rule(address, address, lt::ip_filter::blocked);
		m_session->set_ip_filter(m_filter);
	}
}

void swarm::impl::read_alerts()
{
	// before the alerts are taken: one that comes while they are read must announce itself again
	m_alerts_announced = false;
	std::vector<lt::alert*> alerts;
	m_session->pop_alerts(&alerts);
	auto const alive = m_alive;
	for (auto const* const a : alerts)
	{
		handle(a);
		if (!*alive)
		{
			return;
		}
	}
}

void swarm::impl::handle(lt::alert const* const a)
{
	auto& logger = log::get(log::component::swarm);
	bool const known = on<lt::state_update_alert>(a, [&](auto const& u) {
		for (auto const& s : u.status)
		{
			if (auto const target = target_of(s.handle))
			{
				auto& n = m_numbers[*target];
				if (m_web)
				{
					m_web->peers_sent(s.all_time_download - n.downloaded);
				}
				n = {s.download_payload_rate, s.upload_payload_rate, s.all_time_upload, s.all_time_download,
					s.num_peers};
				tell_numbers(*target);
			}
		}
	}) || on_target<lt::torrent_finished_alert>(a, [&](auto const target, auto const&) {
		m_observer.on_downloaded(target);
	}) || on_target<lt::cache_flushed_alert>(a, [&](auto const target, auto const&) {
		m_observer.on_flushed(target);
	}) || on_target<lt::torrent_error_alert>(a, [&](auto const target, auto const& e) {
		m_observer.on_target_error(target, fail(fault::internal, "downloading: {}", e.message()));
	}) || on_target<lt::hash_failed_alert>(a, [&](auto const, auto const& e) {
		logger.warn("piece {} arrived wrong, it is fetched again", static_cast<int>(e.piece_index));
	}) || on<lt::listen_failed_alert>(a, [&](auto const& e) {
		// an address of many may be gone; none at all is the end
		if (m_session->is_listening())
		{
			logger.warn("{}", e.message());
			return;
		}
		m_observer.on_listen_error(fail(fault::network, e.error, "listening on {}", m_settings.listen));
	}) || on<lt::listen_succeeded_alert>(a, [&](auto const& e) {
		if (e.socket_type == lt::socket_type_t::tcp)
		{
			logger.info("listening on {} port {}", e.address.to_string(), e.port);
		}
	});
	if (known)
	{
		return;
	}
	bool const is_fault = bool(a->category() & lt::alert_category::error);
	logger.log(is_fault ? spdlog::level::info : spdlog::level::debug, "{}", a->message());
}

} // namespace rawswarm
