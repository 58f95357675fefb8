// What a job will do, with everything checked that can be checked before the first byte.
//
// Blocking: fetches torrents, looks at devices. Writes nothing.
#pragma once

#include "agent/manifest.hpp"
#include "agent/torrent_hints.hpp"
#include "storage/block_device.hpp"
#include "storage/extent_map.hpp"
#include "storage/result.hpp"

#include <libtorrent/fwd.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace rawswarm
{

struct planned_target
{
	manifest_target wanted;
	std::string info_hash; // v1, 40 lower-case hex digits
	std::shared_ptr<lt::torrent_info const> torrent;
	extent_map extents;
	torrent_hints hints; // no zero_gaps for a folder, which has no place for them
};

// A run of bytes that no extent covers and that holds zeros in the source.
struct zero_gap
{
	device_offset offset;
	std::uint64_t length = 0; // bytes
};

// Fetches and reads the torrent, compares the pin and checks the target, or opens the source of a seed.
result<planned_target> plan_target(manifest_target const& wanted);

// The targets of a whole job; the first fault ends it. Two targets of one torrent are refused, as they
// could not be told apart in the swarm.
result<std::vector<planned_target>> make_plan(manifest const& job);

// Opens what was planned: the device of an image for writing, of a seed for reading.
result<std::shared_ptr<block_device>> open_planned(
	planned_target const& target, direct_writes direct = direct_writes::automatic);

// Empty for a seed and a folder, and unless the torrent says that its gaps are zeros.
std::vector<zero_gap> gaps_to_zero(planned_target const& target);

} // namespace rawswarm
