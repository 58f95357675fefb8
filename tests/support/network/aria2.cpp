// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/network/aria2.hpp"

#include "tests/support/network/free_port.hpp"

namespace rawswarm::test
{

child_options aria2_download(
	std::filesystem::path const& torrent, std::filesystem::path const& folder, std::string const& tracker_url)
{
	child_options options;
	options.argv = {"aria2c", "--no-conf=true", "--dir=" + folder.string(), "--interface=127.0.0.1",
		"--disable-ipv6=true", "--listen-port=" + std::to_string(free_port()), "--enable-dht=false",
		"--enable-dht6=false", "--bt-enable-lpd=false", "--enable-peer-exchange=false",
		"--bt-exclude-tracker=*", "--bt-tracker=" + tracker_url, "--follow-torrent=mem",
		"--file-allocation=none", "--seed-time=0", "--bt-hash-check-seed=false", "--summary-interval=0",
		"--show-console-readout=false", torrent.string()};
	// A proxy that the machine uses must not be asked for loopback.
	options.env = {{"http_proxy", ""}, {"https_proxy", ""}, {"all_proxy", ""}};
	return options;
}

} // namespace rawswarm::test
