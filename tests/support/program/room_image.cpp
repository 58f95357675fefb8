// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/program/room_image.hpp"

#include "tests/support/base/child_process.hpp"
#include "tests/support/base/random_bytes.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <vector>

namespace rawswarm::test
{

namespace
{

constexpr std::size_t mebibyte = 1024 * 1024;
constexpr char half_of_the_bits = 0x0f;

} // namespace

void write_random_image(std::string const& path, int const mib, image_content const content)
{
	std::ofstream out(path, std::ios::binary);
	for (int i = 0; i < mib; ++i)
	{
		auto bytes = random_bytes(static_cast<std::uint64_t>(i) + 1, mebibyte);
		if (content == image_content::compressible)
		{
			std::ranges::for_each(bytes, [](char& c) { c = static_cast<char>(c & half_of_the_bits); });
		}
		out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
	}
	if (!out.flush())
	{
		throw std::runtime_error("writing " + path);
	}
}

image_files make_image(
	std::string const& folder, int const mib, int const piece_size, image_content const content)
{
	image_files made;
	made.image = folder + "/image";
	made.torrent = folder + "/image.torrent";
	made.bytes = std::int64_t(mib) * std::int64_t(mebibyte);
	made.piece_size = piece_size;
	write_random_image(made.image, mib, content);
	std::vector<std::string> command{rawswarm_command({}).argv.front(), "create", made.image, "-o",
		made.torrent, "--piece-size", std::to_string(piece_size)};
	if (content == image_content::compressible)
	{
		made.compressed = folder + "/image.zst";
		command.emplace_back("--compress");
	}
	run_checked(command);
	return made;
}

bool is_equal(std::string const& target, std::string const& image)
{
	if (std::filesystem::file_size(target) != std::filesystem::file_size(image))
	{
		return false;
	}
	std::ifstream a(target, std::ios::binary);
	std::ifstream b(image, std::ios::binary);
	std::vector<char> left(mebibyte);
	std::vector<char> right(mebibyte);
	while (b)
	{
		a.read(left.data(), std::ssize(left));
		b.read(right.data(), std::ssize(right));
		if (a.gcount() != b.gcount() || !std::equal(left.begin(), left.begin() + a.gcount(), right.begin()))
		{
			return false;
		}
	}
	return b.eof();
}

} // namespace rawswarm::test
