// SPDX-License-Identifier: BSD-3-Clause
// What is known of each machine of a room, kept in ROOM/state/machines.json across restarts and power cuts.
//
// The file is replaced whole (base/atomic_file.hpp). One that cannot be read is refused, and never written
// over. One thread.
#pragma once

#include "base/result.hpp"
#include "base/unique_fd.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace rawswarm
{

// Times are seconds from 1970; 0: never.
struct room_record
{
	std::string order; // the image that somebody asked for; empty: none
	std::string capture; // the name under which its disk is to be captured; empty: it is not
	std::string given; // the image that it last got
	std::string given_info_hash;
	std::int64_t given_at = 0;
	std::string settled; // room.json's image when that was given or ordered
	std::int64_t seen_at = 0;
	std::string host;
	std::string ip;
	std::string serial;
	std::string uuid;
	std::string error; // of the last job, if it failed
	int error_code = 0;
	std::int64_t error_at = 0;
	std::uint64_t turn = 0; // counts what was ordered and given, so that late words are known

	// The job that it was given and has not finished; image empty: none.
	std::string job_image;
	std::string job_settled; // room.json's image then
	std::string job_ip; // where it was fetched from
	std::int64_t job_at = 0;
	bool job_captures = false;
	bool was_doubted = false; // a beacon did not count, and that was told; not on the disk

	bool operator==(room_record const&) const = default;
};

class room_state
{
public:
	// The most machines that are kept. Of the others that nobody named the one that was seen first goes.
	static constexpr std::size_t max_records = 20'000;

	// Makes ROOM/state if it is not there. fault::refused for a file that is wrong, fault::target for a
	// folder that cannot be written, or
	// that another program has open.
	static result<room_state> open(std::string const& folder);

	// By hardware address.
	std::map<std::string, room_record> records;

	// The turn that new records begin with: above that of every record that was dropped, so that what is said
	// of a job from before is late. A record that was made and not saved comes back with the turn it had.
	std::uint64_t next_turn = 1;

	// Removes the record and raises next_turn above its turn. To be saved, or it is there again.
	void drop(std::map<std::string, room_record>::const_iterator record);

	// 32 bytes that no other room has, made at the first start: job tokens are made with it.
	std::string const& secret() const { return m_secret; }

	// fault::target; the old file stays.
	result<void> save() const;

private:
	unique_fd m_lock;
	std::string m_path;
	std::string m_secret;
};

} // namespace rawswarm
