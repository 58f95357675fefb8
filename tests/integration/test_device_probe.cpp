// SPDX-License-Identifier: BSD-3-Clause
// Probing the devices of this machine.

#include "storage/device/device_probe.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/device/loop_device.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>

namespace rawswarm
{

TEST(device_probe, a_loop_over_memory_is_virtual)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	test::scoped_tmpfs const memory(4 * 1024 * 1024);
	test::write_sparse_file(memory / "image", 1024 * 1024);
	test::loop_device const loop(memory / "image");
	EXPECT_EQ(kind_of(loop.path()), device_kind::virtual_disk);
}

// A loop device has the kind of the device that its file lies on, whatever that is here.
TEST(device_probe, a_loop_is_of_the_kind_of_the_device_that_its_file_lies_on)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	test::loop_device const loop(1024 * 1024);
	struct stat file = {};
	ASSERT_EQ(::stat(loop.backing_file().c_str(), &file), 0);
	EXPECT_EQ(kind_of(loop.path()), kind_of(block_device_id::of(file.st_dev)));
	EXPECT_EQ(kind_of(loop.backing_file()), device_kind::image_file);
}

} // namespace rawswarm
