// SPDX-License-Identifier: BSD-3-Clause
// Brings the image of a disk to a server: reads the disk as `create --map auto` does, sends the torrent, and
// follows what the server makes of it while the disk is served as any seed is.
//
//     POST TO     the torrent. 202: it is being fetched; 200: the image is there already. Anything else is
//                 final (no space, another image of that name) but for statuses that may pass
//     GET  TO     202: it is being fetched; 200: the image is there, verified and synced; 404: the server has
//                 started anew, and gets the torrent again; anything else: it has failed, and says why
//
// The GETs, one a second, tell the server that the disk is still there. So the capture is over when the
// server says so, and not when it was sent everything.
//
// Made, called and destroyed by the thread of the io_context; blocking work runs in the pool. Nothing is ever
// written to the device.
#pragma once

#include "agent/job/planned_target.hpp"
#include "agent/job/repeating_timer.hpp"
#include "agent/job/target_rates.hpp"
#include "agent/manifest/manifest.hpp"
#include "agent/net/http_answer.hpp"
#include "agent/progress/progress.hpp"
#include "base/result.hpp"
#include "base/run_blocking.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>

namespace rawswarm
{

class capture_job
{
public:
	struct environment
	{
		boost::asio::io_context& ios;
		boost::asio::thread_pool& blocking;
		std::chrono::seconds longest_read; // without a byte, it fails. 0: no limit
		std::function<void(planned_target)> serve; // once: the server waits for the disk
		std::function<void()> draw; // several times a second while the disk is read
		std::function<void()> taken; // the image is there; repeated until stop()
		std::function<void(error const&)> failed; // once
	};

	// capture: as plan_capture() returns it.
	capture_job(manifest_capture capture, environment env);
	~capture_job() { stop(); }
	capture_job(capture_job const&) = delete;
	capture_job& operator=(capture_job const&) = delete;

	void start();

	// Ends what runs in the background, and all calls.
	void stop();

	// Of the device while there is no target for it.
	target_progress snapshot() const;

private:
	using clock = std::chrono::steady_clock;

	result<planned_target> read_and_send();
	result<void> send_torrent();
	void on_tick();
	void check_reading();
	void ask();
	void on_answer(result<http_answer> const& answer);
	void send_again();
	void fail_with(error const& e);

	manifest_capture m_capture;
	environment m_env;
	repeating_timer m_tick;
	std::stop_source m_stop;
	std::string m_torrent;
	std::atomic<std::int64_t> m_read{0}; // bytes
	std::atomic<std::int64_t> m_to_read{0}; // 0: not known yet
	std::atomic<bool> m_is_reading{true};
	target_rates m_rates;
	std::int64_t m_last_read = 0;
	clock::time_point m_last_advance; // of the reading
	bool m_is_served = false;
	bool m_is_asking = false;
	bool m_is_taken = false;
	clock::time_point m_next_question;
	clock::time_point m_last_answer;
	std::string m_error;
	blocking_scope m_scope; // last: work uses the members before it
};

} // namespace rawswarm
