// SPDX-License-Identifier: BSD-3-Clause
#include "agent/progress/progress_json.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <utility>

namespace rawswarm
{

namespace
{

using json = nlohmann::ordered_json;

template <class Of, class Value>
struct field
{
	char const* key;
	Value Of::*value;
};

using s = storage_progress;

constexpr field<s, double> storage_ratios[] = {{"pool", &s::pool}, {"dirty", &s::dirty},
	{"writing", &s::writing}, {"clean", &s::clean}, {"handed_out", &s::handed_out},
	{"cache_hit", &s::cache_hit}, {"blocks_per_write", &s::blocks_per_write}, {"p50_ms", &s::p50_ms},
	{"p99_ms", &s::p99_ms}};

constexpr field<s, std::int64_t> storage_numbers[] = {{"pool_blocks", &s::pool_blocks},
	{"blocks_written", &s::blocks_written}, {"write_calls", &s::write_calls},
	{"sequential_writes", &s::sequential_writes}, {"random_writes", &s::random_writes},
	{"written_through", &s::written_through}, {"peers_stopped", &s::peers_stopped},
	{"stopped_ms", &s::stopped_ms}, {"blocks_read", &s::blocks_read}, {"read_calls", &s::read_calls},
	{"read_ahead", &s::read_ahead}, {"hashed", &s::hashed}, {"sealed", &s::sealed}, {"packed", &s::packed},
	{"unpacked", &s::unpacked}, {"packing_ms", &s::packing_ms}, {"unpacking_ms", &s::unpacking_ms},
	{"stored_frames", &s::stored_frames}, {"read_back", &s::read_back}};

constexpr field<flush_counts, std::int64_t> flush_numbers[] = {{"full_run", &flush_counts::full_run},
	{"piece_complete", &flush_counts::piece_complete}, {"age", &flush_counts::age},
	{"memory", &flush_counts::memory}, {"stop", &flush_counts::stop}};

constexpr field<call_counts, std::int64_t> call_numbers[] = {{"preadv", &call_counts::preadv},
	{"pwritev", &call_counts::pwritev}, {"fsync", &call_counts::fsync}, {"syncfs", &call_counts::syncfs},
	{"fallocate", &call_counts::fallocate}, {"blkzeroout", &call_counts::blkzeroout},
	{"fadvise", &call_counts::fadvise}};

// The bytes that a phase processed: read by a check, fetched by a download.
std::int64_t bytes_of(job_state const phase, target_progress const& t)
{
	switch (phase)
	{
	case job_state::checking:
	case job_state::verifying: return t.total;
	case job_state::downloading: return t.fetched;
	default: return 0;
	}
}

json phases_json(target_progress const& t)
{
	json phases = json::array();
	for (auto const& phase : t.phases)
	{
		json j{{"state", to_string(phase.state)}, {"elapsed_ms", phase.elapsed.count()}};
		auto const bytes = bytes_of(phase.state, t);
		bool const was_ended = t.state != phase.state && t.state != job_state::failed;
		if (bytes > 0 && phase.elapsed.count() > 0 && was_ended)
		{
			j["bytes_per_second"] = bytes * 1000 / phase.elapsed.count();
		}
		phases.push_back(std::move(j));
	}
	return phases;
}

json steps_json(target_progress const& t)
{
	json steps = json::array();
	for (auto const& step : t.steps)
	{
		steps.push_back({{"step", step.name}, {"elapsed_ms", step.elapsed.count()}});
	}
	return steps;
}

} // namespace

json storage_as_json(storage_progress const& p)
{
	json j;
	for (auto const& [key, value] : storage_ratios)
	{
		j[key] = rounded(p.*value);
	}
	for (auto const& [key, value] : storage_numbers)
	{
		j[key] = p.*value;
	}
	auto& flushes = j["flushes"];
	for (auto const& [key, value] : flush_numbers)
	{
		flushes[key] = p.flushes.*value;
	}
	auto& calls = j["calls"];
	for (auto const& [key, value] : call_numbers)
	{
		calls[key] = p.calls.*value;
	}
	return j;
}

json tables_as_json(std::span<table_progress const> const tables)
{
	json all = json::array();
	for (auto const& t : tables)
	{
		all.push_back({{"disk", t.disk}, {"was_there", t.was_there}, {"changed", t.changed}});
	}
	return all;
}

json target_as_json(target_progress const& t)
{
	json j{{"device", t.device}, {"info_hash", t.info_hash}, {"state", to_string(t.state)},
		{"total", t.total}, {"done", t.done}, {"written", t.written}, {"synced", t.synced},
		{"fetched", t.fetched}, {"uploaded", t.uploaded}, {"wire_fetched", t.wire_fetched},
		{"wire_uploaded", t.wire_uploaded}, {"ratio", rounded(t.ratio)}, {"phases", phases_json(t)}};
	if (!t.steps.empty())
	{
		j["steps"] = steps_json(t);
	}
	if (!t.error.empty())
	{
		j["error"] = t.error;
	}
	if (!t.notes.empty())
	{
		j["notes"] = t.notes;
	}
	return j;
}

} // namespace rawswarm
