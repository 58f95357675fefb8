// SPDX-License-Identifier: BSD-3-Clause
#include "agent/room/room_book.hpp"

#include "agent/room/decision.hpp"
#include "agent/room/job_signer.hpp"
#include "agent/room/machine_names.hpp"
#include "agent/room/machine_registry.hpp"
#include "agent/room/room_file.hpp"
#include "agent/room/room_job.hpp"
#include "agent/room/room_list.hpp"
#include "agent/room/room_rules.hpp"
#include "base/clean_text.hpp"

#include <algorithm>
#include <utility>

namespace rawswarm
{

namespace
{

// Nothing that was said of the job before counts any more.
void begin_turn(room_record& record)
{
	++record.turn;
	record.job_image.clear();
	record.job_settled.clear();
	record.job_ip.clear();
	record.job_at = 0;
	record.job_captures = false;
	record.was_doubted = false;
}

// As a record keeps it: never empty, as that would mean that there is none.
std::string error_text(room_outcome const& outcome, std::size_t const max_bytes)
{
	auto text = cut_text(clean_text(outcome.error), max_bytes);
	return text.empty() ? fmt::format("no reason given, exit code {}", outcome.code) : text;
}

void clear_error(room_record& record)
{
	record.error.clear();
	record.error_code = 0;
	record.error_at = 0;
}

// It has what it was given, or is captured.
void finish(machine_registry const& machines, room_record& record, report_token const& what)
{
	if (what.captures)
	{
		record.capture.clear();
	}
	else
	{
		auto const* const image = machines.room.image(what.image);
		record.given = what.image;
		record.given_info_hash = image == nullptr ? std::string() : image->info_hash;
		record.given_at = machines.now();
		record.order.clear();
		record.settled = what.settled;
	}
	clear_error(record);
	begin_turn(record);
}

} // namespace

result<std::unique_ptr<room_book>> room_book::open(std::string const& folder, clock now)
{
	BOOST_OUTCOME_TRY(room, read_room(folder));
	BOOST_OUTCOME_TRY(state, room_state::open(folder));
	return std::unique_ptr<room_book>(
		new room_book(std::make_unique<machine_registry>(std::move(room), std::move(state), std::move(now))));
}

room_book::room_book(std::unique_ptr<machine_registry> machines)
	: m_machines(std::move(machines))
{}

room_book::~room_book() = default;

room_description const& room_book::room() const
{
	return m_machines->room;
}

room_records const& room_book::records() const
{
	return m_machines->state.records;
}

void room_book::changed() const
{
	if (on_change)
	{
		on_change();
	}
}

void room_book::take(room_description fresh)
{
	m_machines->room = std::move(fresh);
	m_room_error.clear();
	changed();
}

void room_book::note_room_error(std::string text)
{
	m_room_error = std::move(text);
	changed();
}

std::string const& room_book::room_error() const
{
	return m_room_error;
}

boot_choice room_book::choose(room_identity const& who)
{
	auto const complete = m_machines->complete(who);
	m_machines->note_seen(complete);
	changed();
	return peek(complete);
}

boot_choice room_book::peek(room_identity const& who) const
{
	auto const complete = m_machines->complete(who);
	auto const* const machine = m_machines->room.find(complete);
	auto decision = decide(m_machines->room, machine, m_machines->find_record(complete.mac));
	boot_choice choice;
	// Without its hardware address it could not ask for its job.
	choice.kind = complete.mac.empty() ? boot_kind::own_disk : decision.kind;
	choice.machine = machine == nullptr ? complete.mac : machine->name;
	choice.mac = complete.mac;
	choice.image = std::move(decision.image);
	choice.trouble = std::move(decision.trouble);
	auto const* const image =
		choice.kind == boot_kind::image ? m_machines->room.image(choice.image) : nullptr;
	choice.append = rules_for(m_machines->room, machine, image).append.value_or("");
	choice.signed_jobs = m_machines->room.signer != nullptr;
	return choice;
}

result<room_job> room_book::job_for(room_identity const& who, server_address const& server)
{
	auto const complete = m_machines->complete(who);
	auto const choice = peek(complete);
	if (choice.kind == boot_kind::own_disk)
	{
		return fail(fault::refused, "making the job of {}: {}", choice.machine,
			choice.trouble.empty() ? "it boots its own disk" : choice.trouble);
	}
	auto* const record = m_machines->note_seen(complete);
	if (record == nullptr)
	{
		return fail(fault::refused, "making the job of {}: there are too many machines", choice.machine);
	}
	report_token const token{.mac = choice.mac,
		.image = choice.image,
		.settled = m_machines->image_said_for(choice.mac),
		.turn = record->turn,
		.captures = choice.kind == boot_kind::capture};
	record->job_image = token.image;
	record->job_settled = token.settled;
	record->job_captures = token.captures;
	record->job_ip = complete.ip;
	record->job_at = m_machines->now();
	changed();

	auto const& room = m_machines->room;
	job_recipient const recipient{.machine = room.find(complete),
		.name = choice.machine,
		.mac = choice.mac,
		.token = write_token(token, m_machines->state.secret())};
	room_job job;
	job.text = token.captures ? capture_job_text(room, choice.image, recipient, server)
							  : room_job_text(room, *room.image(choice.image), recipient, server);
	if (room.signer)
	{
		BOOST_OUTCOME_TRY(
			signature, room.signer->sign(job.text, room_job_name(room, choice.machine, choice.image)));
		job.signature = std::move(signature);
	}
	return job;
}

result<report_token> room_book::read_token(std::string_view const token) const
{
	return rawswarm::read_token(token, m_machines->state.secret());
}

result<std::string> room_book::report(report_token const& token, room_outcome const& outcome)
{
	auto const name = m_machines->name_of(token.mac);
	auto* const known = m_machines->record_of_turn(token.mac, token.turn);
	if (known == nullptr)
	{
		return fmt::format("{} reports on a job that is over, {}", name, token.image);
	}
	auto& record = *known;
	if (outcome.code != 0)
	{
		bool const is_first = record.error.empty();
		record.error = error_text(outcome, max_error_bytes);
		record.error_code = outcome.code;
		record.error_at = m_machines->now();
		m_machines->unsaved = true;
		changed();
		if (is_first)
		{
			BOOST_OUTCOME_TRYV(m_machines->save());
		}
		return fmt::format("{} has failed with {}: {}", name, token.image, record.error);
	}
	finish(*m_machines, record, token);
	changed();
	BOOST_OUTCOME_TRYV(m_machines->save());
	return token.captures ? fmt::format("{} was captured as {}", name, token.image)
						  : fmt::format("{} has {}", name, token.image);
}

result<std::string> room_book::beacon(std::string_view const mac, std::string_view const job,
	std::string_view const ip, bool const is_signed, room_outcome const& outcome)
{
	auto const found = m_machines->state.records.find(std::string(mac));
	auto* const record = found == m_machines->state.records.end() ? nullptr : &found->second;
	if (record == nullptr || record->job_image.empty())
	{
		return std::string();
	}
	auto const name = name_of(mac);
	if (job != room_job_name(m_machines->room, name, record->job_image))
	{
		return std::string();
	}
	if (!is_signed && ip != record->job_ip)
	{
		return std::exchange(record->was_doubted, true)
			? std::string()
			: fmt::format(
				"a beacon from {} says that {} {}, which fetched its job from {}; it does not count", ip,
				name, outcome.code == 0 ? "is done" : "has failed", record->job_ip);
	}
	// A machine that is captured serves from its beginning on, and that it arrived is known here.
	bool const says_nothing =
		outcome.code == 0 ? record->job_captures : record->error == error_text(outcome, max_error_bytes);
	if (says_nothing)
	{
		return std::string();
	}
	return report({.mac = std::string(mac),
					  .image = record->job_image,
					  .settled = record->job_settled,
					  .turn = record->turn,
					  .captures = record->job_captures},
		outcome);
}

result<std::string> room_book::captured(std::string_view const token)
{
	BOOST_OUTCOME_TRY(meant, read_token(token));
	return report(meant, {});
}

result<std::vector<std::string>> room_book::resolve(std::string_view const machines) const
{
	return resolve_machines(m_machines->room, m_machines->state.records, machines);
}

result<std::vector<std::string>> room_book::order(
	std::string_view const machines, std::string_view const image)
{
	if (!image.empty())
	{
		auto const* const found = m_machines->room.image(image);
		if (found == nullptr)
		{
			return fail(fault::usage, "ordering {}: there is no images/{}.torrent", printable(image),
				printable(image));
		}
		if (!found->error.empty())
		{
			return fail(fault::refused, "ordering {}: {}", image, found->error);
		}
	}
	BOOST_OUTCOME_TRY(macs, resolve(machines));
	if (!m_machines->make_records(macs))
	{
		return fail(fault::refused, "ordering {} for {}: there are too many machines",
			image.empty() ? "nothing" : image, printable(machines));
	}
	for (auto const& mac : macs)
	{
		auto& record = m_machines->state.records.at(mac);
		record.order = image;
		record.capture.clear();
		record.settled = m_machines->image_said_for(mac);
		clear_error(record);
		begin_turn(record);
	}
	changed();
	BOOST_OUTCOME_TRYV(m_machines->save());
	return macs;
}

result<std::vector<std::string>> room_book::forget(std::string_view const machines)
{
	BOOST_OUTCOME_TRY(macs, resolve(machines));
	for (auto const& mac : macs)
	{
		if (auto const record = m_machines->state.records.find(mac);
			record != m_machines->state.records.end())
		{
			m_machines->state.drop(record);
		}
	}
	changed();
	BOOST_OUTCOME_TRYV(m_machines->save());
	return macs;
}

result<std::vector<std::string>> room_book::capture(
	std::string_view const machine, std::string_view const name)
{
	if (!is_room_name(name))
	{
		return fail(fault::usage,
			"capturing as {}: must be a name of letters, digits, '.', '_' and '-', 63 at most",
			printable(name));
	}
	if (m_machines->room.image(name) != nullptr)
	{
		return fail(fault::refused, "capturing as {}: there is an image of this name", name);
	}
	BOOST_OUTCOME_TRY(macs, resolve(machine));
	if (macs.size() != 1)
	{
		return fail(
			fault::usage, "capturing as {}: {} are {} machines", name, printable(machine), macs.size());
	}
	auto const& others = m_machines->state.records;
	auto const other = std::ranges::find_if(others,
		[&](auto const& entry) { return entry.second.capture == name && entry.first != macs.front(); });
	if (other != others.end())
	{
		return fail(fault::refused, "capturing as {}: {} is to be captured under this name", name,
			name_of(other->first));
	}
	auto* const record = m_machines->record_for(macs.front());
	if (record == nullptr)
	{
		return fail(fault::refused, "capturing {}: there are too many machines", macs.front());
	}
	record->capture = name;
	clear_error(*record);
	begin_turn(*record);
	changed();
	BOOST_OUTCOME_TRYV(m_machines->save());
	return macs;
}

bool room_book::is_known(std::string_view const mac) const
{
	auto const* const record = m_machines->find_record(mac);
	return (record != nullptr && !record->job_image.empty())
		|| m_machines->room.find(m_machines->complete(
			   {.mac = std::string(mac), .serial = {}, .uuid = {}, .ip = {}, .host = {}}))
		!= nullptr;
}

std::string room_book::name_of(std::string_view const mac) const
{
	return m_machines->name_of(std::string(mac));
}

nlohmann::ordered_json room_book::list() const
{
	return list_room(m_machines->room, m_machines->state.records, m_room_error);
}

result<void> room_book::flush()
{
	return m_machines->unsaved ? m_machines->save() : result<void>(success());
}

} // namespace rawswarm
