// SPDX-License-Identifier: BSD-3-Clause
// Writes the volumes of a job, once every image is on its device and nobody is served any more.
//
// One thread at a time. Devices are claimed before the first byte of the job is written to any of them, but
// for those that exist only once a partition table or an image is there.
#pragma once

#include "agent/job/plan_volumes.hpp"
#include "base/result.hpp"
#include "storage/device/block_device.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace rawswarm
{

class volume_writer
{
public:
	volume_writer(std::vector<planned_volume> volumes, direct_writes direct);

	// Claims the devices on partitions that the job makes, or all others that exist. The first error ends it.
	result<void> open(bool on_new_partitions);

	// Blocking, once. Finds and checks the partitions that images brought, before any volume is written. Then
	// each volume is written as it is, signatures of earlier uses behind it are wiped, the device is synced,
	// and what it returns past every cache is compared (fault::verification). Its device is closed then, and
	// the kernel shows the partitions of a disk. written: called after each, with its place and its path. A
	// request to stop lets the volume be written that has begun.
	result<void> write(std::function<void(std::size_t volume, std::string const& device)> const& written,
		std::stop_token const& stop);

private:
	struct open_volume
	{
		planned_volume plan;
		std::unique_ptr<block_device> device; // null: not open yet, or written already
	};

	result<void> open(open_volume& volume);
	result<void> open_on_images();

	std::vector<open_volume> m_volumes;
	direct_writes m_direct;
};

} // namespace rawswarm
