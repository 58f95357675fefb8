// SPDX-License-Identifier: BSD-3-Clause
#include "storage/backend/fan_out_io.hpp"
#include "tests/support/base/random_bytes.hpp"
#include "tests/support/base/value_of.hpp"
#include "tests/support/device/disk_calls.hpp"
#include "tests/support/device/disk_fixture.hpp"
#include "tests/support/device/memory_device.hpp"

#include <gtest/gtest.h>
#include <libtorrent/settings_pack.hpp>

#include <cerrno>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace rawswarm
{
namespace
{

using test::device_call;
using test::extents_of;
using test::memory_device;
using test::test_peer;

constexpr std::uint64_t piece_size = 64 * 1024;
constexpr std::size_t one_mib = 1024 * 1024;

// One torrent for three targets, each on a device in memory.
class fan_out
	: public ::testing::Test
	, public test::disk_calls
{
protected:
	void TearDown() override { check_end(); }

	void begin(std::size_t const memory = 4 * one_mib)
	{
		auto& t = add(extents_of({one_mib}), {.piece_size = piece_size});
		context = std::make_shared<storage_context>(storage_settings{.memory = memory});
		std::vector<std::string> paths;
		for (std::size_t i = 0; i < 3; ++i)
		{
			auto device = std::make_unique<memory_device>(end_of(t.made.files) + 4096);
			devices.push_back(device.get());
			targets.push_back(std::make_shared<storage_target>(std::move(device), t.info,
				test::value_of(extent_map::build(t.info->files())), target_options{}, nullptr));
			paths.push_back("target-" + std::to_string(i));
			context->add_target(paths.back(), targets.back());
		}
		context->add_group("all", paths);
		m_io = fan_out_io_constructor(context)(m_ios, lt::settings_pack(), m_counters);
		start(t, "all");
	}

	void write_all(int const from = 0)
	{
		for (int p = from; p < pieces(); ++p)
		{
			write_whole(p);
		}
	}

	// A piece that is complete is written at once.
	void write_whole(int const p)
	{
		auto const written = write_piece(p);
		EXPECT_EQ(finish(hash(p)).v1, info().hash_for_piece(lt::piece_index_t{p}));
		finish(written);
		for (auto const& block : written)
		{
			EXPECT_FALSE(*block->value);
		}
	}

	bool holds_image(std::size_t const target) const
	{
		std::string expected(devices[target]->size(), memory_device::untouched_byte);
		for (auto const& file : current().made.files)
		{
			expected.replace(file.offset, file.bytes.size(), file.bytes);
		}
		return devices[target]->bytes(0, devices[target]->size()) == expected;
	}

	void expect_complete(std::size_t const target)
	{
		EXPECT_TRUE(targets[target]->complete()) << target;
		EXPECT_TRUE(holds_image(target)) << target;
	}

	static error broken() { return fail(fault::device, "it broke"); }

	std::vector<memory_device*> devices;
	std::vector<std::shared_ptr<storage_target>> targets;
	std::shared_ptr<storage_context> context;

private:
	void before_end() override
	{
		for (auto* const device : devices)
		{
			device->release_all();
		}
	}
};

TEST_F(fan_out, every_target_gets_all_and_one_counts_what_arrived)
{
	begin();
	write_all();
	finish(stop());
	for (std::size_t i = 0; i < targets.size(); ++i)
	{
		expect_complete(i);
	}
	EXPECT_EQ(targets[0]->arrived(), targets[0]->total());
	EXPECT_EQ(targets[1]->arrived(), 0);
	EXPECT_EQ(finish(read(3, 0, block_size)).bytes, block(3, 0));
}

TEST_F(fan_out, target_whose_device_fails_is_left_out_and_no_call_fails)
{
	begin();
	for (auto const broken : {std::size_t(0), std::size_t(2)})
	{
		devices[broken]->fail(device_call::write, 1, EIO);
	}
	write_all();
	finish(stop());
	EXPECT_TRUE(targets[0]->failed());
	EXPECT_TRUE(targets[2]->failed());
	expect_complete(1);
	EXPECT_EQ(finish(read(0, 0, block_size)).bytes, block(0, 0));
}

TEST_F(fan_out, the_counting_of_what_arrives_passes_to_the_next_target)
{
	begin();
	write_whole(0);
	targets[0]->fail(broken());
	write_all(1);
	EXPECT_EQ(targets[0]->arrived() + targets[1]->arrived() + targets[2]->arrived(), targets[0]->total());
	EXPECT_EQ(targets[2]->arrived(), 0);
}

TEST_F(fan_out, call_fails_if_it_failed_for_all)
{
	begin();
	for (auto* const device : devices)
	{
		device->fail(device_call::write, 1, EIO);
	}
	auto const written = write_block(0, 0);
	finish(release());
	EXPECT_EQ(finish(written).ec.value(), EIO);
	auto const later = write_block(1, 0);
	finish(release());
	EXPECT_TRUE(finish(later).ec);
}

TEST_F(fan_out, target_that_hangs_stops_the_others_only_until_it_has_failed)
{
	begin();
	devices[1]->block(device_call::write);
	std::vector<test::reply<lt::storage_error>> written;
	for (int p = 0; p < pieces(); ++p)
	{
		for (auto& block : write_piece(p))
		{
			written.push_back(std::move(block));
		}
		EXPECT_FALSE(finish(hash(p)).error);
	}
	auto const flushed = release();
	auto const cleared = clear(0);
	ASSERT_TRUE(devices[1]->wait_for_blocked(1));
	EXPECT_TRUE(run_until([&] { return holds_image(0) && holds_image(2); }));
	EXPECT_FALSE(flushed->value);
	EXPECT_FALSE(cleared->value);

	targets[1]->fail(broken());

	finish(written);
	finish(flushed);
	finish(cleared);
	for (auto const& w : written)
	{
		EXPECT_FALSE(*w->value);
	}
	expect_complete(0);
	expect_complete(2);
}

TEST_F(fan_out, read_from_a_target_that_hangs_goes_to_the_next_once_it_has_failed)
{
	begin();
	for (auto* const device : devices)
	{
		for (auto const& file : current().made.files)
		{
			device->put(file.offset, file.bytes);
		}
	}
	devices[0]->block(device_call::read);
	auto const answer = read(2, 0, block_size);
	submit();
	ASSERT_TRUE(devices[0]->wait_for_blocked(1));
	targets[0]->fail(broken());
	EXPECT_EQ(finish(answer).bytes, block(2, 0));
	EXPECT_EQ(devices[2]->count(device_call::read), 0);
}

TEST_F(fan_out, target_that_left_is_neither_written_nor_read)
{
	begin();
	write_all();
	finish(stop());
	targets[0]->leave();
	devices[0]->put(devices[0]->size() - 1, "x");
	auto const writes = devices[0]->count(device_call::write);
	auto const reads = devices[0]->count(device_call::read);
	finish(clear(0)); // out of memory
	EXPECT_EQ(finish(read(0, 0, block_size)).bytes, block(0, 0));
	auto const written = write_block(0, 0);
	finish(release());
	finish(written);
	EXPECT_EQ(devices[0]->count(device_call::write), writes);
	EXPECT_EQ(devices[0]->count(device_call::read), reads);
}

TEST_F(fan_out, peer_that_waits_for_one_target_goes_on_once_that_has_failed)
{
	begin(one_mib);
	devices[2]->block(device_call::write);
	auto const peer = std::make_shared<test_peer>();
	bool has_to_wait = false;
	for (int p = 0; p < pieces() && !has_to_wait; ++p)
	{
		// the others have written all, so that only the one that hangs can make the peer wait
		write(p, 0, block(p, 0), peer, &has_to_wait);
		for (int b = 1; b < blocks(p); ++b)
		{
			write_block(p, b);
		}
		hash(p);
		auto const all = static_cast<std::int64_t>(piece_size) * (p + 1);
		ASSERT_TRUE(run_until([&] { return targets[0]->written() == all && targets[1]->written() == all; }));
	}
	ASSERT_TRUE(has_to_wait);
	EXPECT_EQ(peer->woken, 0);
	targets[2]->fail(broken());
	EXPECT_TRUE(run_until([&] { return peer->woken == 1; }));
}

TEST_F(fan_out, peer_that_is_told_by_each_block_to_wait_counts_once_for_each_target_that_hangs)
{
	begin(one_mib);
	for (auto* const device : devices)
	{
		device->block(device_call::write);
	}
	auto const peer = std::make_shared<test_peer>();
	std::vector<test::reply<lt::storage_error>> written;
	int told = 0;
	for (int p = 0; p < pieces() && told < 5; ++p)
	{
		for (int b = 0; b < blocks(p); ++b)
		{
			bool wait = false;
			written.push_back(write(p, b, block(p, b), peer, &wait));
			told += wait ? 1 : 0;
		}
	}
	ASSERT_GE(told, 5);
	EXPECT_EQ(context->stats().peers_stopped, 3);
	for (auto* const device : devices)
	{
		device->release_all();
	}
	finish(stop());
	finish(written);
	EXPECT_TRUE(run_until([&] { return peer->woken == told; })) << "each wait ends";
}

TEST_F(fan_out, wrong_hash_of_one_target_is_that_of_the_piece)
{
	begin();
	auto const written = write_piece(0);
	finish(clear(0)); // out of memory
	finish(written);
	auto const place = current().made.files.front().offset;
	devices[1]->put(place, "wrong");
	auto const& answer = finish(hash(0));
	EXPECT_FALSE(answer.error);
	EXPECT_NE(answer.v1, info().hash_for_piece(lt::piece_index_t{0}));
}

} // namespace
} // namespace rawswarm
