// SPDX-License-Identifier: BSD-3-Clause
// A private room between sessions of libtorrent on loopback, with clients that know nothing of it, and with a
// peer that speaks byte by byte.
#include "agent/bittorrent/extension_handshake.hpp"
#include "agent/swarm/private_room.hpp"
#include "agent/swarm/room_plugin.hpp"
#include "agent/swarm/room_proof.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/base/wait_until.hpp"
#include "tests/support/network/member_text.hpp"
#include "tests/support/network/raw_peer.hpp"
#include "tests/support/network/stock_client.hpp"
#include "tests/support/torrent/torrent_maker.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <libtorrent/add_torrent_params.hpp>
#include <libtorrent/load_torrent.hpp>
#include <libtorrent/session.hpp>
#include <libtorrent/session_params.hpp>
#include <libtorrent/settings_pack.hpp>
#include <libtorrent/torrent_flags.hpp>
#include <libtorrent/torrent_status.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace rawswarm::test
{

namespace
{

using namespace std::chrono_literals;
using namespace std::string_literals;

namespace id = peer_message_id;

std::string const key = "a key of a private room";
std::string const other_key = "a key of another room";

lt::session_params on_loopback()
{
	lt::settings_pack settings;
	settings.set_str(lt::settings_pack::listen_interfaces, "127.0.0.1:0");
	for (auto const name :
		{lt::settings_pack::enable_lsd, lt::settings_pack::enable_upnp, lt::settings_pack::enable_natpmp,
			lt::settings_pack::enable_outgoing_utp, lt::settings_pack::enable_incoming_utp})
	{
		settings.set_bool(name, false);
	}
	settings.set_bool(lt::settings_pack::allow_multiple_connections_per_ip, true);
	settings.set_int(lt::settings_pack::min_reconnect_time, 0);
	return {settings, {}};
}

// A rawswarm as far as its peers are concerned: with the plugin of a room, behind that of a private room if
// there is a key.
class member
{
public:
	member(std::string const& room_key, made_torrent const& torrent, std::filesystem::path const& folder,
		bool const is_source)
		: m_session(on_loopback())
	{
		room_options options;
		options.is_source = is_source;
		options.on_contact = [this](lt::tcp::endpoint const&, peer_contact const what,
								 lt::error_code const& why) {
			std::scoped_lock const lock(m_mutex);
			m_has_met = m_has_met || what == peer_contact::opened;
			m_failure = what == peer_contact::failed ? why.message() : m_failure;
		};
		auto params = lt::load_torrent_buffer(torrent.bytes);
		params.save_path = folder.string();
		params.flags &= ~(lt::torrent_flags::auto_managed | lt::torrent_flags::paused);
		params.flags |= is_source ? lt::torrent_flags::seed_mode : lt::torrent_flags_t{};
		auto const plugin = room_plugin(options);
		params.extensions = {room_key.empty() ? plugin : private_room_plugin(room_key, {plugin})};
		m_torrent = m_session.add_torrent(std::move(params));
		EXPECT_TRUE(wait_until([this] { return m_session.listen_port() != 0 && is_ready(); }, 10s));
	}

	std::uint16_t port() const { return m_session.listen_port(); }
	void dial(std::uint16_t const to) { m_torrent.connect_peer({lt::address_v4::loopback(), to}); }
	bool is_complete() const { return m_torrent.status({}).is_seeding; }
	std::int64_t sent() const { return m_torrent.status({}).total_payload_upload; }
	std::int64_t got() const { return m_torrent.status({}).total_payload_download; }

	int peers() const { return m_torrent.status({}).num_peers; }
	bool is_connected() const { return peers() > 0; }

	// Until then it hangs up on who dials.
	bool is_ready() const
	{
		auto const state = m_torrent.status({}).state;
		return state == lt::torrent_status::downloading || state == lt::torrent_status::finished
			|| state == lt::torrent_status::seeding;
	}

	bool has_met() const
	{
		std::scoped_lock const lock(m_mutex);
		return m_has_met;
	}

	std::string failure() const
	{
		std::scoped_lock const lock(m_mutex);
		return m_failure;
	}

private:
	mutable std::mutex m_mutex;
	bool m_has_met = false;
	std::string m_failure; // of the last contact that failed
	lt::torrent_handle m_torrent;
	lt::session m_session; // ends before what its thread reports to
};

class private_room : public ::testing::Test
{
protected:
	private_room() { write_files(m_torrent, m_full.path()); }

	made_torrent m_torrent = make_torrent(scattered_extents({.count = 40}), {.piece_size = 64 * 1024});
	temp_dir m_full; // where the image is
	temp_dir m_empty;
};

// What comes until the other end hangs up: one text per message.
std::vector<std::string> messages_of(raw_peer& p, std::chrono::milliseconds const patience)
{
	std::vector<std::string> all;
	for (auto m = p.read_message(patience); !m.empty(); m = p.read_message(patience))
	{
		all.push_back(m);
	}
	return all;
}

bool has_any(std::vector<std::string> const& messages, char const type)
{
	return std::ranges::any_of(messages, [type](auto const& m) { return m.front() == type; });
}

// With a number, as a member's first handshake has it.
std::string challenge_message(room_nonce const& nonce)
{
	return extension_text(
		0, fmt::format("d1:md8:rs_proofi63ee8:rs_nonce32:{}e", std::string(nonce.begin(), nonce.end())));
}

// Says its number and nothing more, so that it is hung up on when its time is up. Who dials after it and is
// gone while it is still there was hung up on for what it said, however slow the machine is.
raw_peer dial_in_silence(member const& at, std::string const& info_hash)
{
	EXPECT_TRUE(wait_until([&] { return at.peers() == 0; }, 10s)) << "somebody else would be counted";
	auto p = raw_peer::dial(at.port());
	constexpr std::size_t number = 9;
	p.send(member_handshake(info_hash, number) + challenge_message(make_room_nonce().value()));
	EXPECT_EQ(p.read(raw_peer::handshake_bytes, 10s).size(), raw_peer::handshake_bytes);
	return p;
}

// The next message of this type, or empty.
std::string message_of(raw_peer& p, char const type)
{
	auto m = p.read_message(10s);
	while (!m.empty() && m.front() != type)
	{
		m = p.read_message(10s);
	}
	return m;
}

// Dials as a member that follows docs/protocol.md, up to its proof. It names addresses that it may not have.
raw_peer prove(std::uint16_t const port, std::string const& info_hash, lt::tcp::endpoint const& dialler,
	lt::tcp::endpoint const& accepter)
{
	auto p = raw_peer::dial(port);
	auto const nonce = make_room_nonce().value();
	p.send(member_handshake(info_hash, 1) + challenge_message(nonce) + peer_message(id::have_none));
	proven_connection c{p.read(raw_peer::handshake_bytes, 10s).substr(28, 20), nonce, {}, dialler, accepter};
	auto const challenge = message_of(p, id::extended);
	std::string const head = "rs_nonce32:";
	auto const at = challenge.find(head);
	EXPECT_NE(at, std::string::npos) << challenge;
	std::copy_n(challenge.begin() + static_cast<std::ptrdiff_t>(at + head.size()), c.accepter_nonce.size(),
		c.accepter_nonce.begin());
	EXPECT_EQ(message_of(p, id::extended).size(), room_proof_bytes + 2);
	p.send(extension_text(proof_message_id, make_room_proof(key, connection_end::dialler, c)));
	return p;
}

} // namespace

TEST_F(private_room, members_with_its_key_have_the_image_of_each_other)
{
	member const seed(key, m_torrent, m_full.path(), true);
	member first(key, m_torrent, m_empty.path(), false);
	first.dial(seed.port());
	ASSERT_TRUE(wait_until([&] { return first.is_complete(); }, 20s)) << first.failure();
	EXPECT_TRUE(first.has_met());
}

// The one that dials has the image.
TEST_F(private_room, a_member_that_dials_serves_as_one_that_is_dialled)
{
	member seed(key, m_torrent, m_full.path(), true);
	member const first(key, m_torrent, m_empty.path(), false);
	seed.dial(first.port());
	EXPECT_TRUE(wait_until([&] { return first.is_complete(); }, 20s)) << seed.failure();
}

TEST_F(private_room, members_tell_each_other_of_members)
{
	temp_dir const other;
	member const seed(key, m_torrent, m_full.path(), true);
	member first(key, m_torrent, m_empty.path(), false);
	member second(key, m_torrent, other.path(), false);
	first.dial(second.port());
	ASSERT_TRUE(wait_until([&] { return second.has_met(); }, 10s));
	second.dial(seed.port());
	ASSERT_TRUE(wait_until([&] { return second.is_complete(); }, 20s));
	EXPECT_TRUE(wait_until([&] { return first.is_complete(); }, 20s)) << "nobody else told of the seed";
}

TEST_F(private_room, who_has_another_key_is_a_stranger)
{
	member const seed(key, m_torrent, m_full.path(), true);
	member other(other_key, m_torrent, m_empty.path(), false);
	other.dial(seed.port());
	EXPECT_TRUE(wait_until([&] { return other.failure() == "its key is not the room's"; }, 10s))
		<< other.failure();
	EXPECT_EQ(seed.sent(), 0);
	EXPECT_EQ(other.got(), 0);
	EXPECT_FALSE(seed.has_met()); // nor does it take the other for a member
}

TEST_F(private_room, who_has_no_key_is_a_stranger)
{
	member const seed(key, m_torrent, m_full.path(), true);
	member other({}, m_torrent, m_empty.path(), false);
	other.dial(seed.port());
	ASSERT_TRUE(wait_until([&] { return other.has_met() && !other.is_connected(); }, 10s));
	EXPECT_EQ(seed.sent(), 0);
	EXPECT_EQ(other.got(), 0);
	EXPECT_FALSE(seed.has_met());
}

TEST_F(private_room, takes_nothing_of_who_has_no_key)
{
	member const outsider({}, m_torrent, m_full.path(), false); // looks, finds the image, and seeds it
	ASSERT_TRUE(wait_until([&] { return outsider.is_complete(); }, 10s));
	member inside(key, m_torrent, m_empty.path(), false);
	inside.dial(outsider.port());
	ASSERT_TRUE(wait_until([&] { return !inside.failure().empty(); }, 10s));
	EXPECT_EQ(inside.failure(), "it does not prove that it has the room's key");
	EXPECT_EQ(inside.got(), 0);
	EXPECT_EQ(outsider.sent(), 0);
}

TEST_F(private_room, an_ordinary_client_neither_gets_a_block_nor_gives_one)
{
	member const seed(key, m_torrent, m_full.path(), true);
	stock_client leecher;
	leecher.download(m_torrent, m_empty.path(), seed.port());
	stock_client full;
	full.seed(m_torrent, m_full.path());
	temp_dir const other;
	member inside(key, m_torrent, other.path(), false);
	inside.dial(full.port());
	ASSERT_TRUE(wait_until([&] { return !inside.failure().empty(); }, 10s));
	EXPECT_FALSE(leecher.wait_until_complete(3s));
	EXPECT_EQ(seed.sent(), 0);
	EXPECT_EQ(inside.got(), 0);
	EXPECT_EQ(full.uploaded(), 0);
}

TEST_F(private_room, a_request_before_the_proof_is_not_answered_but_hung_up_on)
{
	member const seed(key, m_torrent, m_full.path(), true);
	auto const silent = dial_in_silence(seed, m_torrent.info_hash);
	auto p = raw_peer::dial(seed.port());
	p.send(member_handshake(m_torrent.info_hash, 1));
	ASSERT_EQ(p.read(raw_peer::handshake_bytes, 10s).size(), raw_peer::handshake_bytes);
	p.send(peer_message(id::have_none) + peer_message(id::interested) + request_message(0, 0, 16 * 1024));
	EXPECT_FALSE(has_any(messages_of(p, 10s), id::block));
	EXPECT_EQ(seed.peers(), 1) << "it was not hung up on, or because its time was up";
	EXPECT_EQ(seed.sent(), 0);
}

// libtorrent itself would listen to it: to requests to connect to others, to the port of another peer.
TEST_F(private_room, who_says_more_than_a_number_before_the_proof_is_hung_up_on_at_once)
{
	member const seed(key, m_torrent, m_full.path(), true);
	for (auto const* const more :
		{"d1:md8:rs_proofi63e12:ut_holepunchi4ee8:rs_nonce32:", "d1:md8:rs_proofi63ee1:pi6881e8:rs_nonce32:"})
	{
		auto const nonce = make_room_nonce().value();
		auto const silent = dial_in_silence(seed, m_torrent.info_hash);
		auto p = raw_peer::dial(seed.port());
		p.send(member_handshake(m_torrent.info_hash, 1)
			+ extension_text(0, more + std::string(nonce.begin(), nonce.end()) + "e"));
		p.read(raw_peer::handshake_bytes, 10s); // or nothing, if it hangs up before that is sent
		EXPECT_TRUE(std::ranges::none_of(messages_of(p, 10s), [](std::string const& m) {
			return m.size() > 1 && m[0] == id::extended && m[1] == proof_message_id;
		})) << more;
		EXPECT_EQ(seed.peers(), 1) << "it was not hung up on, or because its time was up";
	}
}

TEST_F(private_room, who_proves_nothing_is_told_nothing_and_hung_up_on_in_time)
{
	member const seed(key, m_torrent, m_full.path(), true);
	auto p = raw_peer::dial(seed.port());
	p.send(member_handshake(m_torrent.info_hash, 1) + challenge_message(*make_room_nonce())
		+ peer_message(id::have_none) + extension_text(room_message_id, "d5:added6:\x7f\0\0\1\0\1e"s));
	ASSERT_EQ(p.read(raw_peer::handshake_bytes, 10s).size(), raw_peer::handshake_bytes);
	auto const begin = std::chrono::steady_clock::now();
	auto const messages = messages_of(p, 15s);
	EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s) << "it was not hung up on";
	EXPECT_FALSE(has_any(messages, id::block));
	EXPECT_FALSE(has_any(messages, id::have)) << "the source reveals nothing";
	auto const of_extensions =
		std::ranges::count_if(messages, [](auto const& m) { return m.front() == id::extended; });
	EXPECT_EQ(of_extensions, 2) << "its number and its proof, no second handshake and no addresses";
}

TEST_F(private_room, who_follows_the_protocol_is_a_member_though_its_address_is_translated)
{
	member const seed(key, m_torrent, m_full.path(), true);
	auto p = prove(seed.port(), m_torrent.info_hash, {lt::make_address("192.0.2.1"), 1},
		{lt::address_v4::loopback(), seed.port()});
	EXPECT_NE(message_of(p, id::extended).find("rs_room"), std::string::npos);
	p.send(greeting_message({.port = 7001, .number = 1}) + peer_message(id::interested));
	EXPECT_FALSE(message_of(p, id::have).empty()) << "it reveals a piece to a member";
	p.send(request_message(0, 0, 16 * 1024));
	EXPECT_FALSE(message_of(p, id::block).empty());
}

TEST_F(private_room, who_passes_on_a_proof_between_two_members_is_hung_up_on)
{
	member const seed(key, m_torrent, m_full.path(), true);
	auto const silent = dial_in_silence(seed, m_torrent.info_hash);
	auto p = prove(seed.port(), m_torrent.info_hash, {lt::make_address("192.0.2.1"), 1},
		{lt::make_address("192.0.2.2"), 6881});
	EXPECT_TRUE(message_of(p, id::extended).empty()) << "it was taken for a member";
	EXPECT_EQ(seed.peers(), 1) << "it was not hung up on, or because its time was up";
}

// The seed's own proof, sent back, and one that was seen in another connection.
TEST_F(private_room, a_proof_that_somebody_else_made_is_refused)
{
	member const seed(key, m_torrent, m_full.path(), true);
	std::string proof;
	for (int i = 0; i < 2; ++i)
	{
		auto const silent = dial_in_silence(seed, m_torrent.info_hash);
		auto p = raw_peer::dial(seed.port());
		p.send(member_handshake(m_torrent.info_hash, static_cast<std::size_t>(i))
			+ challenge_message(room_nonce{}));
		ASSERT_EQ(p.read(raw_peer::handshake_bytes, 10s).size(), raw_peer::handshake_bytes);
		auto const is_proof = [](std::string const& m) {
			return m.size() == room_proof_bytes + 2 && m.front() == id::extended && m[1] == proof_message_id;
		};
		auto m = p.read_message(10s);
		while (!m.empty() && !is_proof(m))
		{
			m = p.read_message(10s);
		}
		ASSERT_FALSE(m.empty());
		proof = proof.empty() ? m.substr(2) : proof;
		p.send(extension_text(proof_message_id, proof));
		EXPECT_FALSE(has_any(messages_of(p, 10s), id::extended));
		EXPECT_EQ(seed.peers(), 1) << "it was not hung up on, or because its time was up";
	}
}

} // namespace rawswarm::test
