// SPDX-License-Identifier: BSD-3-Clause
#include "tests/bench/disk/program_run.hpp"

#include "storage/device/units.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/network/complete_peers.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdio>

namespace rawswarm::bench
{

namespace
{

std::string image_content(int const pieces)
{
	std::string content;
	content.reserve(static_cast<std::size_t>(pieces) * piece_bytes);
	for (int p = 0; p < pieces; ++p)
	{
		for (int b = 0; b < piece_bytes / block_size; ++b)
		{
			content.append(block_content(p, b), static_cast<std::size_t>(block_size));
		}
	}
	return content;
}

run_result result_of(nlohmann::json const& report)
{
	run_result r;
	auto const& target = report.at("targets").at(0);
	r.bytes = target.at("written");
	for (auto const& phase : target.at("phases"))
	{
		if (phase.at("state") == "downloading" || phase.at("state") == "flushing")
		{
			r.seconds += phase.at("elapsed_ms").get<double>() / 1000;
		}
	}
	auto const& storage = report.at("storage");
	r.write_calls = storage.at("write_calls");
	r.blocks_written = storage.at("blocks_written");
	r.p50_us = static_cast<std::int64_t>(storage.at("p50_ms").get<double>() * 1000);
	r.p99_us = static_cast<std::int64_t>(storage.at("p99_ms").get<double>() * 1000);
	r.stopped_ms = storage.at("stopped_ms");
	r.read_backs = storage.at("read_back");
	return r;
}

} // namespace

run_result run_program(program_options const& options)
{
	test::temp_dir const dir;
	auto const torrent = make_image_torrent_file(options.size);
	test::complete_peers const peers(
		torrent.info_hash, image_content(options.size), piece_bytes, options.peers);
	auto job = test::loopback_job(peers.ports());
	test::write_file(dir / "image.torrent", torrent.bytes);
	job["targets"].push_back(test::image_target(dir / "image.torrent", options.device));
	job["storage"] = {{"memory", options.memory}, {"profile", "hdd"}};
	auto command = test::run_command(dir, job);
	command.argv.emplace_back("--json");
	auto const ended = test::run(command, std::chrono::minutes(5));
	if (ended.exit_code != 0)
	{
		fmt::print(stderr, "the program ended with {}: {}\n", ended.exit_code, ended.err);
		return {};
	}
	auto r = result_of(nlohmann::json::parse(ended.out));
	r.ok = true;
	return r;
}

} // namespace rawswarm::bench
