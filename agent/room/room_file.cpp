// SPDX-License-Identifier: BSD-3-Clause
#include "agent/room/room_file.hpp"

#include "agent/beacon/beacon_mac.hpp"
#include "agent/beacon/secret_file.hpp"
#include "agent/room/job_signer.hpp"
#include "agent/room/room_images.hpp"
#include "agent/room/room_job.hpp"
#include "agent/room/room_members.hpp"
#include "agent/room/room_parse.hpp"
#include "agent/room/room_rules.hpp"
#include "base/read_file.hpp"

#include <filesystem>
#include <utility>

namespace rawswarm
{

namespace
{

namespace fs = std::filesystem;

constexpr std::size_t max_key_bytes = 4096; // minisign's have 212

std::string name_of_folder(std::string const& folder)
{
	std::error_code ec;
	auto const name = fs::weakly_canonical(folder, ec).filename().string();
	return is_room_name(name) ? name : "room";
}

// What is said in several places may be wrong only together.
result<void> check_jobs(room_description const& room, json_location const& root)
{
	for (auto const& [name, machine] : room.machines)
	{
		auto const* const image = room.image(image_of(room, machine));
		if (image == nullptr || !image->error.empty())
		{
			continue;
		}
		if (auto const good = check_room_job(room, machine, *image); !good)
		{
			return root.member("machines")
				.member(name)
				.refuse("the job that follows for it is wrong: {}", good.error().text);
		}
	}
	return success();
}

result<void> read_keys(room_description& room)
{
	for (auto* const file : {&room.key_file, &room.swarm_key_file, &room.job_key})
	{
		*file = file->empty() ? *file : (fs::path(room.folder) / *file).string();
	}
	if (!room.key_file.empty())
	{
		BOOST_OUTCOME_TRY(key, read_beacon_key(room.key_file));
		room.beacon_key = std::move(key);
	}
	if (!room.swarm_key_file.empty())
	{
		BOOST_OUTCOME_TRY(key, read_room_key(room.swarm_key_file));
		room.swarm_key = std::move(key);
	}
	if (!room.job_key.empty())
	{
		BOOST_OUTCOME_TRY(text, read_file(room.job_key, max_key_bytes, "the key"));
		BOOST_OUTCOME_TRY(signer, job_signer::parse(text, room.job_key));
		room.signer = std::make_shared<job_signer const>(signer);
	}
	return success();
}

} // namespace

result<room_description> parse_room(std::string_view const text, std::string_view const name)
{
	auto const root = json_location::in_document(name);
	BOOST_OUTCOME_TRY(written, read_room_text(text, root));
	return join_members(std::move(written), root);
}

result<room_description> read_room(std::string const& folder)
{
	auto const path = (fs::path(folder) / "room.json").string();
	auto const root = json_location::in_document(path);
	BOOST_OUTCOME_TRY(text, read_file(path, max_room_bytes));
	BOOST_OUTCOME_TRY(written, read_room_text(text, root));
	BOOST_OUTCOME_TRY(images, find_images(folder, written.images));
	BOOST_OUTCOME_TRYV(check_images_exist(written, images, root));
	written.images = std::move(images);
	BOOST_OUTCOME_TRY(room, join_members(std::move(written), root));
	room.folder = folder;
	room.name = room.name.empty() ? name_of_folder(folder) : room.name;
	BOOST_OUTCOME_TRYV(read_keys(room));
	BOOST_OUTCOME_TRYV(check_jobs(room, root));
	return room;
}

} // namespace rawswarm
