// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/job_fetch.hpp"

#include "agent/log/log.hpp"
#include "agent/net/ask_again.hpp"
#include "agent/net/http_status.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace rawswarm
{

location signature_of(location const& signed_text)
{
	constexpr std::string_view suffix = ".minisig";
	if (auto const* const at = signed_text.as_url())
	{
		auto signature = *at;
		signature.target.insert(std::min(signature.target.find('?'), signature.target.size()), suffix);
		return location(std::move(signature));
	}
	return location::of_path(to_string(signed_text).append(suffix));
}

result<std::string> fetch_again(
	job_fetching const& how, location const& source, fetch_limits const& limits, std::stop_token const& stop)
{
	ask_settings settings{.patience = how.patience, .stop = stop};
	settings.on_wait = [](error const& why) {
		log::get(log::component::fetch).info("it is asked for again: {}", why.text);
	};
	return ask_again(
		settings, [&](std::optional<std::chrono::milliseconds>) { return fetch(source, limits); });
}

result<std::string> check_signature(public_key const& key, location const& source,
	std::string_view const bytes, result<std::string> const& signature, std::string_view const demand)
{
	if (!signature)
	{
		auto const& why = signature.error();
		return error{may_pass(why) ? why.kind : fault::refused, why.ec,
			fmt::format("reading {}: {}: {}", describe(source), demand, why.text)};
	}
	return verify_signature(key, bytes, signature.value(), describe(source));
}

result<void> check_signed(job_fetching const& how, location const& source, std::string_view const bytes,
	std::string_view const missing, std::stop_token const& stop)
{
	if (!how.signed_by)
	{
		return success();
	}
	fetch_limits limits;
	limits.max_bytes = max_signature_bytes;
	BOOST_OUTCOME_TRYV(check_signature(how.signed_by->key, source, bytes,
		fetch_again(how, signature_of(source), limits, stop),
		fmt::format("the job is signed and has no {} for it, so it must be signed itself", missing)));
	return success();
}

} // namespace rawswarm
