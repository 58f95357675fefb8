// SPDX-License-Identifier: BSD-3-Clause
#include "tests/bench/swarm/real_content.hpp"

#include "tests/support/base/child_process.hpp"
#include "tests/support/base/source_tree.hpp"

#include <fmt/format.h>
#include <libtorrent/hasher.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace rawswarm::bench
{

namespace
{

namespace fs = std::filesystem;

constexpr std::chrono::minutes time_to_download{60};
constexpr std::int64_t mebibyte = 1024 * 1024;
constexpr std::int64_t file_system_block = 4096;
constexpr std::int64_t inode = 256;

struct package_file
{
	lt::sha1_hash order; // by the path: mixes the packages
	fs::path path; // in the packages' folder
	std::int64_t bytes = 0; // that it takes of the payload
};

// Regular files that have one name: mkfs would store several names of a file as one.
std::vector<package_file> files_in(fs::path const& packages)
{
	std::vector<package_file> found;
	for (auto const& entry : fs::recursive_directory_iterator(packages))
	{
		if (!entry.is_symlink() && entry.is_regular_file() && entry.hard_link_count() == 1)
		{
			auto const blocks =
				(static_cast<std::int64_t>(entry.file_size()) + file_system_block - 1) / file_system_block;
			auto const path = entry.path().lexically_relative(packages);
			found.push_back({lt::hasher(path.string()).final(), path, blocks * file_system_block + inode});
		}
	}
	std::ranges::sort(found, [](auto const& a, auto const& b) { return a.order < b.order; });
	return found;
}

// Copies files until they and their folders take so many bytes.
void copy_sample(fs::path const& packages, fs::path const& to, std::int64_t const wanted)
{
	std::set<fs::path> folders;
	std::int64_t left = wanted;
	for (auto const& file : files_in(packages))
	{
		auto const folder = file.path.parent_path();
		auto const bytes = file.bytes + (folders.contains(folder) ? 0 : file_system_block);
		if (bytes <= left)
		{
			folders.insert(folder);
			fs::create_directories(to / folder);
			fs::copy_file(packages / file.path, to / file.path);
			left -= bytes;
		}
	}
	if (left > wanted / 50)
	{
		throw std::runtime_error(
			fmt::format("the packages of real_packages.txt have files for {} MiB, not {}",
				(wanted - left) / mebibyte, wanted / mebibyte));
	}
}

} // namespace

fs::path unpacked_packages()
{
	test::child_options options;
	options.argv = {test::source_tree() / "toolchain/unpacked_packages",
		test::source_tree() / "tests/bench/swarm/real_packages.txt"};
	auto const done = test::run(options, time_to_download);
	if (done.exit_code != 0)
	{
		throw std::runtime_error(done.err);
	}
	return done.out.substr(0, done.out.find('\n'));
}

room_content real_content(fs::path const& packages, content_settings const& settings)
{
	auto const files = fs::path(settings.folder) / "files";
	auto const image = settings.folder + "/image";
	copy_sample(packages, files, settings.mib * mebibyte);
	// with space for a journal and for inodes, which are zeros and no part of the payload
	auto const mib = settings.mib * 9 / 8 + 64;
	test::run_checked({"mkfs.ext4", "-q", "-F", "-m", "0", "-b", std::to_string(file_system_block), "-i",
		std::to_string(file_system_block), "-d", files.string(), image, fmt::format("{}M", mib)});
	fs::remove_all(files);
	return content_of(image, settings);
}

} // namespace rawswarm::bench
