// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/write_volumes.hpp"

#include "agent/job/image_partition.hpp"
#include "agent/job/old_signatures.hpp"
#include "agent/log/log.hpp"
#include "agent/machine/whole_disk.hpp"
#include "base/format_size.hpp"
#include "storage/device/open_device.hpp"
#include "storage/device/page_buffer.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>

namespace rawswarm
{

namespace
{

// Of one read or write: whole pages, so that it goes past the page cache. Initial value, not measured.
constexpr std::size_t step_bytes = std::size_t(1024) * 1024;

result<void> write_bytes(block_device& device, std::string_view const bytes)
{
	page_buffer buffer(step_bytes);
	for (std::size_t at = 0; at < bytes.size(); at += step_bytes)
	{
		auto const part = bytes.substr(at, step_bytes);
		std::memcpy(buffer.data(), part.data(), part.size());
		iovec const whole{buffer.data(), part.size()};
		BOOST_OUTCOME_TRYV(device.write(device_offset{at}, {&whole, 1}));
	}
	return success();
}

result<void> compare(block_device& device, std::string_view const bytes)
{
	page_buffer buffer(step_bytes);
	for (std::size_t at = 0; at < bytes.size(); at += step_bytes)
	{
		auto const part = bytes.substr(at, step_bytes);
		BOOST_OUTCOME_TRYV(device.read_medium(device_offset{at}, {buffer.data(), part.size()}));
		auto const [wrong, right] = std::mismatch(part.begin(), part.end(), buffer.data());
		if (wrong != part.end())
		{
			return fail(fault::verification,
				"verifying {}: the volume differs at {:#x} from what was written", device.path(),
				at + static_cast<std::size_t>(wrong - part.begin()));
		}
	}
	return success();
}

// With what a person should know.
result<std::string> put(block_device& device, planned_volume const& volume)
{
	BOOST_OUTCOME_TRYV(write_bytes(device, volume.bytes));
	BOOST_OUTCOME_TRY(wiped, wipe_old_signatures(device, volume.extents));
	BOOST_OUTCOME_TRYV(device.sync());
	BOOST_OUTCOME_TRYV(compare(device, volume.bytes));
	if (!wiped.wiped.empty())
	{
		log::get(log::component::agent)
			.info("{}: wiped signatures of earlier uses: {}", device.path(), wiped.wiped);
	}
	return wiped.unread.empty() ? std::string() : note_on_unread(wiped.unread);
}

void warn(std::string const& device, std::string const& text)
{
	if (!text.empty())
	{
		log::get(log::component::agent).warn("{}: {}", device, text);
	}
}

} // namespace

volume_writer::volume_writer(std::vector<planned_volume> volumes, direct_writes const direct)
	: m_direct(direct)
{
	for (auto& volume : volumes)
	{
		m_volumes.push_back({std::move(volume), nullptr});
	}
}

result<void> volume_writer::open(open_volume& volume)
{
	auto const& plan = volume.plan;
	BOOST_OUTCOME_TRY(device, open_target(plan.spec.device, plan.extents, {"0"}, m_direct));
	volume.device = std::move(device);
	return success();
}

result<void> volume_writer::open(bool const on_new_partitions)
{
	for (auto& volume : m_volumes)
	{
		if (!volume.plan.of_image && volume.plan.partition_to_make.has_value() == on_new_partitions)
		{
			BOOST_OUTCOME_TRYV(open(volume));
		}
	}
	return success();
}

result<void> volume_writer::open_on_images()
{
	for (auto& volume : m_volumes)
	{
		if (!volume.plan.of_image)
		{
			continue;
		}
		BOOST_OUTCOME_TRY(path, find_image_partition(*volume.plan.of_image));
		bool const is_taken = std::ranges::any_of(m_volumes,
			[&path](open_volume const& other) { return other.device && other.device->path() == path; });
		if (is_taken)
		{
			return fail(fault::target, "opening {}: another volume goes there", path);
		}
		volume.plan.spec.device = std::move(path);
		BOOST_OUTCOME_TRYV(open(volume));
	}
	return success();
}

result<void> volume_writer::write(
	std::function<void(std::size_t volume, std::string const& device)> const& written,
	std::stop_token const& stop)
{
	BOOST_OUTCOME_TRYV(open_on_images());
	for (std::size_t i = 0; i < m_volumes.size() && !stop.stop_requested(); ++i)
	{
		auto& [plan, device] = m_volumes[i];
		auto const& path = plan.spec.device;
		BOOST_OUTCOME_TRY(note, put(*device, plan));
		warn(path, note);
		device.reset(); // others may claim it from now on
		BOOST_OUTCOME_TRY(shown, show_partitions(path));
		warn(path, shown);
		log::get(log::component::agent)
			.info("{}: has the volume {}, {}", path, describe(plan.spec.source),
				format_size(static_cast<std::int64_t>(plan.bytes.size())));
		std::string().swap(plan.bytes); // the tools that follow need the memory
		written(i, path);
	}
	return success();
}

} // namespace rawswarm
