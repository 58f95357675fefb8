// SPDX-License-Identifier: BSD-3-Clause
#include "agent/manifest/manifest_targets.hpp"

#include <algorithm>
#include <filesystem>

namespace rawswarm
{

namespace
{

using nlohmann::json;

constexpr std::size_t max_volumes = 16; // initial value, not measured: small images of one machine

result<void> read_volume_device(
	json const& value, json_location const& at, reading const& how, manifest_volume& out)
{
	BOOST_OUTCOME_TRY(device, read_device(value, at, how));
	out.device = std::move(device.name);
	out.selector = std::move(device.selector);
	return success();
}

constexpr manifest_key<manifest_volume> volume_keys[] = {
	{"url", place<&manifest_volume::source>, required},
	{"sha256", text<check_sha256, &manifest_volume::sha256>, required},
	{"device", read_volume_device, required},
};

// As for targets: whether two selectors name one device is known only when they are resolved.
template <class Range>
bool is_device_of_one(std::string const& device, Range const& others)
{
	auto const path = [](std::string const& name) { return std::filesystem::path(name).lexically_normal(); };
	return std::ranges::any_of(others, [&](auto const& other) { return path(other.device) == path(device); });
}

} // namespace

result<void> read_volumes(json const& value, json_location const& at, reading const& how, manifest& out)
{
	if (value.is_array() && value.size() > max_volumes)
	{
		return at.refuse("must have at most {} elements", max_volumes);
	}
	return read_array(value, at, [&](json const& element, json_location const& where) -> result<void> {
		manifest_volume volume;
		BOOST_OUTCOME_TRYV(read_object(element, where, volume_keys, how, volume));
		if (is_device_of_one(volume.device, out.targets) || is_device_of_one(volume.device, out.volumes))
		{
			return where.member("device").refuse("the device of a target or of another volume already");
		}
		out.volumes.push_back(std::move(volume));
		return success();
	});
}

} // namespace rawswarm
