// SPDX-License-Identifier: BSD-3-Clause
#include "agent/room/room_book.hpp"

#include "agent/room/decision.hpp"
#include "agent/room/job_signer.hpp"
#include "agent/room/machine_names.hpp"
#include "agent/room/room_file.hpp"
#include "agent/room/room_job.hpp"
#include "agent/room/room_list.hpp"
#include "agent/room/room_rules.hpp"
#include "base/clean_text.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace rawswarm
{

namespace
{

constexpr std::size_t max_text_bytes = 256; // of a name that a machine says; more than any needs

std::int64_t seconds_now()
{
	return std::chrono::duration_cast<std::chrono::seconds>(
		std::chrono::system_clock::now().time_since_epoch())
		.count();
}

void set_if_said(std::string& out, std::string const& text)
{
	if (!text.empty())
	{
		out = cut_text(clean_text(text), max_text_bytes);
	}
}

bool has_orders(room_record const& record)
{
	return !record.order.empty() || !record.capture.empty() || !record.given.empty()
		|| !record.settled.empty();
}

// Nothing that was said of the job before counts any more.
void begin_turn(room_record& record)
{
	++record.turn;
	record.job_image.clear();
	record.job_settled.clear();
	record.job_ip.clear();
	record.job_at = 0;
	record.job_captures = false;
}

void clear_error(room_record& record)
{
	record.error.clear();
	record.error_code = 0;
	record.error_at = 0;
}

} // namespace

struct room_book::impl
{
	impl(room_description r, room_state s, clock c)
		: room(std::move(r))
		, state(std::move(s))
		, now(c ? std::move(c) : clock(seconds_now))
	{}

	room_record const* find_record(std::string_view mac) const;
	room_identity complete(room_identity who) const;
	room_record* record_for(std::string const& mac);
	room_record* note_seen(room_identity const& who);
	bool make_space();
	void follow_machine(room_identity const& who);
	std::string name_of(std::string const& mac) const;
	std::string image_said_for(std::string const& mac) const;
	void finish(room_record& record, report_token const& what) const;
	result<void> save();

	room_description room;
	room_state state;
	clock now;
	std::string room_error;
	bool unsaved = false;
};

room_record const* room_book::impl::find_record(std::string_view const mac) const
{
	auto const found = state.records.find(std::string(mac));
	return found == state.records.end() ? nullptr : &found->second;
}

// What a machine has said of itself before.
room_identity room_book::impl::complete(room_identity who) const
{
	if (auto const* const record = find_record(who.mac))
	{
		who.serial = who.serial.empty() ? record->serial : who.serial;
		who.uuid = who.uuid.empty() ? record->uuid : who.uuid;
	}
	return who;
}

// Makes room for another record. False: all that there are say something that must be kept.
bool room_book::impl::make_space()
{
	if (state.records.size() < room_state::max_records)
	{
		return true;
	}
	auto oldest = state.records.end();
	for (auto entry = state.records.begin(); entry != state.records.end(); ++entry)
	{
		bool const may_go =
			!has_orders(entry->second) && machine_of(room, entry->first, entry->second) == nullptr;
		if (may_go && (oldest == state.records.end() || entry->second.seen_at < oldest->second.seen_at))
		{
			oldest = entry;
		}
	}
	if (oldest == state.records.end())
	{
		return false;
	}
	state.records.erase(oldest);
	return true;
}

// Null: there is no space for another.
room_record* room_book::impl::record_for(std::string const& mac)
{
	if (auto const found = state.records.find(mac); found != state.records.end())
	{
		return &found->second;
	}
	if (!make_space())
	{
		return nullptr;
	}
	auto& record = state.records[mac];
	// Ahead of what a forgotten record of this machine had.
	record.turn = static_cast<std::uint64_t>(now());
	return &record;
}

// A machine that is named by its serial number or UUID is the same at another network card.
void room_book::impl::follow_machine(room_identity const& who)
{
	auto const* const machine = room.find(who);
	if (machine == nullptr || !machine->mac.empty() || find_record(who.mac) != nullptr)
	{
		return;
	}
	if (auto const mac = mac_of(room, state.records, *machine); !mac.empty() && mac != who.mac)
	{
		auto record = state.records.extract(mac);
		record.key() = who.mac;
		state.records.insert(std::move(record));
	}
}

room_record* room_book::impl::note_seen(room_identity const& who)
{
	if (who.mac.empty())
	{
		return nullptr;
	}
	follow_machine(who);
	auto* const record = record_for(who.mac);
	if (record != nullptr)
	{
		record->seen_at = now();
		set_if_said(record->host, who.host);
		set_if_said(record->ip, who.ip);
		set_if_said(record->serial, who.serial);
		set_if_said(record->uuid, who.uuid);
		unsaved = true;
	}
	return record;
}

std::string room_book::impl::name_of(std::string const& mac) const
{
	auto const* const record = find_record(mac);
	auto const* const machine = machine_of(room, mac, record == nullptr ? room_record() : *record);
	return machine == nullptr ? mac : machine->name;
}

std::string room_book::impl::image_said_for(std::string const& mac) const
{
	auto const* const record = find_record(mac);
	auto const* const machine = machine_of(room, mac, record == nullptr ? room_record() : *record);
	return machine == nullptr ? std::string() : image_of(room, *machine);
}

void room_book::impl::finish(room_record& record, report_token const& what) const
{
	if (what.captures)
	{
		record.capture.clear();
	}
	else
	{
		auto const* const image = room.image(what.image);
		record.given = what.image;
		record.given_info_hash = image == nullptr ? std::string() : image->info_hash;
		record.given_at = now();
		record.order.clear();
		record.settled = what.settled;
	}
	clear_error(record);
	begin_turn(record);
}

result<void> room_book::impl::save()
{
	unsaved = true;
	BOOST_OUTCOME_TRYV(state.save());
	unsaved = false;
	return success();
}

result<std::unique_ptr<room_book>> room_book::open(std::string const& folder, clock now)
{
	BOOST_OUTCOME_TRY(room, read_room(folder));
	BOOST_OUTCOME_TRY(state, room_state::open(folder));
	return std::unique_ptr<room_book>(
		new room_book(std::make_unique<impl>(std::move(room), std::move(state), std::move(now))));
}

room_book::room_book(std::unique_ptr<impl> implementation)
	: m_impl(std::move(implementation))
{}

room_book::~room_book() = default;

room_description const& room_book::room() const
{
	return m_impl->room;
}

room_records const& room_book::records() const
{
	return m_impl->state.records;
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
	m_impl->room = std::move(fresh);
	m_impl->room_error.clear();
	changed();
}

void room_book::note_room_error(std::string text)
{
	m_impl->room_error = std::move(text);
	changed();
}

std::string const& room_book::room_error() const
{
	return m_impl->room_error;
}

boot_choice room_book::choose(room_identity const& who)
{
	auto const complete = m_impl->complete(who);
	m_impl->note_seen(complete);
	changed();
	return peek(complete);
}

boot_choice room_book::peek(room_identity const& who) const
{
	auto const complete = m_impl->complete(who);
	auto const* const machine = m_impl->room.find(complete);
	auto decision = decide(m_impl->room, machine, m_impl->find_record(complete.mac));
	boot_choice choice;
	// Without its hardware address it could not ask for its job.
	choice.kind = complete.mac.empty() ? boot_kind::own_disk : decision.kind;
	choice.machine = machine == nullptr ? complete.mac : machine->name;
	choice.mac = complete.mac;
	choice.image = std::move(decision.image);
	choice.trouble = std::move(decision.trouble);
	auto const* const image = choice.kind == boot_kind::image ? m_impl->room.image(choice.image) : nullptr;
	choice.append = rules_for(m_impl->room, machine, image).append.value_or("");
	choice.signed_jobs = m_impl->room.signer != nullptr;
	return choice;
}

result<room_job> room_book::job_for(room_identity const& who, server_address const& server)
{
	auto const complete = m_impl->complete(who);
	auto const choice = peek(complete);
	if (choice.kind == boot_kind::own_disk)
	{
		return fail(fault::refused, "making the job of {}: {}", choice.machine,
			choice.trouble.empty() ? "it boots its own disk" : choice.trouble);
	}
	auto* const record = m_impl->note_seen(complete);
	if (record == nullptr)
	{
		return fail(fault::refused, "making the job of {}: there are too many machines", choice.machine);
	}
	report_token const token{.mac = choice.mac,
		.image = choice.image,
		.settled = m_impl->image_said_for(choice.mac),
		.turn = record->turn,
		.captures = choice.kind == boot_kind::capture};
	record->job_image = token.image;
	record->job_settled = token.settled;
	record->job_captures = token.captures;
	record->job_ip = complete.ip;
	record->job_at = m_impl->now();
	changed();

	auto const& room = m_impl->room;
	job_recipient const recipient{.machine = room.find(complete),
		.name = choice.machine,
		.token = write_token(token, m_impl->state.secret())};
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
	return rawswarm::read_token(token, m_impl->state.secret());
}

result<std::string> room_book::report(report_token const& token, room_outcome const& outcome)
{
	auto const name = m_impl->name_of(token.mac);
	auto const found = m_impl->state.records.find(token.mac);
	if (found == m_impl->state.records.end() || found->second.turn != token.turn)
	{
		return fmt::format("{} reports on a job that is over, {}", name, token.image);
	}
	auto& record = found->second;
	if (outcome.code != 0)
	{
		record.error = cut_text(clean_text(outcome.error), max_error_bytes);
		record.error_code = outcome.code;
		record.error_at = m_impl->now();
		changed();
		BOOST_OUTCOME_TRYV(m_impl->save());
		return fmt::format("{} has failed with {}: {}", name, token.image, record.error);
	}
	m_impl->finish(record, token);
	changed();
	BOOST_OUTCOME_TRYV(m_impl->save());
	return token.captures ? fmt::format("{} was captured as {}", name, token.image)
						  : fmt::format("{} has {}", name, token.image);
}

result<std::string> room_book::beacon(std::string_view const mac, std::string_view const job,
	std::string_view const ip, bool const is_signed, room_outcome const& outcome)
{
	auto const* const record = m_impl->find_record(mac);
	auto const name = name_of(mac);
	if (record == nullptr || record->job_image.empty()
		|| job != room_job_name(m_impl->room, name, record->job_image))
	{
		return std::string();
	}
	if (!is_signed && ip != record->job_ip)
	{
		return fmt::format(
			"a beacon from {} says that {} is done, which fetched its job from {}; it does not count", ip,
			name, record->job_ip);
	}
	if (outcome.code != 0 && record->error == cut_text(clean_text(outcome.error), max_error_bytes))
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

result<std::string> room_book::captured(std::string_view const name)
{
	auto& records = m_impl->state.records;
	auto const found =
		std::ranges::find_if(records, [&](auto const& entry) { return entry.second.capture == name; });
	if (found == records.end())
	{
		return fmt::format("nobody asked for {}", name);
	}
	return report({.mac = found->first,
					  .image = std::string(name),
					  .settled = {},
					  .turn = found->second.turn,
					  .captures = true},
		{});
}

result<std::vector<std::string>> room_book::resolve(std::string_view const machines) const
{
	return resolve_machines(m_impl->room, m_impl->state.records, machines);
}

result<std::vector<std::string>> room_book::order(
	std::string_view const machines, std::string_view const image)
{
	if (!image.empty())
	{
		auto const* const found = m_impl->room.image(image);
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
	for (auto const& mac : macs)
	{
		auto* const record = m_impl->record_for(mac);
		if (record == nullptr)
		{
			return fail(fault::refused, "ordering {} for {}: there are too many machines", image, mac);
		}
		record->order = image;
		record->capture.clear();
		record->settled = m_impl->image_said_for(mac);
		clear_error(*record);
		begin_turn(*record);
	}
	changed();
	BOOST_OUTCOME_TRYV(m_impl->save());
	return macs;
}

result<std::vector<std::string>> room_book::forget(std::string_view const machines)
{
	BOOST_OUTCOME_TRY(macs, resolve(machines));
	for (auto const& mac : macs)
	{
		m_impl->state.records.erase(mac);
	}
	changed();
	BOOST_OUTCOME_TRYV(m_impl->save());
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
	if (m_impl->room.image(name) != nullptr)
	{
		return fail(fault::refused, "capturing as {}: there is an image of this name", name);
	}
	BOOST_OUTCOME_TRY(macs, resolve(machine));
	if (macs.size() != 1)
	{
		return fail(
			fault::usage, "capturing as {}: {} are {} machines", name, printable(machine), macs.size());
	}
	auto* const record = m_impl->record_for(macs.front());
	if (record == nullptr)
	{
		return fail(fault::refused, "capturing {}: there are too many machines", macs.front());
	}
	record->capture = name;
	clear_error(*record);
	begin_turn(*record);
	changed();
	BOOST_OUTCOME_TRYV(m_impl->save());
	return macs;
}

std::string room_book::name_of(std::string_view const mac) const
{
	return m_impl->name_of(std::string(mac));
}

nlohmann::ordered_json room_book::list() const
{
	return list_room(m_impl->room, m_impl->state.records, m_impl->room_error);
}

result<void> room_book::flush()
{
	return m_impl->unsaved ? m_impl->save() : result<void>(success());
}

} // namespace rawswarm
