// SPDX-License-Identifier: BSD-3-Clause
#include "tests/bench/swarm/aria2_contender.hpp"

#include "storage/device/extent_map.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/base/value_of.hpp"

#include <boost/asio/ip/address_v4.hpp>
#include <fmt/format.h>
#include <libtorrent/torrent_info.hpp>

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <utility>

namespace rawswarm::bench
{

namespace
{

constexpr std::uint16_t aria2_port = 6881;
constexpr std::uint16_t tracker_port = 6969;

bool says(test::child_process const& child, std::string_view const text)
{
	return child.out().find(text) != std::string::npos || child.err().find(text) != std::string::npos;
}

// A tracker's answer, bencoded, with compact peers (BEP 23): four bytes of address, two bytes of port.
std::string answer_with_all(room const& hosts)
{
	std::string peers;
	for (std::size_t i = 0; i < hosts.size(); ++i)
	{
		auto const address = boost::asio::ip::make_address_v4(room::address(i)).to_bytes();
		peers.append(address.begin(), address.end());
		peers += static_cast<char>(aria2_port >> 8);
		peers += static_cast<char>(aria2_port & 0xff);
	}
	return fmt::format("d8:completei1e10:incompletei{}e8:intervali1800e5:peers{}:{}e", hosts.size() - 1,
		peers.size(), peers);
}

// A static file is enough of an answer: every client gets all others.
test::child_options file_tracker(task const& t)
{
	test::write_file(t.folder + "/tracker/announce", answer_with_all(t.hosts));
	test::child_options options;
	options.argv = {
		"busybox", "httpd", "-f", "-p", std::to_string(tracker_port), "-h", t.folder + "/tracker"};
	return options;
}

bool is_equal_to_extent(std::string const& file, std::string const& image, extent const& e)
{
	constexpr std::uint64_t step = 1024 * 1024;
	if (std::filesystem::file_size(file) != e.length)
	{
		return false;
	}
	for (std::uint64_t at = 0; at < e.length; at += step)
	{
		auto const n = static_cast<std::size_t>(std::min(step, e.length - at));
		if (test::read_at(file, at, n) != test::read_at(image, e.offset.bytes + at, n))
		{
			return false;
		}
	}
	return true;
}

class aria2_contender final : public contender
{
public:
	// image: what the torrent's files are cut from
	aria2_contender(task t, std::string torrent, std::string image)
		: m_task(std::move(t))
		, m_torrent(std::move(torrent))
		, m_image(std::move(image))
		, m_info(m_torrent)
		, m_extents(test::value_of(extent_map::build(m_info.files())))
		, m_tracker(m_task.hosts.start(0, file_tracker(m_task)))
	{}

	// The image has to be one file of the torrent.
	test::child_options seeder() override
	{
		auto const path = std::filesystem::path(file(0, lt::file_index_t(0)));
		std::filesystem::create_directories(path.parent_path());
		std::filesystem::create_symlink(m_image, path);
		return command(0, {"--check-integrity=true"});
	}

	test::child_options client(std::size_t const host) override { return command(host, {}); }

	bool serves(test::child_process& seeder, beacon_inbox const&) override { return says(seeder, listening); }

	std::optional<clock::time_point> done_at(std::size_t const host, test::child_process&,
		beacon_inbox const&, clock::time_point const now) override
	{
		return std::filesystem::exists(mark(host)) ? std::optional(now) : std::nullopt;
	}

	std::string target(std::size_t const host) const override { return folder(host); }

	bool is_right(std::size_t const host) const override
	{
		return std::ranges::all_of(m_extents.extents(),
			[&](extent const& e) { return is_equal_to_extent(file(host, e.file), m_image, e); });
	}

	std::optional<std::int64_t> sent(test::child_process const&) const override { return std::nullopt; }

	bool ended_well(std::size_t, int const exit_code) const override
	{
		constexpr int unfinished_downloads = 7; // it was stopped while it seeded
		return exit_code == 0 || exit_code == unfinished_downloads;
	}

private:
	static constexpr std::string_view listening = "listening on TCP port";

	std::string file(std::size_t const host, lt::file_index_t const index) const
	{
		return m_info.files().file_path(index, folder(host));
	}

	std::string folder(std::size_t const host) const
	{
		return fmt::format("{}/aria2-{}", m_task.folder, host);
	}

	std::string mark(std::size_t const host) const { return folder(host) + ".done"; }

	// The hook that it runs when it has the image: makes the mark.
	std::string hook(std::size_t const host) const
	{
		auto const path = folder(host) + ".sh";
		test::write_file(path, fmt::format("#!/bin/sh\n: >{}\n", mark(host)));
		std::filesystem::permissions(path, std::filesystem::perms::owner_all);
		return path;
	}

	// No limit on peers or seeding time; everything else is the program's default.
	test::child_options command(std::size_t const host, std::vector<std::string> const& more) const
	{
		test::child_options options;
		options.argv = {"aria2c", "--no-conf=true", "--dir=" + folder(host), "--disable-ipv6=true",
			fmt::format("--listen-port={}", aria2_port), "--enable-dht=false", "--enable-dht6=false",
			fmt::format("--bt-tracker=http://{}:{}/announce", room::address(0), tracker_port),
			"--bt-max-peers=0", "--on-bt-download-complete=" + hook(host), "--file-allocation=none",
			"--seed-ratio=0.0", "--summary-interval=0", "--show-console-readout=false"};
		options.argv.insert(options.argv.end(), more.begin(), more.end());
		options.argv.push_back(m_torrent);
		options.env = {{"http_proxy", ""}, {"https_proxy", ""}, {"all_proxy", ""}};
		return options;
	}

	task m_task;
	std::string m_torrent;
	std::string m_image;
	lt::torrent_info m_info; // owns the names of its files
	extent_map m_extents;
	std::unique_ptr<test::child_process> m_tracker; // on the seeder's host
};

bool is_installed()
{
	return test::program_exists("aria2c") && test::program_exists("busybox");
}

} // namespace

std::unique_ptr<contender> make_aria2(task const& t)
{
	return is_installed() ? std::make_unique<aria2_contender>(t, t.content.payload_torrent, t.content.payload)
						  : nullptr;
}

std::unique_ptr<contender> make_aria2_member(task const& t)
{
	return is_installed() ? std::make_unique<aria2_contender>(t, t.content.torrent, t.content.image)
						  : nullptr;
}

} // namespace rawswarm::bench
