// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/plan_capture.hpp"

#include "agent/bittorrent/torrent_load.hpp"
#include "agent/create/create_source.hpp"
#include "base/text.hpp"

#include <libtorrent/torrent_info.hpp>

#include <utility>

namespace rawswarm
{

result<manifest_capture> plan_capture(manifest_capture const& wanted, std::stop_token const& stop)
{
	auto capture = wanted;
	BOOST_OUTCOME_TRY(device,
		device_for(
			wanted.device, wanted.selector, {}, [] { return list_disks(); }, stop));
	capture.device = std::move(device.path);
	create_options source;
	source.source = capture.device;
	source.map.from = map_source::file_systems;
	BOOST_OUTCOME_TRYV(open_create_source(source));
	return capture;
}

result<planned_target> plan_captured(manifest_capture const& capture, std::string const& torrent)
{
	auto const name = fmt::format("the torrent of {}", capture.device);
	BOOST_OUTCOME_TRY(loaded, load_torrent(torrent, name));
	auto extents = extent_map::build(loaded->files());
	if (!extents)
	{
		return fail(fault::refused, "{} ({})", extents.error().text, name);
	}
	BOOST_OUTCOME_TRY(hints, read_hints(*loaded, extents.value()));
	manifest_target spec;
	spec.torrent = location(capture.to);
	spec.device = capture.device;
	spec.role = target_role::seed;
	auto info_hash = to_hex(loaded->info_hashes().v1.to_string());
	return planned_target{std::move(spec), std::move(info_hash), std::move(loaded),
		std::move(extents).value(), std::move(hints), {}};
}

} // namespace rawswarm
