// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/program/served_room.hpp"

#include "tests/support/network/fetch_outcome.hpp"
#include "tests/support/network/free_port.hpp"
#include "tests/support/torrent/torrent_maker.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <stdexcept>

namespace rawswarm::test
{

namespace
{

constexpr std::chrono::seconds patience{25};
constexpr std::uint64_t image_size = std::uint64_t(3) * 1024 * 1024;

} // namespace

served_room::served_room()
	: m_http(free_port())
	, m_seed(free_port())
	, m_beacons(free_port())
{
	description = {{"version", 1}, {"name", "lab"}, {"image", "disk"}, {"device", disk()},
		{"target", {{"create", true}}},
		{"job",
			{{"on_success", "continue"}, {"on_failure", "continue"},
				{"seed_until", {{"seconds", 0}, {"idle_seconds", 0}}},
				{"swarm", {{"lsd", false}, {"listen", "127.0.0.1:0"}}}}},
		{"machines",
			{{"pc-01", {{"mac", first_machine}}}, {"pc-02", {{"mac", second_machine}, {"image", nullptr}}}}}};
	add_image("disk");
	write_file(m_dir / "boot/vmlinuz", "a kernel");
	write_file(m_dir / "boot/initramfs", "an initramfs");
	write();
}

void served_room::write() const
{
	// As an editor does it: at once.
	write_file(m_dir / "room.json.new", description.dump());
	std::filesystem::rename(m_dir / "room.json.new", m_dir / "room.json");
}

void served_room::add_image(std::string const& name) const
{
	std::string content;
	while (content.size() < image_size)
	{
		content += fmt::format("{} of {} ", content.size(), name);
	}
	content.resize(image_size);
	write_file(m_dir / ("images/" + name + ".img"), content);
	write_file(m_dir / ("images/" + name + ".torrent"),
		make_torrent({{.offset = 0, .bytes = content}}, {.piece_size = 65536}).bytes);
}

std::string served_room::image_bytes() const
{
	return read_file(m_dir / "images/disk.img");
}

child_options served_room::command(std::vector<std::string> const& more_options) const
{
	std::vector<std::string> words{"serve", path(), "--listen", fmt::format("127.0.0.1:{}", m_http),
		"--seed-listen", fmt::format("127.0.0.1:{}", m_seed), "--beacons",
		fmt::format("127.0.0.1:{}", m_beacons), "--socket", m_dir / "socket", "--memory", "32M"};
	words.insert(words.end(), more_options.begin(), more_options.end());
	return rawswarm_command(words);
}

void served_room::start(std::vector<std::string> const& more_options)
{
	m_process = nullptr;
	m_process = std::make_unique<child_process>(command(more_options));
	if (!m_process->wait_for_text("need the token", patience))
	{
		throw std::runtime_error("serve did not start: " + m_process->err());
	}
}

void served_room::kill()
{
	m_process->signal(SIGKILL);
	m_process->wait(patience);
}

std::string served_room::url(std::string const& target) const
{
	return fmt::format("http://127.0.0.1:{}{}", m_http, target);
}

std::optional<std::string> served_room::get(std::string const& target) const
{
	auto fetched = fetch_from(url(target), at_most(image_size));
	return fetched ? std::optional(fetched.value()) : std::nullopt;
}

std::string served_room::boots(std::string const& mac) const
{
	auto const script = get("/ipxe?mac=" + mac + "&serial=&uuid=");
	if (script == "#!ipxe\nexit 1\n")
	{
		return "disk";
	}
	constexpr std::string_view parameter = "rd.rawswarm.job=";
	auto const at = script.value_or("").find(parameter);
	if (at == std::string::npos)
	{
		throw std::runtime_error("no script: " + script.value_or("nothing"));
	}
	auto const job = script->substr(at + parameter.size());
	return job.substr(0, job.find_first_of(" \n"));
}

child_options served_room::machine_command(
	std::string const& mac, std::vector<std::string> const& more_options, std::string const& key) const
{
	auto name = mac;
	std::ranges::replace(name, ':', '-');
	auto line = "BOOTIF=01-" + name + " rd.rawswarm.job=" + url("/jobs/" + name + ".json");
	line += key.empty() ? "" : " rd.rawswarm.key=" + key;
	write_file(m_machines / name, line);
	std::vector<std::string> words{"boot", "--cmdline", m_machines / name, "--kmsg", "/dev/null"};
	words.insert(words.end(), more_options.begin(), more_options.end());
	return rawswarm_command(words);
}

run_result served_room::run_machine(std::string const& mac, std::string const& key) const
{
	return run(machine_command(mac, {}, key), std::chrono::seconds(25));
}

run_result served_room::room(std::vector<std::string> const& arguments) const
{
	std::vector<std::string> words{"room"};
	words.insert(words.end(), arguments.begin(), arguments.end());
	words.insert(words.end(), {"--socket", m_dir / "socket"});
	return run_rawswarm(words);
}

nlohmann::json served_room::list() const
{
	auto const listed = room({"list", "--json"});
	if (listed.exit_code != 0)
	{
		throw std::runtime_error("room list: " + listed.err);
	}
	return nlohmann::json::parse(listed.out);
}

nlohmann::json served_room::machine(std::string const& name) const
{
	auto const listed = list();
	for (auto const& machine : listed.at("machines"))
	{
		if (machine.at("name") == name)
		{
			return machine;
		}
	}
	return {};
}

} // namespace rawswarm::test
