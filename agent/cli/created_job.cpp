// SPDX-License-Identifier: BSD-3-Clause
#include "agent/cli/created_job.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>

namespace rawswarm
{

namespace
{

namespace fs = std::filesystem;

std::string torrent_from(std::string const& job, std::string const& torrent)
{
	std::error_code ec;
	auto const from = fs::absolute(job, ec).lexically_normal().parent_path();
	auto const to = fs::absolute(torrent, ec).lexically_normal();
	return ec ? torrent : to.lexically_relative(from).string();
}

} // namespace

std::string created_job(create_options const& options, create_summary const& made, std::string const& job)
{
	using json = nlohmann::ordered_json;
	std::error_code ignored; // what cannot be looked at is no device
	json device = options.source;
	if (!fs::is_block_file(options.source, ignored))
	{
		device = {{"removable", false}, {"min_size", made.source_size}};
	}
	json const target{{"torrent", torrent_from(job, options.output)}, {"info_hash", made.info_hash},
		{"device", std::move(device)}};
	json const manifest{{"version", 1}, {"name", fs::path(options.output).stem().string()},
		{"targets", json::array({target})}};
	return manifest.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

} // namespace rawswarm
