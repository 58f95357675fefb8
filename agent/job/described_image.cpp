// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/described_image.hpp"

#include "agent/bittorrent/torrent_frames.hpp"
#include "agent/bittorrent/torrent_load.hpp"
#include "agent/bittorrent/torrent_seals.hpp"
#include "agent/job/job_fetch.hpp"
#include "base/text.hpp"
#include "storage/backend/pad_pieces.hpp"

#include <libtorrent/torrent_info.hpp>

#include <utility>

namespace rawswarm
{

std::uint64_t described_image::needed(smaller_disk const how) const
{
	auto const all = hints.source_size.value_or(extents.end().bytes);
	return how == smaller_disk::shrink ? hints.smallest.value_or(all) : all;
}

result<described_image> describe_image(manifest_target const& spec, std::string_view const bytes)
{
	auto const source = describe(spec.torrent);
	BOOST_OUTCOME_TRY(torrent, load_torrent(bytes, source));
	auto const info_hash = to_hex(torrent->info_hashes().v1.to_string());
	if (!spec.info_hash.empty() && spec.info_hash != info_hash)
	{
		return fail(fault::refused, "reading {}: its info-hash is {}, the job wants {}", source, info_hash,
			spec.info_hash);
	}
	auto extents = extent_map::build(torrent->files());
	if (!extents)
	{
		return fail(fault::refused, "{} ({})", extents.error().text, source);
	}
	if (auto const pads = find_pad_pieces(*torrent, extents.value()); !pads)
	{
		return fail(fault::refused, "{} ({})", pads.error().text, source);
	}
	BOOST_OUTCOME_TRY(hints, read_hints(*torrent, extents.value()));
	piece_seals seals; // for whoever serves: the info-hash does not cover them
	if (spec.role == target_role::seed)
	{
		BOOST_OUTCOME_TRY(read, read_seals(bytes, torrent->num_pieces()));
		seals = std::move(read);
	}
	BOOST_OUTCOME_TRY(lengths, read_frame_lengths(bytes, torrent->num_pieces()));
	return described_image{
		info_hash, torrent, std::move(extents.value()), hints, std::move(seals), std::move(lengths)};
}

result<described_image> fetch_image(
	job_fetching const& how, manifest_target const& spec, std::stop_token const& stop)
{
	fetch_limits limits;
	limits.max_bytes = max_torrent_bytes;
	BOOST_OUTCOME_TRY(bytes, fetch_again(how, spec.torrent, limits, stop));
	if (spec.info_hash.empty())
	{
		BOOST_OUTCOME_TRYV(check_signed(how, spec.torrent, bytes, "info_hash", stop));
	}
	return describe_image(spec, bytes);
}

} // namespace rawswarm
