// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/pinned_fetch.hpp"

#include "agent/manifest/manifest_checks.hpp"
#include "base/text.hpp"

#include <libtorrent/hasher.hpp>

#include <utility>

namespace rawswarm
{

result<std::string> fetch_pinned(
	location const& source, std::string const& sha256, fetch_limits const& limits)
{
	BOOST_OUTCOME_TRY(bytes, fetch(source, limits));
	if (sha256.empty())
	{
		return bytes;
	}
	auto const found = to_hex(lt::hasher256(bytes).final().to_string());
	if (found != sha256)
	{
		return fail(fault::refused, "reading {}: its SHA-256 is {}, the job wants {}", describe(source),
			found, sha256);
	}
	return bytes;
}

result<void> fetch_files(
	std::string const& device, std::span<landed_file> const files, std::stop_token const& stop)
{
	fetch_limits limits;
	limits.max_bytes = max_landed_file_bytes;
	for (auto& file : files)
	{
		if (!file.source || stop.stop_requested())
		{
			continue;
		}
		auto content = fetch_pinned(*file.source, file.sha256, limits);
		if (!content)
		{
			auto& why = content.error();
			return error{why.kind, why.ec, fmt::format("getting {} for {}: {}", file.path, device, why.text)};
		}
		file.content = std::move(content).value();
	}
	return success();
}

} // namespace rawswarm
