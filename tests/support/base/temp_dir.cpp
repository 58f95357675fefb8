// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/base/temp_dir.hpp"

#include "base/unique_fd.hpp"
#include "tests/support/base/throw_errno.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace rawswarm::test
{

namespace fs = std::filesystem;

temp_dir::temp_dir()
{
	auto name = ::testing::TempDir() + "rsXXXXXX";
	if (::mkdtemp(name.data()) == nullptr)
	{
		throw_errno("creating " + name);
	}
	m_path = name;
}

temp_dir::~temp_dir()
{
	std::error_code ignored;
	fs::remove_all(m_path, ignored);
}

std::string read_file(fs::path const& path)
{
	std::ifstream in(path, std::ios::binary);
	if (!in)
	{
		throw_errno("opening " + path.string());
	}
	return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

void write_file(fs::path const& path, std::string_view bytes)
{
	if (path.has_parent_path())
	{
		fs::create_directories(path.parent_path());
	}
	std::ofstream out(path, std::ios::binary | std::ios::trunc);
	out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
	out.close();
	if (!out)
	{
		throw_errno("writing " + path.string());
	}
}

void write_sparse_file(fs::path const& path, std::uint64_t size)
{
	write_file(path, {});
	fs::resize_file(path, size);
}

void write_at(fs::path const& path, std::uint64_t offset, std::string_view bytes)
{
	unique_fd const fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
	if (!fd)
	{
		throw_errno("opening " + path.string());
	}
	while (!bytes.empty())
	{
		auto const n = ::pwrite(fd.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
		if (n <= 0)
		{
			throw_errno("writing " + path.string());
		}
		bytes.remove_prefix(static_cast<std::size_t>(n));
		offset += static_cast<std::uint64_t>(n);
	}
	if (::fsync(fd.get()) != 0)
	{
		throw_errno("syncing " + path.string());
	}
}

std::string read_at(fs::path const& path, std::uint64_t offset, std::size_t length)
{
	unique_fd const fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
	if (!fd)
	{
		throw_errno("opening " + path.string());
	}
	std::string bytes(length, '\0');
	for (std::size_t at = 0; at < length;)
	{
		auto const n = ::pread(fd.get(), bytes.data() + at, length - at, static_cast<off_t>(offset + at));
		if (n <= 0)
		{
			throw_errno("reading " + path.string());
		}
		at += static_cast<std::size_t>(n);
	}
	return bytes;
}

} // namespace rawswarm::test
