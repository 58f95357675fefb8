// SPDX-License-Identifier: BSD-3-Clause
#include "agent/cli/report.hpp"

#include "agent/machine/uefi.hpp"
#include "agent/manifest/job_signature.hpp"
#include "agent/net/uri_reference.hpp"
#include "base/clean_text.hpp"
#include "base/format_size.hpp"
#include "base/utc_time.hpp"

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
	for (auto const& gap : zero_gaps(t))
	{
		sum += gap.length;
	}
	return sum;
}

char const* role_of(planned_target const& t)
{
	return t.spec.role == target_role::image ? "image" : "seed";
}

std::string loader_of(boot_entry_request const& entry)
{
	return entry.loader.empty() ? fallback_loader() : entry.loader;
}

// What is known of who made the job, and of how long it is good.
json terms_of(manifest const& job)
{
	json terms = json::object();
	if (auto const& seal = job.fetching.signed_by)
	{
		terms["signed_by"] = {{"key", key_id(seal->key)}, {"comment", seal->comment}};
	}
	if (job.validity.serial_number)
	{
		terms["serial_number"] = *job.validity.serial_number;
	}
	if (job.validity.not_after)
	{
		terms["not_after"] = format_utc_time(*job.validity.not_after);
	}
	return terms;
}

std::string terms_as_text(manifest const& job)
{
	std::string text;
	if (auto const& seal = job.fetching.signed_by)
	{
		text += fmt::format("signed with key {}: {}\n", key_id(seal->key), clean_text(seal->comment));
	}
	if (job.validity.serial_number)
	{
		text += fmt::format("serial number {}\n", *job.validity.serial_number);
	}
	if (job.validity.not_after)
	{
		text += fmt::format("good until {}\n", format_utc_time(*job.validity.not_after));
	}
	return text;
}

} // namespace

std::string plan_as_json(manifest const& job, job_plan const& plan)
{
	json after = json::array();
	for (auto const& step : job.after)
	{
		after.push_back(step.exec);
	}
	json tables = json::array();
	for (auto const& t : plan.tables)
	{
		json partitions = json::array();
		for (auto const& p : t.plan.table.partitions)
		{
			partitions.push_back({{"number", p.number}, {"offset", p.offset}, {"size", p.length},
				{"type", p.type}, {"uuid", p.uuid}, {"label", p.label}});
		}
		tables.push_back({{"disk", t.disk.path}, {"kind", t.plan.table.kind}, {"id", t.plan.table.id},
			{"is_there", t.plan.already_there}, {"partitions", std::move(partitions)}});
	}
	json targets = json::array();
	for (auto const& t : plan.targets)
	{
		auto& target = targets.emplace_back(json{{"device", t.spec.device}, {"role", role_of(t)},
			{"torrent", describe(t.spec.torrent)}, {"info_hash", t.info_hash}, {"bytes", t.extents.total()},
			{"extents", t.extents.extents().size()}, {"end", t.extents.end().bytes},
			{"zeroed", bytes_to_zero(t)}, {"pieces", t.torrent->num_pieces()},
			{"piece_size", t.torrent->piece_length()}});
		if (auto const& entry = t.spec.boot_entry)
		{
			target["boot_entry"] = {{"label", entry->label}, {"loader", loader_of(*entry)},
				{"order", entry->first ? "first" : "last"}, {"next", entry->next}};
		}
		if (t.shrinks_to)
		{
			target["shrinks_to"] = *t.shrinks_to;
		}
	}
	json all{{"version", 1}, {"name", job.name}, {"partition_tables", std::move(tables)},
		{"targets", std::move(targets)}, {"after", std::move(after)}};
	all.update(terms_of(job));
	if (plan.capture)
	{
		all["capture"] = {{"device", plan.capture->device}, {"to", printable_uri(plan.capture->to)},
			{"name", plan.capture->name}};
	}
	for (auto const& v : plan.volumes)
	{
		all["volumes"].push_back({{"device", v.spec.device}, {"url", describe(v.spec.source)},
			{"sha256", v.spec.sha256}, {"bytes", v.bytes.size()}});
	}
	return one_line(all);
}

std::string plan_as_text(manifest const& job, job_plan const& plan)
{
	auto text = terms_as_text(job);
	for (auto const& t : plan.tables)
	{
		text += t.plan.already_there
			? fmt::format("keep the partition table of {}, it is the one\n", t.disk.path)
			: fmt::format("partition {}: {}, {} partitions\n", describe(t.disk), t.plan.table.kind,
				t.plan.table.partitions.size());
	}
	for (auto const& t : plan.targets)
	{
		bool const image = t.spec.role == target_role::image;
		text += fmt::format("{} {} {}: {} in {} extents, {} pieces of {}, info-hash {}\n",
			image ? "image" : "seed", describe(t.spec.torrent),
			image ? "onto " + t.spec.device : "from " + t.spec.device, format_size(t.torrent->total_size()),
			t.extents.extents().size(), t.torrent->num_pieces(), format_size(t.torrent->piece_length()),
			t.info_hash);
		if (auto const zeroed = bytes_to_zero(t); zeroed > 0)
		{
			text += fmt::format("  and zero the other {} up to byte {}\n",
				format_size(static_cast<std::int64_t>(zeroed)), t.shrinks_to.value_or(*t.hints.source_size));
		}
		if (t.shrinks_to)
		{
			text +=
				fmt::format("  and let its last partition end with the disk, at byte {}\n", *t.shrinks_to);
		}
		if (auto const& entry = t.spec.boot_entry)
		{
			text += fmt::format("  and have the firmware's entry \"{}\" start {} on it{}\n", entry->label,
				loader_of(*entry), entry->next ? " next" : "");
		}
	}
	if (plan.capture)
	{
		text += fmt::format("capture {} as {}, to {}\n", plan.capture->device, plan.capture->name,
			printable_uri(plan.capture->to));
	}
	for (auto const& v : plan.volumes)
	{
		text += fmt::format("then write {} onto {}: {}\n", describe(v.spec.source), v.spec.device,
			format_size(static_cast<std::int64_t>(v.bytes.size())));
	}
	for (auto const& step : job.after)
	{
		text += fmt::format("then run {}\n", fmt::join(step.exec, " "));
	}
	return text;
}

std::string summary_as_json(create_options const& options, create_summary const& made)
{
	json summary = {{"version", 1}, {"torrent", options.output}, {"info_hash", made.info_hash},
		{"source_size", made.source_size}, {"bytes", made.bytes}, {"extents", made.extents},
		{"pieces", made.pieces}, {"piece_size", made.piece_size}};
	for (auto const& part : made.parts)
	{
		summary["parts"].push_back({{"name", part.of.name}, {"content", part.of.content},
			{"means", part.of.means}, {"size", part.of.size}, {"bytes", part.taken}});
	}
	if (!made.compressed_image.empty())
	{
		summary["image"] = made.compressed_image;
		summary["image_size"] = made.compressed_bytes;
	}
	return one_line(summary);
}

std::string summary_as_text(create_options const& options, create_summary const& made)
{
	auto text = fmt::format("{}: {} of {} in {} extents, {} pieces of {}, info-hash {}\n", options.output,
		format_size(made.bytes), format_size(made.source_size), made.extents, made.pieces,
		format_size(made.piece_size), made.info_hash);
	for (auto const& part : made.parts)
	{
		text += fmt::format("{}{}: {} of {} ({})\n", part.of.name,
			part.of.content.empty() ? "" : fmt::format(" ({})", part.of.content),
			format_size(static_cast<std::int64_t>(part.taken)),
			format_size(static_cast<std::int64_t>(part.of.size)), part.of.means);
	}
	if (!made.compressed_image.empty())
	{
		text += fmt::format("{}: {}, {:.2f} times smaller\n", made.compressed_image,
			format_size(made.compressed_bytes),
			static_cast<double>(made.bytes) / static_cast<double>(made.compressed_bytes));
	}
	return text;
}

} // namespace rawswarm
