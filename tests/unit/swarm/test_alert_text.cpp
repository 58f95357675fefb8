// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/alert_text.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <gtest/gtest.h>
#include <libtorrent/alert_types.hpp>
#include <libtorrent/stack_allocator.hpp>

#include <string>
#include <utility>

namespace rawswarm
{
namespace
{

namespace level = spdlog::level;
using boost::asio::ip::make_address;

// Alerts of libtorrent's own, of a torrent that is gone.
class alert_text_test : public ::testing::Test
{
protected:
	template <class Alert, class... Args>
	void expect(level::level_enum const wanted, std::string const& text, Args&&... args)
	{
		Alert const alert(m_memory, std::forward<Args>(args)...);
		EXPECT_EQ(alert_level(alert), wanted) << text;
		EXPECT_NE(alert_text(alert).find(text), std::string::npos) << alert_text(alert);
	}

	lt::aux::stack_allocator m_memory;
	lt::torrent_handle m_torrent;
	lt::tcp::endpoint const m_peer{make_address("10.0.0.7"), 6881};
	lt::error_code const m_refused = boost::asio::error::connection_refused;
};

TEST_F(alert_text_test, what_ends_the_session_is_an_error)
{
	expect<lt::session_error_alert>(level::err, "the session of the swarm: ", m_refused, "here");
}

TEST_F(alert_text_test, what_a_person_can_mend_is_a_warning)
{
	expect<lt::hash_failed_alert>(
		level::warn, "piece 7 arrived wrong, it is fetched again", m_torrent, lt::piece_index_t(7));
	expect<lt::tracker_warning_alert>(level::warn, "tracker http://server/ says: please come less often",
		m_torrent, m_peer, "http://server/", lt::protocol_version::V1, "please come less often");
	std::bitset<lt::abi_alert_count> dropped;
	dropped.set(static_cast<std::size_t>(lt::torrent_finished_alert::alert_type));
	expect<lt::alerts_dropped_alert>(level::warn, "some of this is lost: torrent_finished", dropped);
	expect<lt::fastresume_rejected_alert>(
		level::warn, "", m_torrent, m_refused, "", lt::operation_t::unknown);
}

TEST_F(alert_text_test, local_discovery_that_fails_is_information_but_for_the_loopback_interface)
{
	expect<lt::lsd_error_alert>(
		level::info, "local discovery at 10.0.0.2: Connection refused", m_refused, make_address("10.0.0.2"));
	expect<lt::lsd_error_alert>(
		level::debug, "local discovery at 127.0.0.1: ", m_refused, make_address("127.0.0.1"));
}

TEST_F(alert_text_test, what_happens_all_the_time_is_for_those_who_look_for_a_fault)
{
	lt::peer_id const id;
	expect<lt::peer_connect_alert>(level::debug, "10.0.0.7:6881 has connected", m_torrent, m_peer, id,
		lt::socket_type_t::tcp, lt::peer_connect_alert::direction_t::in);
	expect<lt::peer_connect_alert>(level::debug, "10.0.0.7:6881 was dialled", m_torrent, m_peer, id,
		lt::socket_type_t::tcp, lt::peer_connect_alert::direction_t::out);
	expect<lt::peer_disconnected_alert>(level::debug, "10.0.0.7:6881 is gone: Connection refused", m_torrent,
		m_peer, id, lt::operation_t::unknown, lt::socket_type_t::tcp, m_refused, lt::close_reason_t::none);
	expect<lt::peer_blocked_alert>(level::debug, "10.0.0.7:6881 is turned away", m_torrent, m_peer,
		static_cast<int>(lt::peer_blocked_alert::ip_filter));
	expect<lt::file_error_alert>(level::trace, "", m_refused, "", lt::operation_t::unknown, m_torrent);
}

} // namespace
} // namespace rawswarm
