// SPDX-License-Identifier: BSD-3-Clause
// A job as a server or a boot medium has it (agent/manifest/parse_manifest.hpp): it is refused in one line,
// or all that is taken from it lies within what the rest of the program relies on, and every address, URL
// and network in it means the same when it is written and read again.
//
// Compiled with: agent/log/log_levels.cpp agent/machine/device_selector.cpp
// Compiled with: agent/manifest/boot_entry_keys.cpp agent/manifest/job_validity.cpp
// Compiled with: agent/manifest/json_location.cpp agent/manifest/json_reader.cpp
// Compiled with: agent/manifest/manifest_checks.cpp agent/manifest/manifest_substitute.cpp
// Compiled with: agent/manifest/manifest_targets.cpp agent/manifest/manifest_validity.cpp
// Compiled with: agent/manifest/manifest_volumes.cpp agent/manifest/parse_manifest.cpp
// Compiled with: agent/net/address.cpp agent/net/endpoint.cpp agent/net/host_port.cpp
// Compiled with: agent/net/ip_network.cpp agent/net/location.cpp agent/net/tracker_url.cpp
// Compiled with: agent/net/uri_reference.cpp agent/net/url.cpp base/clean_text.cpp base/parse_size.cpp
// Compiled with: base/canonical_text.cpp base/percent_encoded.cpp base/text.cpp base/utc_time.cpp
// Compiled with: storage/device/device_profile.cpp storage/device/kernel_files.cpp
#include "agent/manifest/job_validity.hpp"
#include "agent/manifest/parse_manifest.hpp"
#include "base/text.hpp"
#include "base/version.hpp"
#include "tests/fuzz/require.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

// The build has one that says when it was made.
std::int64_t const rawswarm::version_time = 1'750'000'000;

namespace
{

using namespace rawswarm;
using fuzz::require;
using fuzz::require_one_line;

machine_identity const self{.mac = "52:54:00:12:34:56",
	.serial = "S4EVNX0",
	.uuid = "01234567-89ab-cdef-0123-456789abcdef",
	.hostname = "lab-17",
	.ip = "192.0.2.17"};

bool is_hash(std::string_view const text, std::size_t const digits)
{
	return text.empty()
		|| (text.size() == digits && std::ranges::all_of(text, is_hex_digit) && lower_case(text) == text);
}

void check_location(location const& where)
{
	require(!to_string(where).empty() && to_string(where).find('\0') == std::string::npos);
	if (auto const* const at = where.as_url())
	{
		auto const again = parse_url(to_string(*at));
		require(again && again.value() == *at);
	}
}

void check_device(std::string const& path, std::optional<device_selector> const& selector)
{
	require(!path.empty() && path.find('\0') == std::string::npos);
	require(!selector || describe(*selector) == path);
}

void check_targets(manifest const& m)
{
	require(m.targets.empty() == m.capture.has_value());
	for (auto const& target : m.targets)
	{
		check_location(target.torrent);
		check_device(target.device, target.selector);
		require(is_hash(target.info_hash, 40));
		for (auto const& file : target.files)
		{
			require(file.path.starts_with('/') && file.partition >= 0 && is_hash(file.sha256, 64));
			require(!(file.content && file.source));
		}
	}
	for (auto const& volume : m.volumes)
	{
		check_location(volume.source);
		check_device(volume.device, volume.selector);
		require(volume.sha256.size() == 64 && is_hash(volume.sha256, 64));
	}
}

void check_swarm(manifest_swarm const& swarm)
{
	require(!swarm.listen.empty());
	for (auto const& at : swarm.listen)
	{
		auto const again = parse_listener(to_string(at));
		require(again && again.value() == at);
	}
	for (auto const& peer : swarm.peers)
	{
		auto const again = parse_host_port(to_string(peer));
		require(again && again.value() == peer);
	}
	for (auto const& seed : swarm.web_seeds)
	{
		auto const again = parse_url(to_string(seed));
		require(again && again.value() == seed);
	}
	for (auto const& network : swarm.allow)
	{
		auto const again = parse_ip_network(to_string(network));
		require(again && again.value() == network && network.first <= network.last);
	}
	constexpr std::int64_t most = std::numeric_limits<int>::max(); // libtorrent's limits are of this type
	require(swarm.upload_limit >= 0 && swarm.upload_limit <= most);
	require(swarm.download_limit >= 0 && swarm.download_limit <= most);
}

void check_rest(manifest const& m)
{
	require(!m.storage.memory || *m.storage.memory > 0);
	require(!m.storage.threads || *m.storage.threads > 0);
	require(m.timeout.count() >= 0 && m.seed_until.ratio >= 0 && m.seed_until.total.count() >= 0);
	require(m.beacon.interval.count() > 0);
	require(m.exec.empty() == (m.on_success != end_action::exec));
	for (auto const& step : m.after)
	{
		require(!step.exec.empty() && step.timeout.count() > 0);
	}
	if (!m.log.empty())
	{
		auto const again = log::parse_levels(to_string(m.log));
		require(again && again.value() == m.log);
	}
}

// A job that is good now is not one that may be taken later only, or never again.
void check_times(manifest_validity const& validity)
{
	std::chrono::sys_seconds const now(std::chrono::seconds(version_time) + std::chrono::hours(24));
	validity_bounds const bounds{now, std::chrono::sys_seconds(std::chrono::seconds(version_time)), 3};
	auto const good = check_validity(validity, self, bounds, "job.json");
	if (!good)
	{
		require(good.error().kind == fault::refused);
		require_one_line(good.error().text);
		return;
	}
	require(!validity.not_before || *validity.not_before <= now);
	require(!validity.not_after || *validity.not_after >= now);
	require(validity.serial_number && *validity.serial_number >= 3);
	auto const& macs = validity.machines.macs;
	require(macs.empty() || std::ranges::find(macs, self.mac) != macs.end());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* const data, std::size_t const size)
{
	static auto const base = parse_location("http://192.0.2.1/jobs/job.json").value();
	auto const read = parse_manifest(fuzz::text_of(data, size), base, self);
	if (!read)
	{
		require(read.error().kind == fault::refused && read.error().text.starts_with("reading "));
		require_one_line(read.error().text);
		return 0;
	}
	auto const& m = read.value();
	check_targets(m);
	check_swarm(m.swarm);
	check_rest(m);
	check_times(m.validity);
	return 0;
}
