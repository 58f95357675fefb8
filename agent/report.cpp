#include "agent/report.hpp"

#include "agent/console.hpp"

#include <libtorrent/torrent_info.hpp>
#include <nlohmann/json.hpp>

#include <cstdint>

namespace rawswarm
{

namespace
{

using json = nlohmann::ordered_json;

// Names of devices and torrents may hold any bytes.
std::string one_line(json const& j)
{
	return j.dump(-1, ' ', true, json::error_handler_t::replace);
}

std::uint64_t bytes_to_zero(planned_target const& t)
{
	std::uint64_t sum = 0;
	for (auto const& gap : gaps_to_zero(t))
	{
		sum += gap.length;
	}
	return sum;
}

json storage_json(storage_progress const& s)
{
	auto const& f = s.flushes;
	return {{"pool", rounded(s.pool)}, {"dirty", rounded(s.dirty)}, {"writing", rounded(s.writing)},
		{"clean", rounded(s.clean)}, {"handed_out", rounded(s.handed_out)},
		{"cache_hit", rounded(s.cache_hit)}, {"blocks_per_write", rounded(s.blocks_per_write)},
		{"blocks_written", s.blocks_written}, {"write_calls", s.write_calls},
		{"written_through", s.written_through},
		{"flushes",
			{{"full_run", f.full_run}, {"piece_complete", f.piece_complete}, {"age", f.age},
				{"memory", f.memory}, {"stop", f.stop}}},
		{"p50_ms", rounded(s.p50_ms)}, {"p99_ms", rounded(s.p99_ms)}, {"peers_stopped", s.peers_stopped},
		{"stopped_ms", s.stopped_ms}, {"blocks_read", s.blocks_read}, {"read_calls", s.read_calls},
		{"read_ahead", s.read_ahead}, {"hashed", s.hashed}, {"read_back", s.read_back}};
}

char const* role_of(planned_target const& t)
{
	return t.wanted.role == target_role::image ? "image" : "seed";
}

} // namespace

std::string report_as_json(progress const& last, int const exit_code)
{
	json targets = json::array();
	for (auto const& t : last.targets)
	{
		json j{{"device", t.device}, {"info_hash", t.info_hash}, {"state", to_string(t.state)},
			{"total", t.total}, {"done", t.done}, {"written", t.written}, {"synced", t.synced}};
		if (!t.error.empty())
		{
			j["error"] = t.error;
		}
		targets.push_back(std::move(j));
	}
	json report{{"version", 1}, {"state", to_string(last.state)}, {"exit_code", exit_code},
		{"elapsed_ms", last.uptime.count()}, {"targets", std::move(targets)},
		{"storage", storage_json(last.storage)}};
	if (last.error)
	{
		report["error"] = {{"code", last.error->code}, {"text", last.error->text}};
	}
	return one_line(report);
}

std::string plan_as_json(manifest const& job, std::span<planned_target const> const plan)
{
	json targets = json::array();
	for (auto const& t : plan)
	{
		targets.push_back({{"device", t.wanted.device}, {"role", role_of(t)}, {"torrent", t.wanted.torrent},
			{"info_hash", t.info_hash}, {"bytes", t.extents.total()}, {"extents", t.extents.extents().size()},
			{"end", t.extents.end().bytes}, {"zeroed", bytes_to_zero(t)}, {"pieces", t.torrent->num_pieces()},
			{"piece_size", t.torrent->piece_length()}});
	}
	return one_line({{"version", 1}, {"name", job.name}, {"targets", std::move(targets)}});
}

std::string plan_as_text(std::span<planned_target const> const plan)
{
	std::string text;
	for (auto const& t : plan)
	{
		bool const image = t.wanted.role == target_role::image;
		text += fmt::format("{} {} {}: {} in {} extents, {} pieces of {}, info-hash {}\n",
			image ? "image" : "seed", t.wanted.torrent,
			image ? "onto " + t.wanted.device : "from " + t.wanted.device,
			format_size(t.torrent->total_size()), t.extents.extents().size(), t.torrent->num_pieces(),
			format_size(t.torrent->piece_length()), t.info_hash);
		if (auto const zeroed = bytes_to_zero(t); zeroed > 0)
		{
			text += fmt::format("  and zero the other {} up to byte {}\n",
				format_size(static_cast<std::int64_t>(zeroed)), *t.hints.source_size);
		}
	}
	return text;
}

std::string summary_as_json(create_options const& options, create_summary const& made)
{
	return one_line({{"version", 1}, {"torrent", options.output}, {"info_hash", made.info_hash},
		{"source_size", made.source_size}, {"bytes", made.bytes}, {"extents", made.extents},
		{"pieces", made.pieces}, {"piece_size", made.piece_size}});
}

std::string summary_as_text(create_options const& options, create_summary const& made)
{
	return fmt::format("{}: {} of {} in {} extents, {} pieces of {}, info-hash {}\n", options.output,
		format_size(made.bytes), format_size(made.source_size), made.extents, made.pieces,
		format_size(made.piece_size), made.info_hash);
}

} // namespace rawswarm
