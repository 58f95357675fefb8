// SPDX-License-Identifier: BSD-3-Clause
// A room's folder with one image, and `rawswarm serve` on loopback with it.
//
// One thread. Errors are thrown.
#pragma once

#include "tests/support/base/child_process.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rawswarm::test
{

// Of machines of the room.
inline constexpr char const* first_machine = "52:54:00:00:00:01";
inline constexpr char const* second_machine = "52:54:00:00:00:02";

class served_room
{
	temp_dir m_dir; // first: the description names a file in it

public:
	// The image `disk` is in images/. room.json: version 1, the machines pc-01 and pc-02, and jobs that stay
	// on loopback, go to disk() and end with `continue`.
	served_room();

	// What room.json is made of. write() writes it.
	nlohmann::json description;
	void write() const;

	void add_image(std::string const& name) const;

	std::string path() const { return m_dir.path().string(); }
	std::string operator/(std::string_view name) const { return m_dir / name; }
	std::string disk() const { return m_dir / "disk-of-pc-01"; }
	std::string image_bytes() const;

	// Starts it anew, and returns once machines may come.
	void start(std::vector<std::string> const& more_options = {});
	child_options command(std::vector<std::string> const& more_options = {}) const;
	child_process& process() { return *m_process; }
	void kill(); // SIGKILL

	std::string url(std::string const& target) const;

	// The text at this target. Empty: it is not there.
	std::optional<std::string> get(std::string const& target) const;

	// What iPXE is told: "disk", or the URL of the job that the machine is started with.
	std::string boots(std::string const& mac) const;

	// `rawswarm boot` as the machine that boots by this hardware address. key: that its job must be signed
	// with.
	child_options machine_command(std::string const& mac, std::vector<std::string> const& more_options = {},
		std::string const& key = {}) const;

	// The same, to its end.
	run_result run_machine(std::string const& mac, std::string const& key = {}) const;

	// `rawswarm room ARGUMENTS...`.
	run_result room(std::vector<std::string> const& arguments) const;
	nlohmann::json list() const;
	nlohmann::json machine(std::string const& name) const; // of list()

private:
	std::uint16_t m_http;
	std::uint16_t m_seed;
	std::uint16_t m_beacons;
	temp_dir m_machines; // what they are started with
	std::unique_ptr<child_process> m_process;
};

} // namespace rawswarm::test
