// SPDX-License-Identifier: BSD-3-Clause
// Datagrams of each version of the format, as they were sent: they are read for ever, and written in the same
// way until there is another version.
#include "agent/beacon/beacon_format.hpp"
#include "agent/beacon/beacon_mac.hpp"
#include "tests/support/base/source_tree.hpp"
#include "tests/support/network/beacon_sample.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace rawswarm
{

namespace
{

// Without the newline at the end of the file.
std::string golden(std::string const& name)
{
	std::ifstream in(test::source_tree() / "tests/fixtures/beacon" / name, std::ios::binary);
	std::string bytes{std::istreambuf_iterator<char>(in), {}};
	EXPECT_TRUE(bytes.ends_with('\n')) << name;
	bytes.resize(bytes.empty() ? 0 : bytes.size() - 1);
	return bytes;
}

beacon_identity an_identity()
{
	auto id = test::an_identity();
	id.boot = "0123456789abcdef";
	id.start_ms = 9000;
	return id;
}

// Every key of the format.
progress a_progress()
{
	auto p = test::some_progress();
	p.targets[0].note = "nothing arrives from 12 peers";
	p.targets[0].error = "syncing /dev/sda1: Input/output error";
	p.error = progress_error{5, "writing /dev/sda1 at 0x1f400000: Input/output error"};
	return p;
}

progress eight_targets()
{
	auto p = test::some_progress();
	p.targets.assign(8, test::a_target());
	for (std::size_t i = 0; i < p.targets.size(); ++i)
	{
		p.targets[i].device = "/dev/sd" + std::string(1, static_cast<char>('a' + i));
	}
	p.targets[5].state = job_state::flushing;
	return p;
}

} // namespace

TEST(golden_beacon, one_with_every_key_is_written_as_it_was_and_read_back)
{
	auto const bytes = golden("v1-every-key.json");
	EXPECT_EQ(encode_beacon(an_identity(), 17, a_progress()), bytes);
	auto const b = decode_beacon(bytes).value();
	EXPECT_EQ(encode_beacon(b.id, b.seq, b.p), bytes);
	EXPECT_EQ(b.p.targets.at(0).wire_uploaded, 400000000);
	EXPECT_EQ(b.id.start_ms, 9000);
}

TEST(golden_beacon, one_of_eight_targets_is_written_as_it_was_and_read_back)
{
	auto const bytes = golden("v1-eight-targets.json");
	EXPECT_EQ(encode_beacon(an_identity(), 17, eight_targets()), bytes);
	auto const b = decode_beacon(bytes).value();
	EXPECT_EQ(encode_beacon(b.id, b.seq, b.p), bytes);
	EXPECT_EQ(b.p.targets.size(), 8U);
}

TEST(golden_beacon, a_signed_one_is_signed_as_it_was)
{
	auto const bytes = golden("v1-signed.json");
	EXPECT_EQ(sign_beacon(encode_beacon(an_identity(), 17, a_progress()), "secret"), bytes);
	EXPECT_TRUE(beacon_is_authentic(bytes, "secret"));
}

TEST(golden_beacon, those_of_the_first_programs_are_read)
{
	auto const b = decode_beacon(golden("v1-first.json")).value();
	EXPECT_EQ(b.id.boot, "");
	EXPECT_EQ(b.p.targets.at(0).done, 1073741824);
	EXPECT_EQ(b.p.targets.at(0).ratio, 1);
	EXPECT_EQ(b.p.storage.blocks_per_write, 58.2);
}

TEST(golden_beacon, each_that_there_is_is_read)
{
	int read = 0;
	for (auto const& file :
		std::filesystem::directory_iterator(test::source_tree() / "tests/fixtures/beacon"))
	{
		EXPECT_TRUE(decode_beacon(golden(file.path().filename()))) << file.path();
		++read;
	}
	EXPECT_GE(read, 4);
}

} // namespace rawswarm
