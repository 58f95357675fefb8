// SPDX-License-Identifier: BSD-3-Clause
// The room: its description, what became of each machine, and the decisions that follow. The one object that
// all parts of `serve` share.
//
// Thread: that of the io_context. What must not be forgotten (an order, a machine that is done) is on the
// disk before the call returns; what may be (when a machine was seen) is written by flush(). If the disk
// takes nothing, the call fails with fault::target, what was decided holds as long as this lives, and flush()
// tries again.
//
// A machine is named by its name or by its hardware address; MACHINES in what a person writes is a list of
// these, of groups and of `all`, separated by commas.
#pragma once

#include "agent/room/boot_choice.hpp"
#include "agent/room/report_token.hpp"
#include "agent/room/room.hpp"
#include "agent/room/room_state.hpp"
#include "agent/room/server_address.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace rawswarm
{

struct machine_registry;

struct room_job
{
	std::string text;
	std::string signature; // a minisig file; empty: jobs are not signed
};

// What a machine says of the job that it was given, by a report or a beacon.
struct room_outcome
{
	int code = 0; // 0: done
	std::string error; // text of the failure
};

class room_book
{
public:
	using clock = std::function<std::int64_t()>; // seconds from 1970

	// Errors: read_room()'s and room_state::open()'s.
	static result<std::unique_ptr<room_book>> open(std::string const& folder, clock now = {});

	room_book(room_book const&) = delete;
	room_book& operator=(room_book const&) = delete;
	~room_book();

	room_description const& room() const;
	std::map<std::string, room_record> const& records() const; // by hardware address

	// The folder was read anew: the description takes the old one's place. Or it cannot be: the old one
	// stays, and room_error() says why.
	void take(room_description fresh);
	void note_room_error(std::string text);
	std::string const& room_error() const;

	// The machine was seen, and what it is to boot.
	boot_choice choose(room_identity const& who);
	// The same without noting that it was seen.
	boot_choice peek(room_identity const& who) const;

	// The job of a machine that is to have one; fault::refused with a sentence if it boots its own disk.
	// Notes that it was given. The same as long as nothing changes: the signature may be asked for by itself.
	result<room_job> job_for(room_identity const& who, server_address const& server);

	// What a report's token stands for; fault::refused: none of ours.
	result<report_token> read_token(std::string_view token) const;

	// A report by its token. Late and repeated ones change nothing and are no error. A further failure of one
	// job is written by flush(). Returns one line on what it meant, for the log.
	result<std::string> report(report_token const& token, room_outcome const& outcome);

	// A beacon of a machine that is done or has failed: counts if the machine was given the job of this name,
	// and is_signed or it comes from where the job was fetched. Returns one line on what it meant, or
	// nothing: of those that do not count for where they come from, only the first of a job is worth a line.
	result<std::string> beacon(std::string_view mac, std::string_view job, std::string_view ip,
		bool is_signed, room_outcome const& outcome);

	// The image of the capture with this token has arrived: its machine is done. Returns as report() does.
	result<std::string> captured(std::string_view token);

	// What people ask for. All return the hardware addresses of the machines. fault::usage for names that
	// mean nothing, fault::refused for what cannot be done.
	result<std::vector<std::string>> resolve(std::string_view machines) const;
	// image: empty: none, and room.json's counts as given.
	result<std::vector<std::string>> order(std::string_view machines, std::string_view image);
	result<std::vector<std::string>> forget(std::string_view machines);
	result<std::vector<std::string>> capture(std::string_view machine, std::string_view name);

	// The machine's name, or its hardware address.
	std::string name_of(std::string_view mac) const;

	// Whether room.json names the machine, by its address or by what it has said of itself before, or it was
	// given a job that it has not finished.
	bool is_known(std::string_view mac) const;

	// { "version": 1, "room": NAME, "error": TEXT of room.json or absent, "images": [ { "name", "bytes",
	// "info_hash",
	//   "error" } ], "machines": [ { "name", "mac", "serial", "uuid", "known", "groups", "image"
	//   (room.json's, or null), "next" ("disk", "image" or "capture"), "next_image", "trouble"
	//   (why it is the disk, although there is an image for it), "order", "capture",
	//   "given", "given_at", "given_info_hash", "outdated" (the image of that name is another now),
	//   "seen_at", "host", "ip", "job" { "image", "at" } (given and not finished), "error" { "text", "code",
	//   "at" } } ] }. What is not known is absent.
	nlohmann::ordered_json list() const;

	// Writes what is not on the disk yet. Returns at once if there is nothing.
	result<void> flush();

	// After anything that list() shows has changed. May be empty.
	std::function<void()> on_change;

private:
	static constexpr std::size_t max_error_bytes = 1024;

	void changed() const;
	explicit room_book(std::unique_ptr<machine_registry> machines);
	std::unique_ptr<machine_registry> m_machines;
	std::string m_room_error; // empty: room.json is as it was read
};

} // namespace rawswarm
