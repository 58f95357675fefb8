// SPDX-License-Identifier: BSD-3-Clause
#include "base/run_blocking.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>

namespace rawswarm
{

namespace
{

using namespace std::chrono_literals;
namespace asio = boost::asio;

class run_blocking : public testing::Test
{
protected:
	// Runs the handlers that the io_context has by now or gets within a second.
	void run_until(std::function<bool()> const& reached)
	{
		auto const end = std::chrono::steady_clock::now() + 1s;
		while (!reached() && std::chrono::steady_clock::now() < end)
		{
			m_ios.restart();
			m_ios.run_for(1ms);
		}
		ASSERT_TRUE(reached());
	}

	asio::io_context m_ios{1};
	asio::thread_pool m_pool{1};
	std::optional<blocking_scope> m_scope{std::in_place, m_ios, m_pool};
};

// Stands in a thread of a pool until it is let go.
class gate
{
public:
	void wait_inside()
	{
		m_entered.set_value();
		m_opened.get_future().wait();
	}
	void wait_until_entered() { m_entered.get_future().wait(); }
	void open() { m_opened.set_value(); }

private:
	std::promise<void> m_entered;
	std::promise<void> m_opened;
};

} // namespace

TEST_F(run_blocking, the_result_arrives_in_the_thread_of_the_io_context)
{
	std::thread::id worked;
	std::thread::id arrived;
	std::string text;
	m_scope->run_blocking(
		[&] {
			worked = std::this_thread::get_id();
			return std::string("result");
		},
		[&](std::string r) {
			arrived = std::this_thread::get_id();
			text = std::move(r);
		});
	run_until([&] { return !text.empty(); });
	EXPECT_EQ(text, "result");
	EXPECT_EQ(arrived, std::this_thread::get_id());
	EXPECT_NE(worked, arrived);
}

TEST_F(run_blocking, a_result_that_can_only_be_moved_arrives)
{
	int value = 0;
	m_scope->run_blocking(
		[] { return std::make_unique<int>(7); }, [&](std::unique_ptr<int> r) { value = *r; });
	run_until([&] { return value != 0; });
	EXPECT_EQ(value, 7);
}

TEST_F(run_blocking, work_without_a_result_is_followed_as_well)
{
	bool worked = false;
	bool followed = false;
	m_scope->run_blocking([&] { worked = true; }, [&] { followed = worked; });
	run_until([&] { return followed; });
}

TEST_F(run_blocking, the_end_of_the_owner_waits_for_work_that_has_begun)
{
	gate inside;
	std::atomic<bool> ended{false};
	m_scope->run_blocking(
		[&] {
			inside.wait_inside();
			std::this_thread::sleep_for(20ms);
			ended = true;
		},
		[] {});
	inside.wait_until_entered();
	inside.open();
	m_scope.reset();
	EXPECT_TRUE(ended);
}

TEST_F(run_blocking, the_owner_knows_whether_it_would_have_to_wait)
{
	gate g;
	EXPECT_FALSE(m_scope->is_busy());
	m_scope->run_blocking([&] { g.wait_inside(); }, [] {});
	g.wait_until_entered();
	EXPECT_TRUE(m_scope->is_busy());
	g.open();
	run_until([&] { return !m_scope->is_busy(); });
}

TEST_F(run_blocking, what_the_work_holds_is_gone_before_the_owner)
{
	gate inside;
	auto held = std::make_shared<int>(1);
	std::weak_ptr<int> const watched = held;
	m_scope->run_blocking([&inside, held = std::move(held)] { inside.wait_inside(); }, [] {});
	inside.wait_until_entered();
	inside.open();
	m_scope.reset();
	EXPECT_TRUE(watched.expired());
}

TEST_F(run_blocking, a_result_that_comes_after_the_owner_is_dropped)
{
	bool followed = false;
	m_scope->run_blocking([] { return 1; }, [&](int) { followed = true; });
	m_pool.join(); // the result waits in the io_context
	m_scope.reset();
	EXPECT_EQ(m_ios.run(), 1U);
	EXPECT_FALSE(followed);
}

TEST_F(run_blocking, work_that_has_not_begun_never_begins_without_its_owner)
{
	gate inside;
	blocking_scope other(m_ios, m_pool);
	other.run_blocking([&] { inside.wait_inside(); }, [] {});
	inside.wait_until_entered();
	bool worked = false;
	m_scope->run_blocking([&] { worked = true; }, [] {});
	m_scope.reset();
	inside.open();
	m_pool.join();
	EXPECT_FALSE(worked);
}

TEST_F(run_blocking, what_follows_may_end_the_owner)
{
	m_scope->run_blocking([] { return 1; }, [&](int) { m_scope.reset(); });
	run_until([&] { return !m_scope; });
}

TEST_F(run_blocking, a_post_is_never_carried_out_from_inside_of_the_call)
{
	bool posted = false;
	bool called = false;
	m_scope->post([&] {
		m_scope->post([&] { called = true; });
		posted = !called;
	});
	m_ios.run();
	EXPECT_TRUE(posted);
	EXPECT_TRUE(called);
}

TEST_F(run_blocking, a_poster_brings_calls_from_any_thread)
{
	std::thread::id arrived;
	std::thread([&arrived, post = m_scope->make_poster()] {
		post([&] { arrived = std::this_thread::get_id(); });
	}).join();
	m_ios.run();
	EXPECT_EQ(arrived, std::this_thread::get_id());
}

TEST_F(run_blocking, a_poster_may_outlive_the_owner_and_the_io_context)
{
	auto ios = std::make_unique<asio::io_context>();
	std::optional<blocking_scope> scope(std::in_place, *ios, m_pool);
	auto const post = scope->make_poster();
	bool called = false;
	post([&] { called = true; }); // waits in the io_context
	scope.reset();
	ios->run();
	ios.reset();
	post([&] { called = true; });
	EXPECT_FALSE(called);
}

} // namespace rawswarm
