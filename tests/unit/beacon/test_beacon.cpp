// SPDX-License-Identifier: BSD-3-Clause
#include "agent/beacon/beacon.hpp"
#include "agent/beacon/hmac.hpp"
#include "base/clean_text.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <array>
#include <fstream>
#include <limits>
#include <string>

namespace rawswarm
{

namespace
{

using boost::asio::ip::udp;
using nlohmann::json;

beacon_identity an_identity()
{
	return {"lab-3", "52:54:00:12:34:56", "pc-07", "6f1c0000000000000000000000000001"};
}

target_progress a_target()
{
	target_progress t;
	t.device = "/dev/sda1";
	t.info_hash = "9f2c000000000000000000000000000000000000";
	t.state = job_state::downloading;
	t.total = 53687091200;
	t.done = 1073741824;
	t.written = 1073741823;
	t.synced = 1;
	t.down = 112000000;
	t.up = 98000000;
	t.peers = 12;
	t.eta_s = 470;
	return t;
}

progress some_progress()
{
	progress p;
	p.state = job_state::downloading;
	p.targets = {a_target()};
	p.storage = {0.41, 0.93, 58.2};
	p.storage.dirty = 0.25;
	p.storage.p50_ms = 1.5;
	p.storage.p99_ms = 40.0004;
	p.storage.stopped_ms = 1200;
	p.storage.read_back = 7;
	p.uptime = std::chrono::milliseconds(41200);
	return p;
}

std::string key_path(std::string const& name, std::string const& content)
{
	auto path = ::testing::TempDir() + "rawswarm_beacon_" + name;
	std::ofstream(path, std::ios::binary) << content;
	return path;
}

} // namespace

TEST(beacon, keys_stand_in_the_documented_order)
{
	auto p = some_progress();
	p.error = progress_error{5, "writing /dev/sda1 at 0x1f400000: Input/output error"};
	EXPECT_EQ(encode_beacon(an_identity(), 17, p),
		R"({"rawswarm":1,"job":"lab-3","agent":"52:54:00:12:34:56","host":"pc-07",)"
		R"("run":"6f1c0000000000000000000000000001","seq":17,"uptime_ms":41200,"state":"downloading",)"
		R"("targets":[{"device":"/dev/sda1","info_hash":"9f2c000000000000000000000000000000000000",)"
		R"("state":"downloading","total":53687091200,"done":1073741824,"written":1073741823,"synced":1,)"
		R"("down":112000000,"up":98000000,"peers":12,"eta_s":470}],)"
		R"("storage":{"pool":0.41,"cache_hit":0.93,"blocks_per_write":58.2,"dirty":0.25,"p50_ms":1.5,)"
		R"("p99_ms":40.0,"stopped_ms":1200,"read_back":7},)"
		R"("error":{"code":5,"text":"writing /dev/sda1 at 0x1f400000: Input/output error"}})");
}

TEST(beacon, what_is_not_known_is_left_out)
{
	auto p = some_progress();
	p.targets[0].eta_s.reset();
	auto const j = json::parse(encode_beacon(an_identity(), 1, p));
	EXPECT_FALSE(j.contains("error"));
	EXPECT_FALSE(j.contains("targets_total"));
	EXPECT_FALSE(j["targets"][0].contains("eta_s"));
	EXPECT_FALSE(j["targets"][0].contains("error"));
}

TEST(beacon, a_target_carries_its_own_error)
{
	auto p = some_progress();
	p.targets[0].error = "syncing /dev/sda1: Input/output error";
	auto const j = json::parse(encode_beacon(an_identity(), 1, p));
	EXPECT_EQ(j["targets"][0]["error"], "syncing /dev/sda1: Input/output error");
}

TEST(beacon, a_hundred_targets_are_cut_to_one_datagram_of_valid_json)
{
	auto p = some_progress();
	p.error = progress_error{5, std::string(5000, 'e')};
	p.targets.assign(128, a_target());
	for (auto& t : p.targets)
	{
		t.device = "/dev/disk/by-id/" + std::string(300, 'x');
		t.error = std::string(500, 'y');
	}
	auto id = an_identity();
	id.job = std::string(2000, 'j');
	id.host = std::string(2000, 'h');
	auto const datagram = sign_beacon(encode_beacon(id, 17, p), "key");
	EXPECT_LE(datagram.size(), max_beacon_bytes);
	auto const j = json::parse(datagram);
	EXPECT_EQ(j["targets_total"], 128);
	EXPECT_GE(j["targets"].size(), 1u);
	EXPECT_LT(j["targets"].size(), 128u);
	EXPECT_EQ(j["agent"], id.agent);
	EXPECT_EQ(j["run"], id.run);
	auto const back = decode_beacon(datagram);
	ASSERT_TRUE(back);
	EXPECT_EQ(back.value().targets_total, 128u);
}

TEST(beacon, as_many_targets_stay_as_fit)
{
	auto p = some_progress();
	p.targets.assign(128, a_target());
	auto const datagram = encode_beacon(an_identity(), 17, p);
	auto const kept = json::parse(datagram)["targets"].size();
	auto const one = json::parse(datagram)["targets"][0].dump().size() + 1;
	EXPECT_GE(kept, 3u);
	EXPECT_GT(datagram.size() + one + 73, max_beacon_bytes);
}

TEST(beacon, texts_are_cut_before_targets_are_left_out)
{
	auto p = some_progress();
	p.error = progress_error{5, std::string(1200, 'e')};
	auto const j = json::parse(encode_beacon(an_identity(), 17, p));
	EXPECT_EQ(j["targets"].size(), 1u);
	EXPECT_FALSE(j.contains("targets_total"));
	EXPECT_EQ(j["error"]["text"], std::string(253, 'e') + "...");
}

TEST(beacon, details_of_storage_go_before_a_text_or_a_target_does)
{
	auto const keys = [](json const& j) { return j["storage"].size(); };
	auto p = some_progress();
	auto const room = max_beacon_bytes - 73 - encode_beacon(an_identity(), 17, p).size();
	p.targets[0].error = std::string(room - std::string_view(R"(,"error":"")").size(), 'e');
	auto const fits = encode_beacon(an_identity(), 17, p);
	EXPECT_EQ(fits.size(), max_beacon_bytes - 73);
	EXPECT_EQ(keys(json::parse(fits)), 8U);

	p.targets[0].error += 'e';
	auto const j = json::parse(encode_beacon(an_identity(), 17, p));
	EXPECT_EQ(keys(j), 3U);
	EXPECT_EQ(j["storage"]["blocks_per_write"], 58.2);
	EXPECT_EQ(j["targets"][0]["error"], p.targets[0].error);
}

TEST(beacon, the_worst_texts_and_numbers_still_fit)
{
	progress p;
	auto const control = std::string(4000, '\x01');
	p.targets.assign(3, a_target());
	for (auto& t : p.targets)
	{
		t.device = t.info_hash = t.error = control;
	}
	p.storage = {std::numeric_limits<double>::max(), -std::numeric_limits<double>::max(), 1e-300};
	p.storage.dirty = p.storage.p50_ms = p.storage.p99_ms = -std::numeric_limits<double>::max();
	p.storage.stopped_ms = p.storage.read_back = std::numeric_limits<std::int64_t>::min();
	p.uptime = std::chrono::milliseconds(std::numeric_limits<std::int64_t>::min());
	p.error = progress_error{std::numeric_limits<int>::min(), control};
	auto const datagram = sign_beacon(
		encode_beacon({control, control, control, control}, std::numeric_limits<std::uint64_t>::max(), p),
		"key");
	EXPECT_LE(datagram.size(), max_beacon_bytes);
	EXPECT_FALSE(json::parse(datagram, nullptr, false).is_discarded());
}

TEST(beacon, bytes_that_are_no_utf8_are_replaced_and_nan_is_a_number)
{
	auto p = some_progress();
	p.targets[0].device = "/dev/\xff\xfe";
	p.storage.pool = std::numeric_limits<double>::quiet_NaN();
	auto const j = json::parse(encode_beacon(an_identity(), 1, p));
	EXPECT_EQ(j["targets"][0]["device"], "/dev/\xef\xbf\xbd\xef\xbf\xbd");
	EXPECT_EQ(j["storage"]["pool"], 0.0);
}

TEST(beacon, decoding_gives_back_what_was_encoded)
{
	auto p = some_progress();
	p.error = progress_error{5, "no"};
	p.targets[0].error = "own";
	auto const back = decode_beacon(encode_beacon(an_identity(), 17, p));
	ASSERT_TRUE(back);
	auto const& b = back.value();
	EXPECT_EQ(b.id.job, "lab-3");
	EXPECT_EQ(b.id.agent, "52:54:00:12:34:56");
	EXPECT_EQ(b.id.host, "pc-07");
	EXPECT_EQ(b.id.run, an_identity().run);
	EXPECT_EQ(b.seq, 17u);
	EXPECT_EQ(b.targets_total, 1u);
	EXPECT_EQ(b.p.uptime, p.uptime);
	EXPECT_EQ(b.p.state, job_state::downloading);
	ASSERT_EQ(b.p.targets.size(), 1u);
	EXPECT_EQ(b.p.targets[0].device, "/dev/sda1");
	EXPECT_EQ(b.p.targets[0].info_hash, p.targets[0].info_hash);
	EXPECT_EQ(b.p.targets[0].state, job_state::downloading);
	EXPECT_EQ(b.p.targets[0].total, p.targets[0].total);
	EXPECT_EQ(b.p.targets[0].done, p.targets[0].done);
	EXPECT_EQ(b.p.targets[0].written, p.targets[0].written);
	EXPECT_EQ(b.p.targets[0].synced, 1);
	EXPECT_EQ(b.p.targets[0].down, p.targets[0].down);
	EXPECT_EQ(b.p.targets[0].up, p.targets[0].up);
	EXPECT_EQ(b.p.targets[0].peers, 12);
	EXPECT_EQ(b.p.targets[0].eta_s, 470);
	EXPECT_EQ(b.p.targets[0].error, "own");
	EXPECT_EQ(b.p.storage.pool, 0.41);
	EXPECT_EQ(b.p.storage.cache_hit, 0.93);
	EXPECT_EQ(b.p.storage.blocks_per_write, 58.2);
	EXPECT_EQ(b.p.storage.dirty, 0.25);
	EXPECT_EQ(b.p.storage.p50_ms, 1.5);
	EXPECT_EQ(b.p.storage.p99_ms, 40.0);
	EXPECT_EQ(b.p.storage.stopped_ms, 1200);
	EXPECT_EQ(b.p.storage.read_back, 7);
	ASSERT_TRUE(b.p.error);
	EXPECT_EQ(b.p.error->code, 5);
	EXPECT_EQ(b.p.error->text, "no");
}

TEST(beacon, a_beacon_of_an_earlier_version_has_three_keys_of_storage)
{
	auto const back = decode_beacon(R"({"rawswarm":1,"agent":"a","run":"r","seq":1,"state":"done",)"
									R"("storage":{"pool":0.5,"cache_hit":1,"blocks_per_write":2.5}})");
	ASSERT_TRUE(back) << back.error().text;
	EXPECT_EQ(back.value().p.storage.pool, 0.5);
	EXPECT_EQ(back.value().p.storage.blocks_per_write, 2.5);
	EXPECT_EQ(back.value().p.storage.p99_ms, 0);
	EXPECT_EQ(back.value().p.storage.stopped_ms, 0);
}

TEST(beacon, keys_of_a_later_version_are_ignored)
{
	auto const back =
		decode_beacon(R"({"rawswarm":1,"agent":"a","run":"r","seq":1,"state":"done","new":[{}]})");
	ASSERT_TRUE(back);
	EXPECT_EQ(back.value().p.state, job_state::done);
}

TEST(beacon, what_is_no_beacon_is_refused)
{
	for (auto const* text :
		{"", "{", "[]", "1", "null", "{}", "\xff", "{\"rawswarm\":1}",
			R"({"rawswarm":2,"agent":"a","run":"r","seq":1,"state":"done"})",
			R"({"rawswarm":"1","agent":"a","run":"r","seq":1,"state":"done"})",
			R"({"rawswarm":1,"run":"r","seq":1,"state":"done"})",
			R"({"rawswarm":1,"agent":"a","seq":1,"state":"done"})",
			R"({"rawswarm":1,"agent":"a","run":"","seq":1,"state":"done"})",
			R"({"rawswarm":1,"agent":"a","run":"r","state":"done"})",
			R"({"rawswarm":1,"agent":"a","run":"r","seq":-1,"state":"done"})",
			R"({"rawswarm":1,"agent":"a","run":"r","seq":1.5,"state":"done"})",
			R"({"rawswarm":1,"agent":"a","run":"r","seq":1,"state":"dancing"})",
			R"({"rawswarm":1,"agent":"a","run":"r","seq":1})",
			R"({"rawswarm":1,"agent":7,"run":"r","seq":1,"state":"done"})",
			R"({"rawswarm":1,"agent":"a","run":"r","seq":1,"state":"done","targets":{}})",
			R"({"rawswarm":1,"agent":"a","run":"r","seq":1,"state":"done","targets":[1]})",
			R"({"rawswarm":1,"agent":"a","run":"r","seq":1,"state":"done","targets":[{"total":"1"}]})",
			R"({"rawswarm":1,"agent":"a","run":"r","seq":1,"state":"done","targets":[{"done":-1}]})",
			R"({"rawswarm":1,"agent":"a","run":"r","seq":1,"state":"done","targets":[{"done":9007199254740993}]})",
			R"({"rawswarm":1,"agent":"a","run":"r","seq":1,"state":"done","targets":[{"state":"dancing"}]})",
			R"({"rawswarm":1,"agent":"a","run":"r","seq":1,"state":"done","storage":{"pool":"full"}})",
			R"({"rawswarm":1,"agent":"a","run":"r","seq":1,"state":"done","storage":{"pool":1e999}})",
			R"({"rawswarm":1,"agent":"a","run":"r","seq":1,"state":"done","storage":{"p99_ms":"1"}})",
			R"({"rawswarm":1,"agent":"a","run":"r","seq":1,"state":"done","storage":{"stopped_ms":-1}})",
			R"({"rawswarm":1,"agent":"a","run":"r","seq":1,"state":"done","storage":{"read_back":0.5}})",
			R"({"rawswarm":1,"agent":"a","run":"r","seq":1,"state":"done","error":"no"})",
			R"({"rawswarm":1,"agent":"a","run":"r","seq":1,"state":"failed","error":{"text":"no"}})"})
	{
		auto const back = decode_beacon(text);
		ASSERT_FALSE(back) << text;
		EXPECT_EQ(back.error().kind, fault::refused) << text;
	}
	EXPECT_FALSE(decode_beacon(
		R"({"rawswarm":1,"run":"r","seq":1,"state":"done","agent":")" + std::string(65, 'a') + "\"}"));
}

TEST(beacon, a_deeply_nested_datagram_does_no_harm)
{
	EXPECT_FALSE(decode_beacon(std::string(1400, '[')));
	EXPECT_FALSE(decode_beacon(std::string(700, '[') + std::string(700, ']')));
}

TEST(beacon, a_json_line_is_ascii_and_holds_the_whole_beacon)
{
	auto const line =
		beacon_json_line("10.0.0.7:1234", "{\"rawswarm\":1,\n\"host\":\"k\xc3\xbc\xc2\x9b\",\"new\":2}");
	EXPECT_EQ(line,
		R"({"version":1,"from":"10.0.0.7:1234","beacon":{"rawswarm":1,"host":"k\u00fc\u009b","new":2}})");
	EXPECT_EQ(beacon_json_line("10.0.0.7:1234", "no json"), "");
}

TEST(hmac, agrees_with_rfc_4231)
{
	auto const hex = [](std::string_view key, std::string_view data) {
		auto const digest = hmac_sha256(key, data);
		return digest ? to_hex(*digest) : std::string();
	};
	EXPECT_EQ(hex(std::string(20, '\x0b'), "Hi There"),
		"b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
	EXPECT_EQ(hex("Jefe", "what do ya want for nothing?"),
		"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	EXPECT_EQ(hex(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First"),
		"60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(beacon, a_signed_datagram_is_authentic_for_its_key_alone)
{
	auto const plain = encode_beacon(an_identity(), 17, some_progress());
	auto const datagram = sign_beacon(plain, "secret");
	EXPECT_TRUE(beacon_is_authentic(datagram, "secret"));
	EXPECT_FALSE(beacon_is_authentic(datagram, "Secret"));
	EXPECT_FALSE(beacon_is_authentic(datagram, ""));
	EXPECT_FALSE(beacon_is_authentic(plain, "secret"));
	EXPECT_FALSE(beacon_is_authentic("", "secret"));
	EXPECT_EQ(datagram.size(), plain.size() + 73);
}

TEST(beacon, the_mac_covers_all_that_precedes_it)
{
	auto const datagram = sign_beacon(R"({"rawswarm":1})", "secret");
	auto const digest = hmac_sha256("secret", R"({"rawswarm":1)");
	ASSERT_TRUE(digest);
	EXPECT_EQ(datagram, R"({"rawswarm":1,"mac":")" + to_hex(*digest) + "\"}");
}

TEST(beacon, no_byte_of_a_signed_datagram_can_be_altered)
{
	auto const datagram = sign_beacon(encode_beacon(an_identity(), 17, some_progress()), "secret");
	for (std::size_t i = 0; i < datagram.size(); ++i)
	{
		auto altered = datagram;
		altered[i] = static_cast<char>(altered[i] ^ 1);
		EXPECT_FALSE(beacon_is_authentic(altered, "secret")) << i;
	}
	EXPECT_FALSE(beacon_is_authentic(datagram + " ", "secret"));
	EXPECT_FALSE(beacon_is_authentic(datagram.substr(1), "secret"));
}

TEST(beacon, run_ids_are_32_hex_digits_and_differ)
{
	auto const id = make_run_id();
	EXPECT_EQ(id.size(), 32u);
	EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos);
	EXPECT_NE(id, make_run_id());
}

TEST(key_file, loses_one_trailing_newline_and_nothing_else)
{
	EXPECT_EQ(read_key_file(key_path("a", "secret\n")).value(), "secret");
	EXPECT_EQ(read_key_file(key_path("b", "secret\n\n")).value(), "secret\n");
	EXPECT_EQ(read_key_file(key_path("c", " se\tcret")).value(), " se\tcret");
	EXPECT_EQ(read_key_file(key_path("d", std::string(4096, 'k'))).value().size(), 4096u);
}

TEST(key_file, is_refused_when_empty_too_large_or_not_there)
{
	for (auto const& path : {key_path("e", ""), key_path("f", "\n"), key_path("g", std::string(4097, 'k')),
			 ::testing::TempDir() + "rawswarm_beacon_none", ::testing::TempDir()})
	{
		auto const key = read_key_file(path);
		ASSERT_FALSE(key) << path;
		EXPECT_EQ(key.error().kind, fault::refused);
		EXPECT_NE(key.error().text.find(path), std::string::npos);
	}
}

TEST(endpoint, is_an_address_and_a_port)
{
	EXPECT_EQ(format_endpoint(parse_endpoint("239.255.77.1:7700").value()), "239.255.77.1:7700");
	EXPECT_EQ(format_endpoint(parse_endpoint("[ff02::1]:7700").value()), "[ff02::1]:7700");
	EXPECT_EQ(parse_endpoint("127.0.0.1:0").value().port(), 0);
	EXPECT_EQ(parse_endpoint("127.0.0.1:65535").value().port(), 65535);
}

TEST(endpoint, is_refused_when_it_is_a_name_or_malformed)
{
	for (auto const* text :
		{"", ":", "10.0.0.1", "10.0.0.1:", "10.0.0.1:65536", "10.0.0.1:-1", "10.0.0.1: 1", "10.0.0.1:1x",
			"server:7700", "fe80::1:7700", "[10.0.0.1]:7700", "[::1", "[]:1", "10.0.0:1", "[::1]7700"})
	{
		auto const e = parse_endpoint(text);
		ASSERT_FALSE(e) << text;
		EXPECT_EQ(e.error().kind, fault::refused) << text;
		EXPECT_NE(e.error().text.find(text), std::string::npos);
	}
}

TEST(clean_text, leaves_no_control_character)
{
	EXPECT_EQ(clean_text("pc-07"), "pc-07");
	EXPECT_EQ(clean_text("k\xc3\xbc"
						 "che \xe2\x82\xac \xf0\x9f\x90\x9d"),
		"k\xc3\xbc"
		"che \xe2\x82\xac \xf0\x9f\x90\x9d");
	EXPECT_EQ(clean_text("\x1b[2J\x07\r\n\t\x7f"), "?[2J?????");
	EXPECT_EQ(clean_text("a\xc2\x9b"
						 "31m"),
		"a?31m"); // the one-character form of ESC [
	EXPECT_EQ(clean_text("a\xe2\x80\xae"
						 "b\xe2\x81\xa6"
						 "c\xe2\x80\xa8"
						 "d"),
		"a?b?c?d");
	EXPECT_EQ(clean_text(std::string_view("a\0b", 3)), "a?b");
	EXPECT_EQ(clean_text("a\x9b"
						 "b\xff\xc3"),
		"a?b??");
	EXPECT_EQ(clean_text("\xc0\x9b\xe0\x82\x9b\xed\xa0\x80"), "????????"); // too long, and a surrogate
	EXPECT_EQ(clean_text("a\n\tb\x1b", line_breaks::keep), "a\n\tb?");
}

TEST(clean_text, text_is_cut_between_characters)
{
	EXPECT_EQ(cut_text("abcdef", 6), "abcdef");
	EXPECT_EQ(cut_text("abcdefg", 6), "abc...");
	EXPECT_EQ(cut_text("ab\xe2\x82\xac"
					   "defg",
				  7),
		"ab...");
	EXPECT_EQ(cut_text("abcdef", 2), "..");
	EXPECT_EQ(cut_text("abcdef", 0), "");
}

TEST(beacon_sender, each_destination_gets_a_signed_datagram_with_rising_seq)
{
	boost::asio::io_context ios;
	udp::endpoint const any(boost::asio::ip::address_v4::loopback(), 0);
	udp::socket first(ios, any);
	udp::socket second(ios, any);
	beacon_sender sender(ios, an_identity(), {first.local_endpoint(), second.local_endpoint()}, "secret");
	sender.send(some_progress());
	sender.send(some_progress());
	for (auto* socket : {&first, &second})
	{
		socket->non_blocking(true); // on loopback a datagram has arrived when its sending returns
		std::array<char, 2000> buffer{};
		for (std::uint64_t seq = 1; seq <= 2; ++seq)
		{
			boost::system::error_code ec;
			auto const n = socket->receive(boost::asio::buffer(buffer), 0, ec);
			ASSERT_FALSE(ec) << ec.message();
			std::string_view const datagram(buffer.data(), n);
			EXPECT_TRUE(beacon_is_authentic(datagram, "secret"));
			EXPECT_EQ(decode_beacon(datagram).value().seq, seq);
		}
	}
}

TEST(beacon_sender, a_destination_that_refuses_does_not_stop_the_others)
{
	boost::asio::io_context ios;
	udp::socket socket(ios, udp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
	// Nothing can be sent to port 0.
	auto const bad = udp::endpoint(boost::asio::ip::address_v4::loopback(), 0);
	beacon_sender sender(ios, an_identity(), {bad, socket.local_endpoint()}, std::nullopt);
	sender.send(some_progress());
	socket.non_blocking(true);
	std::array<char, 2000> buffer{};
	boost::system::error_code ec;
	auto const n = socket.receive(boost::asio::buffer(buffer), 0, ec);
	ASSERT_FALSE(ec) << ec.message();
	EXPECT_EQ(std::string(buffer.data(), n), encode_beacon(an_identity(), 1, some_progress()));
}

} // namespace rawswarm
