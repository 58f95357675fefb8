// SPDX-License-Identifier: BSD-3-Clause
// The server's side of a capture (agent/job/capture_job.hpp is the machine's): takes the torrent, has the
// image fetched into the folder of images, and tells the machine how far that is.
//
// The image appears whole, verified and synced, or not at all, and replaces none. A machine that has not
// asked for a minute is gone, and its capture has failed.
//
// Made, called and destroyed by the thread of the io_context; files are looked at in the pool. It must be
// destroyed before whatever its fetcher is.
#pragma once

#include "agent/job/repeating_timer.hpp"
#include "agent/serve/captured_files.hpp"
#include "base/result.hpp"
#include "base/run_blocking.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace rawswarm
{

inline constexpr std::size_t max_captured_torrent = std::size_t(64) * 1024 * 1024; // bytes of a POST

// The answer to a machine: a status of HTTP, and a sentence.
struct intake_answer
{
	unsigned status = 0;
	std::string text;
};

class capture_intake
{
public:
	using done_handler = std::function<void(result<void> const&)>;

	struct environment
	{
		boost::asio::io_context& ios;
		boost::asio::thread_pool& blocking;
		std::string folder; // of the images
		// Fetches the image of the torrent into a file that does not exist (image_seeder::fetch()).
		std::function<void(
			std::string name, std::string torrent, std::string destination, done_handler on_done)>
			fetch;
		std::function<void(std::string const& name)> cancel; // of which on_done is told
		std::function<void(std::string const& token)> captured; // the image is in its place
		std::chrono::seconds longest_silence{60};
	};

	explicit capture_intake(environment env);
	~capture_intake();
	capture_intake(capture_intake const&) = delete;
	capture_intake& operator=(capture_intake const&) = delete;

	// A machine's POST. name: of the image, which the server knows by the token; the torrent is copied.
	intake_answer take(std::string const& token, std::string const& name, std::string_view torrent);

	// Its GET.
	intake_answer tell(std::string const& token, std::string const& name);

private:
	using clock = std::chrono::steady_clock;

	enum class stage
	{
		waiting, // to be checked
		checking,
		fetching,
		finishing,
		there,
		failed
	};

	struct intake
	{
		std::string token;
		std::shared_ptr<std::string const> torrent; // null at the end
		stage at = stage::waiting;
		unsigned status = 0; // of a failure
		std::string text; // of a failure
		std::uint64_t bytes = 0;
		clock::time_point asked;
		bool is_lost = false;
	};

	void check_next();
	void on_checked(std::string const& name, result<checked_capture> const& checked);
	void on_fetched(std::string const& name, result<void> const& fetched);
	void on_finished(std::string const& name, result<void> const& finished);
	void end(std::string const& name, error const& e);
	void look_for_lost();
	std::uint64_t reserved() const;
	captured_files files_of(std::string const& name) const { return {m_env.folder, name}; }

	environment m_env;
	std::map<std::string, intake> m_intakes; // by the image's name
	repeating_timer m_tick;
	blocking_scope m_scope; // last: work uses the members before it
};

} // namespace rawswarm
