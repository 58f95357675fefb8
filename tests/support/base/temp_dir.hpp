// SPDX-License-Identifier: BSD-3-Clause
// A temporary folder for one test, removed with everything in it, and whole files in one call.
//
// Errors are thrown (std::system_error): a test that cannot have its files has failed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace rawswarm::test
{

// Under ::testing::TempDir(), with a short name (the path of a Unix socket has at most 107 bytes).
class temp_dir
{
public:
	temp_dir();
	~temp_dir(); // nothing may be mounted below any more
	temp_dir(temp_dir const&) = delete;
	temp_dir& operator=(temp_dir const&) = delete;

	std::filesystem::path const& path() const { return m_path; }
	std::string operator/(std::string_view name) const { return (m_path / name).string(); }

private:
	std::filesystem::path m_path;
};

std::string read_file(std::filesystem::path const& path);

// Creates or truncates the file. Missing folders are made.
void write_file(std::filesystem::path const& path, std::string_view bytes);

// A file of `size` zeros that takes no space.
void write_sparse_file(std::filesystem::path const& path, std::uint64_t size);

// Overwrites bytes of a file or device that exists, and syncs it.
void write_at(std::filesystem::path const& path, std::uint64_t offset, std::string_view bytes);

// Reads exactly `length` bytes of a file or device.
std::string read_at(std::filesystem::path const& path, std::uint64_t offset, std::size_t length);

} // namespace rawswarm::test
