// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/pinned_fetch.hpp"

#include "agent/job/job_fetch.hpp"
#include "agent/manifest/manifest_checks.hpp"
#include "base/text.hpp"

#include <libtorrent/hasher.hpp>

#include <utility>

namespace rawswarm
{

result<std::string> fetch_pinned(job_fetching const& how, location const& source, std::string const& sha256,
	fetch_limits const& limits, std::stop_token const& stop)
{
	BOOST_OUTCOME_TRY(bytes, fetch_again(how, source, limits, stop));
	if (sha256.empty())
	{
		auto const* const at = source.as_url();
		if (at == nullptr || !at->secure)
		{
			BOOST_OUTCOME_TRYV(check_signed(how, source, bytes, "sha256", stop));
		}
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

result<void> fetch_files(job_fetching const& how, std::string const& device,
	std::span<landed_file> const files, std::stop_token const& stop)
{
	fetch_limits limits;
	limits.max_bytes = max_landed_file_bytes;
	for (auto& file : files)
	{
		if (!file.source || stop.stop_requested())
		{
			continue;
		}
		auto content = fetch_pinned(how, *file.source, file.sha256, limits, stop);
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
