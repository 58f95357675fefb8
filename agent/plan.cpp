#include "agent/plan.hpp"

#include "agent/fetch.hpp"
#include "agent/torrent_load.hpp"
#include "storage/open_device.hpp"

#include <libtorrent/hex.hpp>
#include <libtorrent/torrent_info.hpp>

#include <set>
#include <utility>

namespace rawswarm
{

result<planned_target> plan_target(manifest_target const& wanted)
{
	BOOST_OUTCOME_TRY(bytes, fetch(wanted.torrent));
	BOOST_OUTCOME_TRY(torrent, load_torrent(bytes, wanted.torrent));
	auto const info_hash = lt::aux::to_hex(torrent->info_hashes().v1);
	if (!wanted.info_hash.empty() && wanted.info_hash != info_hash)
	{
		return fail(fault::refused, "reading {}: its info-hash is {}, the job wants {}", wanted.torrent,
			info_hash, wanted.info_hash);
	}
	auto extents = extent_map::build(torrent->files());
	if (!extents)
	{
		return fail(fault::refused, "{} ({})", extents.error().text, wanted.torrent);
	}
	BOOST_OUTCOME_TRY(hints, read_hints(*torrent, extents.value()));
	planned_target ret{wanted, info_hash, torrent, std::move(extents.value()), hints};

	if (wanted.role == target_role::image)
	{
		BOOST_OUTCOME_TRYV(check_target(wanted.device, ret.extents));
	}
	else
	{
		BOOST_OUTCOME_TRYV(open_planned(ret));
	}
	return ret;
}

result<std::vector<planned_target>> make_plan(manifest const& job)
{
	std::vector<planned_target> targets;
	std::set<std::string> seen;
	for (auto const& wanted : job.targets)
	{
		BOOST_OUTCOME_TRY(target, plan_target(wanted));
		if (!seen.insert(target.info_hash).second)
		{
			return fail(fault::refused, "planning {}: the torrent {} is already another target's",
				wanted.device, wanted.torrent);
		}
		targets.push_back(std::move(target));
	}
	return targets;
}

result<std::shared_ptr<block_device>> open_planned(planned_target const& target)
{
	if (target.wanted.role == target_role::seed)
	{
		BOOST_OUTCOME_TRY(source, open_source(target.wanted.device));
		if (source->size() < target.extents.end().bytes)
		{
			return fail(fault::target, "opening {}: it has {} bytes, the torrent needs {}",
				target.wanted.device, source->size(), target.extents.end().bytes);
		}
		return std::move(source);
	}
	std::vector<std::string> names;
	auto const& files = target.torrent->files();
	for (auto const i : files.file_range())
	{
		names.emplace_back(files.file_name(i));
	}
	return open_target(target.wanted.device, target.extents, names);
}

std::vector<zero_gap> gaps_to_zero(planned_target const& target)
{
	std::vector<zero_gap> gaps;
	if (target.wanted.role == target_role::seed || !target.hints.zero_gaps)
	{
		return gaps;
	}
	device_offset end;
	for (auto const& e : target.extents.extents())
	{
		if (end < e.offset)
		{
			gaps.push_back({end, e.offset - end});
		}
		end = e.offset + e.length;
	}
	if (end.bytes < *target.hints.source_size)
	{
		gaps.push_back({end, *target.hints.source_size - end.bytes});
	}
	return gaps;
}

} // namespace rawswarm
