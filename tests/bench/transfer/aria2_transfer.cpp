// SPDX-License-Identifier: BSD-3-Clause
#include "tests/bench/transfer/transfer_program.hpp"
#include "tests/support/network/aria2.hpp"
#include "tests/support/network/http_tracker.hpp"
#include "tests/support/network/listeners.hpp"
#include "tests/support/program/room_image.hpp"

#include <libtorrent/torrent_info.hpp>

#include <chrono>
#include <filesystem>
#include <utility>

namespace rawswarm::bench
{

namespace
{

namespace fs = std::filesystem;

constexpr std::uint16_t seeder_port = 6881;
constexpr std::chrono::seconds time_to_serve{30};

class aria2_transfer final : public transfer_program
{
public:
	explicit aria2_transfer(std::string path)
		: m_path(std::move(path))
	{
		m_tracker.add_peer(seeder_port);
	}

	std::string name() const override { return "aria2"; }

	test::child_options seeder(transfer_task const& task) const override
	{
		auto const folder = task.folder + "/seeder";
		auto const file = file_in(folder, task);
		fs::create_directories(file.parent_path());
		fs::create_symlink(fs::absolute(task.content.payload), file);
		auto options = command(task, folder);
		std::erase_if(options.argv, [](std::string const& argument) {
			return argument.starts_with("--seed-time=") || argument.starts_with("--listen-port=")
				|| argument.starts_with("--bt-hash-check-seed=");
		});
		options.argv.insert(options.argv.begin() + 1,
			{"--listen-port=" + std::to_string(seeder_port), "--seed-ratio=0.0",
				"--bt-seed-unverified=true"});
		return options;
	}

	bool serves(test::child_process&) const override
	{
		return test::wait_for_listener(seeder_port, time_to_serve);
	}

	test::child_options client(transfer_task const& task) const override
	{
		return command(task, task.folder + "/client");
	}

	bool is_right(transfer_task const& task) const override
	{
		return test::is_equal(file_in(task.folder + "/client", task), task.content.payload);
	}

	std::string refusal(transfer_target const& target) const override
	{
		return target.is_loop() ? "it writes no disks" : "";
	}

private:
	test::child_options command(transfer_task const& task, std::string const& folder) const
	{
		auto options = test::aria2_download(task.content.payload_torrent, folder, m_tracker.url());
		options.argv.front() = m_path;
		return options;
	}

	// A torrent of one extent is one file.
	static fs::path file_in(std::string const& folder, transfer_task const& task)
	{
		lt::torrent_info const torrent(task.content.payload_torrent);
		return torrent.files().file_path(lt::file_index_t(0), folder);
	}

	std::string m_path;
	test::http_tracker m_tracker;
};

} // namespace

std::unique_ptr<transfer_program> make_aria2_transfer(std::string path)
{
	return std::make_unique<aria2_transfer>(std::move(path));
}

} // namespace rawswarm::bench
