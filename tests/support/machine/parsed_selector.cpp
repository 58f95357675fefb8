// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/machine/parsed_selector.hpp"

#include "agent/manifest/parse_manifest.hpp"
#include "tests/support/base/value_of.hpp"

namespace rawswarm::test
{

device_selector parsed_selector(nlohmann::json const& device)
{
	nlohmann::json const target{{"torrent", "image.torrent"}, {"device", device}};
	nlohmann::json const job{{"version", 1}, {"targets", {target}}};
	auto const parsed = value_of(parse_manifest(job.dump(), location::of_path("job.json"), {})).targets.at(0);
	if (parsed.selector)
	{
		return *parsed.selector;
	}
	device_selector path_alone;
	path_alone.path = parsed.device;
	return path_alone;
}

} // namespace rawswarm::test
