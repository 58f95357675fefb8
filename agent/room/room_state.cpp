// SPDX-License-Identifier: BSD-3-Clause
#include "agent/room/room_state.hpp"

#include "agent/manifest/json_reader.hpp"
#include "agent/room/room.hpp"
#include "base/atomic_file.hpp"
#include "base/read_file.hpp"
#include "base/text.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

namespace rawswarm
{

namespace
{

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::size_t max_state_bytes = std::size_t(64) * 1024 * 1024; // 20,000 machines with long errors
constexpr std::size_t max_state_depth = 4;
constexpr std::size_t secret_bytes = 32; // a key of HMAC-SHA256 (RFC 2104, section 3)

struct state_reading
{};

template <class T>
using state_key = json_key<T, state_reading>;

template <auto Member>
result<void> text_of(json const& value, json_location const& at, state_reading const&, room_record& out)
{
	BOOST_OUTCOME_TRY(text, read_string(value, at));
	out.*Member = std::move(text);
	return success();
}

template <auto Member>
result<void> number_of(json const& value, json_location const& at, state_reading const&, room_record& out)
{
	BOOST_OUTCOME_TRY(number, read_integer(value, at));
	if (number < 0)
	{
		return at.refuse("must not be negative");
	}
	out.*Member = static_cast<std::remove_reference_t<decltype(out.*Member)>>(number);
	return success();
}

result<void> read_captures(json const& value, json_location const& at, state_reading const&, room_record& out)
{
	BOOST_OUTCOME_TRY(yes, read_bool(value, at));
	out.job_captures = yes;
	return success();
}

constexpr state_key<room_record> record_keys[] = {
	{"order", text_of<&room_record::order>},
	{"capture", text_of<&room_record::capture>},
	{"given", text_of<&room_record::given>},
	{"given_info_hash", text_of<&room_record::given_info_hash>},
	{"given_at", number_of<&room_record::given_at>},
	{"settled", text_of<&room_record::settled>},
	{"seen_at", number_of<&room_record::seen_at>},
	{"host", text_of<&room_record::host>},
	{"ip", text_of<&room_record::ip>},
	{"serial", text_of<&room_record::serial>},
	{"uuid", text_of<&room_record::uuid>},
	{"error", text_of<&room_record::error>},
	{"error_code", number_of<&room_record::error_code>},
	{"error_at", number_of<&room_record::error_at>},
	{"turn", number_of<&room_record::turn>},
	{"job_image", text_of<&room_record::job_image>},
	{"job_settled", text_of<&room_record::job_settled>},
	{"job_ip", text_of<&room_record::job_ip>},
	{"job_at", number_of<&room_record::job_at>},
	{"job_captures", read_captures},
};

json record_json(room_record const& record)
{
	json out = json::object();
	for (auto const& [key, member] :
		{std::pair("order", &room_record::order), {"capture", &room_record::capture},
			{"given", &room_record::given}, {"given_info_hash", &room_record::given_info_hash},
			{"settled", &room_record::settled}, {"host", &room_record::host}, {"ip", &room_record::ip},
			{"serial", &room_record::serial}, {"uuid", &room_record::uuid}, {"error", &room_record::error},
			{"job_image", &room_record::job_image}, {"job_settled", &room_record::job_settled},
			{"job_ip", &room_record::job_ip}})
	{
		if (!(record.*member).empty())
		{
			out[key] = record.*member;
		}
	}
	for (auto const& [key, value] :
		{std::pair("given_at", record.given_at), {"seen_at", record.seen_at}, {"error_at", record.error_at},
			{"job_at", record.job_at}, {"error_code", std::int64_t(record.error_code)},
			{"turn", static_cast<std::int64_t>(record.turn)}})
	{
		if (value != 0)
		{
			out[key] = value;
		}
	}
	if (record.job_captures)
	{
		out["job_captures"] = true;
	}
	return out;
}

using record_map = std::map<std::string, room_record>;

struct state_text
{
	record_map records;
	std::optional<std::uint64_t> next_turn;
};

result<void> read_version(json const& value, json_location const& at, state_reading const&, state_text&)
{
	BOOST_OUTCOME_TRY(version, read_integer(value, at));
	return version == 1 ? result<void>(success()) : at.refuse("must be 1");
}

result<void> read_records(
	json const& value, json_location const& at, state_reading const& how, state_text& out)
{
	if (!value.is_object())
	{
		return at.refuse("must be an object");
	}
	for (auto const& item : value.items())
	{
		if (parse_mac(item.key()) != item.key())
		{
			return at.member(item.key()).refuse("is no hardware address");
		}
		BOOST_OUTCOME_TRYV(
			read_object(item.value(), at.member(item.key()), record_keys, how, out.records[item.key()]));
	}
	return success();
}

result<void> read_next_turn(json const& value, json_location const& at, state_reading const&, state_text& out)
{
	BOOST_OUTCOME_TRY(number, read_integer(value, at));
	if (number < 1)
	{
		return at.refuse("must be at least 1");
	}
	out.next_turn = static_cast<std::uint64_t>(number);
	return success();
}

constexpr state_key<state_text> state_keys[] = {
	{"version", read_version, true},
	{"machines", read_records, true},
	{"next_turn", read_next_turn},
};

// A file without it is of a version that began with the time, so that it is above what was dropped then.
std::uint64_t after_all(record_map const& records)
{
	std::uint64_t next = 1;
	for (auto const& [mac, record] : records)
	{
		next = std::max(next, record.turn + 1);
	}
	return next;
}

result<state_text> read_state(std::string const& path)
{
	BOOST_OUTCOME_TRY(text, read_file(path, max_state_bytes));
	auto const root = json_location::in_document(path);
	json document;
	BOOST_OUTCOME_TRYV(parse_json(text, {max_state_bytes, max_state_depth}, root, document));
	state_text out;
	BOOST_OUTCOME_TRYV(read_object(document, root, state_keys, state_reading(), out));
	return out;
}

bool exists(std::string const& path)
{
	std::error_code ec;
	return fs::exists(fs::symlink_status(path, ec));
}

// The secret that is there, or a new one.
result<std::string> secret_in(std::string const& path)
{
	if (exists(path))
	{
		BOOST_OUTCOME_TRY(text, read_file(path, 2 * secret_bytes + 2));
		auto const secret = from_hex(trim(text));
		return secret && secret->size() == secret_bytes
			? result<std::string>(*secret)
			: fail(fault::refused, "reading {}: not the secret of a room", path);
	}
	std::array<unsigned char, secret_bytes> fresh{};
	if (RAND_bytes(fresh.data(), int(fresh.size())) != 1)
	{
		return fail(fault::internal, "making the secret of a room: there is no randomness");
	}
	BOOST_OUTCOME_TRYV(write_atomically(path, to_hex(fresh) + "\n", 0600));
	return std::string(fresh.begin(), fresh.end());
}

// One program at a time serves a room: held as long as the descriptor is open.
result<unique_fd> lock_folder(std::string const& path)
{
	unique_fd folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	if (!folder)
	{
		return fail(fault::target, system_error(errno), "opening {}", path);
	}
	if (::flock(folder.get(), LOCK_EX | LOCK_NB) != 0)
	{
		return errno == EWOULDBLOCK
			? fail(fault::target, "opening {}: another rawswarm serves this room", path)
			: fail(fault::target, system_error(errno), "locking {}", path);
	}
	return folder;
}

} // namespace

result<room_state> room_state::open(std::string const& folder)
{
	auto const place = (fs::path(folder) / "state").string();
	// It holds what opens the room to others.
	if (::mkdir(place.c_str(), 0700) != 0 && errno != EEXIST)
	{
		return fail(fault::target, system_error(errno), "making the folder {}", place);
	}
	room_state state;
	BOOST_OUTCOME_TRY(lock, lock_folder(place));
	state.m_lock = std::move(lock);
	state.m_path = (fs::path(place) / "machines.json").string();
	if (exists(state.m_path))
	{
		BOOST_OUTCOME_TRY(text, read_state(state.m_path));
		state.next_turn = text.next_turn.value_or(after_all(text.records));
		state.records = std::move(text.records);
	}
	BOOST_OUTCOME_TRY(secret, secret_in((fs::path(place) / "secret").string()));
	state.m_secret = std::move(secret);
	BOOST_OUTCOME_TRYV(check_writable(state.m_path));
	return state;
}

void room_state::drop(record_map::const_iterator const record)
{
	next_turn = std::max(next_turn, record->second.turn + 1);
	records.erase(record);
}

result<void> room_state::save() const
{
	auto machines = json::object();
	for (auto const& [mac, record] : records)
	{
		machines[mac] = record_json(record);
	}
	json const document{{"version", 1}, {"next_turn", static_cast<std::int64_t>(next_turn)},
		{"machines", std::move(machines)}};
	return write_atomically(m_path, document.dump(1, '\t', false, json::error_handler_t::replace) + "\n");
}

} // namespace rawswarm
