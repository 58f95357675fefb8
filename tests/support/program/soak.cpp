// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/program/soak.hpp"

#include "tests/support/base/child_process.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/base/wait_until.hpp"
#include "tests/support/device/fuse_disk.hpp"
#include "tests/support/device/loop_device.hpp"
#include "tests/support/network/own_network.hpp"
#include "tests/support/network/room.hpp"
#include "tests/support/network/stock_client.hpp"
#include "tests/support/program/growth_watch.hpp"
#include "tests/support/program/rawswarm_program.hpp"
#include "tests/support/program/room_image.hpp"

#include <fmt/format.h>
#include <libtorrent/torrent_info.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <random>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace rawswarm::test
{

namespace
{

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr std::size_t machines = 3; // hosts 1 to 3; host 0 is the seeder
constexpr int mbit = 60; // an image takes some two seconds
constexpr std::uint16_t port = 6881;
constexpr auto longest_image = 120s;

enum class fault_kind
{
	none,
	killed, // SIGKILL, and the same job again
	restarted, // SIGTERM, and the same job again
	cable, // out for a while; the seeder's, too
	slow_disk,
	full_disk,
	hostile // a peer that sends wrong data in place of a machine
};

constexpr std::array<std::string_view, soak_kinds> fault_names{
	"none", "killed", "restarted", "cable", "slow disk", "full disk", "hostile"};

class slow_behaviour final : public fuse_behaviour
{
public:
	void on_request(std::uint64_t, std::size_t, std::chrono::steady_clock::duration) override
	{
		std::this_thread::sleep_for(4ms);
	}
};

struct machine
{
	std::size_t host = 0;
	std::string target;
	std::unique_ptr<child_process> agent;
};

class soak
{
public:
	explicit soak(soak_options const& options)
		: m_options(options)
		, m_random(options.seed)
	{
		m_images.push_back(make_image(made_folder("first"), 12, 256 * 1024));
		m_images.push_back(make_image(made_folder("second"), 16, 128 * 1024, image_content::compressible));
		start_seeder();
	}

	soak_result run()
	{
		auto const end = std::chrono::steady_clock::now() + m_options.duration;
		while (m_result.complaint.empty() && std::chrono::steady_clock::now() < end)
		{
			image_once();
		}
		if (m_result.complaint.empty() && !m_options.seeder_may_grow)
		{
			auto const grown = m_growth.verdict();
			m_result.complaint = grown.empty() ? grown
											   : fmt::format("the seeder, after {} images (seed {}): {}",
												   m_result.images, m_options.seed, grown);
		}
		return std::move(m_result);
	}

private:
	std::string made_folder(std::string const& name) const
	{
		fs::create_directories(m_folder / name);
		return m_folder / name;
	}

	static std::string peer(std::size_t const host)
	{
		return fmt::format("{}:{}", room::address(host), port);
	}

	int between(int const first, int const last)
	{
		return std::uniform_int_distribution<int>(first, last)(m_random);
	}

	nlohmann::json job() const
	{
		return {{"version", 1}, {"targets", nlohmann::json::array()}, {"timeout_seconds", 60},
			{"swarm", {{"listen", fmt::format("0.0.0.0:{}", port)}, {"lsd", false}}},
			{"storage", {{"memory", "8M"}}}, {"on_success", "continue"}, {"on_failure", "continue"}};
	}

	std::unique_ptr<child_process> start(std::size_t const host, nlohmann::json const& job) const
	{
		auto const path = fmt::format("{}/job-{}.json", m_folder.path().string(), host);
		write_file(path, job.dump());
		return m_hosts.start(host, rawswarm_command({"run", path, "--json"}));
	}

	void start_seeder()
	{
		auto seeder = job();
		for (auto const& image : m_images)
		{
			seeder["targets"].push_back(
				{{"torrent", image.torrent}, {"device", image.image}, {"role", "seed"}});
		}
		seeder["timeout_seconds"] = 0;
		m_seeder = start(0, seeder);
		if (!m_seeder->wait_for_text("seeding", 30s))
		{
			throw std::runtime_error("the seeder does not begin to serve: " + m_seeder->err());
		}
	}

	// Each kind once, in random order, before the next of any.
	fault_kind next_fault()
	{
		if (m_deck.empty())
		{
			for (std::size_t i = 0; i < fault_names.size(); ++i)
			{
				m_deck.push_back(static_cast<fault_kind>(i));
			}
			std::shuffle(m_deck.begin(), m_deck.end(), m_random);
		}
		auto const fault = m_deck.back();
		m_deck.pop_back();
		return fault;
	}

	void start_machine(machine& m, bool const again) const
	{
		auto client = job();
		client["targets"].push_back({{"torrent", m_image->torrent}, {"device", m.target}, {"create", true},
			{"existing", again ? "verify" : "discard"}});
		client["swarm"]["peers"] = {peer(0)};
		if (m_hostile)
		{
			client["swarm"]["peers"].push_back(peer(m_victim));
		}
		client["seed_until"] = {{"idle_seconds", 1}};
		m.agent = start(m.host, client);
	}

	// A disk that holds something else, of the image's size.
	std::string ordinary_disk(std::size_t const host) const
	{
		auto path = fmt::format("{}/disk-{}", m_folder.path().string(), host);
		write_file(path, std::string(fs::file_size(m_image->image), '\xff'));
		return path;
	}

	std::string disk_of(std::size_t const host, fault_kind const fault)
	{
		if (host == m_victim && fault == fault_kind::slow_disk)
		{
			m_slow = std::make_unique<fuse_disk>(fs::file_size(m_image->image), m_slowness);
			return m_slow->file();
		}
		if (host == m_victim && fault == fault_kind::full_disk)
		{
			m_small = std::make_unique<scoped_tmpfs>(fs::file_size(m_image->image) / 2);
			return *m_small / "disk";
		}
		return ordinary_disk(host);
	}

	// Every block of the image, altered, served by an ordinary client on the victim's host.
	void start_hostile()
	{
		auto content = read_file(m_image->image);
		constexpr std::size_t block = std::size_t(16) * 1024;
		for (std::size_t i = 0; i < content.size(); i += block)
		{
			content[i] = static_cast<char>(content[i] ^ 1);
		}
		auto const name = lt::torrent_info(m_image->torrent).files().file_path(lt::file_index_t(0));
		auto const wrong = made_folder("wrong");
		fs::create_directories(fs::path(wrong + "/" + name).parent_path());
		write_file(wrong + "/" + name, content);
		net_namespace::visit const inside(m_hosts.host(m_victim));
		m_hostile = std::make_unique<stock_client>(fmt::format("0.0.0.0:{}", port));
		m_hostile->seed_unverified(read_file(m_image->torrent), wrong);
	}

	void set_cable(std::size_t const host, bool const is_in) const
	{
		net_namespace::visit const inside(m_hosts.host(host));
		own_network::ip(fmt::format("link set {} {}", room::card, is_in ? "up" : "down"));
	}

	void pause(int const shortest_ms, int const longest_ms)
	{
		std::this_thread::sleep_for(std::chrono::milliseconds(between(shortest_ms, longest_ms)));
	}

	// A process that has ended has no files, though its number may wait for whoever started it.
	static bool is_at_work(pid_t const process)
	{
		std::error_code ec;
		fs::directory_iterator const open(fmt::format("/proc/{}/fd", process), ec);
		return !ec && open != fs::directory_iterator();
	}

	void provoke(fault_kind const fault, std::vector<machine>& all)
	{
		auto const victim = std::ranges::find(all, m_victim, &machine::host);
		pause(100, 1800);
		switch (fault)
		{
		case fault_kind::killed:
		case fault_kind::restarted:
		{
			// what works dies after what was started, and has the disk and the port until then
			auto const worker = worker_of(*victim->agent);
			victim->agent->signal(fault == fault_kind::killed ? SIGKILL : SIGTERM);
			victim->agent->wait(longest_image);
			if (!wait_until([worker] { return !is_at_work(worker); }, longest_image))
			{
				throw std::runtime_error(fmt::format("process {} does not end", worker));
			}
			pause(0, 500);
			start_machine(*victim, true);
			break;
		}
		case fault_kind::cable:
			m_hit = static_cast<std::size_t>(between(0, machines));
			set_cable(m_hit, false);
			pause(100, 2000);
			set_cable(m_hit, true);
			break;
		default: break;
		}
	}

	void image_once()
	{
		m_image = &m_images.at(static_cast<std::size_t>(between(0, static_cast<int>(m_images.size()) - 1)));
		m_victim = static_cast<std::size_t>(between(1, machines));
		m_hit = m_victim;
		auto const fault = next_fault();
		if (fault == fault_kind::hostile)
		{
			start_hostile();
		}
		std::vector<machine> all;
		for (std::size_t host = 1; host <= machines; ++host)
		{
			if (!m_hostile || host != m_victim)
			{
				all.push_back({host, disk_of(host, fault), nullptr});
				start_machine(all.back(), false);
			}
		}
		provoke(fault, all);
		for (auto& m : all)
		{
			judge(m, fault);
		}
		m_hostile.reset();
		m_slow.reset();
		m_small.reset();
		++m_result.images;
		++m_result.faults[std::string(fault_names.at(static_cast<std::size_t>(fault)))];
		take_sample();
		tell(fault);
	}

	void complain_first(std::string text)
	{
		if (m_result.complaint.empty())
		{
			m_result.complaint = std::move(text);
		}
	}

	void judge(machine& m, fault_kind const fault)
	{
		auto const code = m.agent->wait(longest_image);
		auto const complain = [&](std::string_view const what) {
			complain_first(fmt::format("image {} (seed {}), {} of host {}: host {} {}:\n{}{}",
				m_result.images + 1, m_options.seed, fault_names.at(static_cast<std::size_t>(fault)), m_hit,
				m.host, what, m.agent->out(), m.agent->err()));
		};
		if (!code)
		{
			complain("has not ended");
			return;
		}
		if (*code == exit_code::done)
		{
			if (!is_equal(m.target, m_image->image))
			{
				complain("says that it is done, and its disk is not the image");
				return;
			}
			++m_result.right;
			return;
		}
		auto const report = nlohmann::json::parse(m.agent->out(), nullptr, false);
		bool const says_so = report.is_object() && report.value("state", "") == "failed";
		if (fault != fault_kind::full_disk || m.host != m_victim || *code != exit_code::device || !says_so)
		{
			complain(fmt::format("ended with {}", *code));
			return;
		}
		++m_result.failed;
	}

	void take_sample()
	{
		if (m_seeder->running())
		{
			m_growth.look(worker_of(*m_seeder));
		}
		else
		{
			complain_first("the seeder has ended:\n" + m_seeder->err());
		}
	}

	void tell(fault_kind const fault) const
	{
		if (m_options.out != nullptr && !m_growth.samples().empty())
		{
			fmt::print(m_options.out,
				"image {:4}  {:9}  host {}  disks: {} right, {} failed as they had to  seeder: {} "
				"descriptors, "
				"{} KiB\n",
				m_result.images, fault_names.at(static_cast<std::size_t>(fault)), m_hit, m_result.right,
				m_result.failed, m_growth.samples().back().descriptors, m_growth.samples().back().kib);
			std::fflush(m_options.out);
		}
	}

	soak_options const m_options;
	std::mt19937 m_random;
	temp_dir m_folder;
	room m_hosts{machines + 1, mbit};
	std::vector<image_files> m_images;
	std::unique_ptr<child_process> m_seeder;
	std::vector<fault_kind> m_deck;
	growth_watch m_growth; // of the seeder
	soak_result m_result;

	// of the image under way
	image_files const* m_image = nullptr;
	std::size_t m_victim = 1;
	std::size_t m_hit = 1; // the victim, or whose cable was out
	slow_behaviour m_slowness;
	std::unique_ptr<fuse_disk> m_slow;
	std::unique_ptr<scoped_tmpfs> m_small;
	std::unique_ptr<stock_client> m_hostile;
};

} // namespace

soak_result run_soak(soak_options const& options)
{
	return soak(options).run();
}

} // namespace rawswarm::test
