// SPDX-License-Identifier: BSD-3-Clause
// Loop devices and mounts that are removed with the object. They need root; a test that uses them begins
// with SKIP_WITHOUT_LOOP_DEVICES().
//
// Errors are thrown (std::system_error, std::runtime_error with the tool's own words).
#pragma once

#include "tests/support/base/temp_dir.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace rawswarm::test
{

struct loop_options
{
	bool read_only = false;
	int sector_size = 0; // bytes; 0: the kernel's default, 512
	bool direct = false; // past the page cache of the file below
	bool partition_scan = false; // the kernel reads partition tables, if it has parsers for them
};

class loop_device
{
public:
	// Over a new sparse file of `size` bytes, which is removed with the device.
	explicit loop_device(std::uint64_t size, loop_options const& options = {});

	// Over a file that exists and stays. The partitions are removed with the device.
	explicit loop_device(std::string backing_file, loop_options const& options = {});

	~loop_device();
	loop_device(loop_device const&) = delete;
	loop_device& operator=(loop_device const&) = delete;

	std::string const& path() const { return m_path; }
	std::string const& backing_file() const { return m_backing_file; }

private:
	void attach(loop_options const& options);

	std::optional<temp_dir> m_dir;
	std::string m_backing_file;
	std::string m_path;
};

// The reason why no loop devices can be made here, or empty. Tried once.
std::string const& why_no_loop_devices();
bool loop_devices_available();

// Mounted on a new folder from construction to destruction.
class scoped_mount
{
public:
	scoped_mount(std::string const& source, std::string const& type, std::string const& options = {},
		bool read_only = false);
	~scoped_mount();
	scoped_mount(scoped_mount const&) = delete;
	scoped_mount& operator=(scoped_mount const&) = delete;

	std::string const& path() const { return m_path; }
	std::string operator/(std::string_view name) const { return m_path + "/" + std::string(name); }

private:
	temp_dir m_dir;
	std::string m_path;
};

// A file system in memory with space for `size` bytes.
class scoped_tmpfs : public scoped_mount
{
public:
	explicit scoped_tmpfs(std::uint64_t size);
};

} // namespace rawswarm::test

// A macro because GTEST_SKIP returns from the function that it stands in.
#define SKIP_WITHOUT_LOOP_DEVICES() \
	if (!::rawswarm::test::loop_devices_available()) \
	GTEST_SKIP() << "no loop devices: " << ::rawswarm::test::why_no_loop_devices()
