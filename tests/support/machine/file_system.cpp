// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/machine/file_system.hpp"

#include "tests/support/base/child_process.hpp"
#include "tests/support/base/random_bytes.hpp"
#include "tests/support/base/temp_dir.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <vector>

namespace rawswarm::test
{

namespace
{

namespace fs = std::filesystem;

constexpr std::size_t mib = 1024 * 1024;
constexpr std::size_t filler_mib = 48; // written and deleted again

struct tools
{
	std::vector<std::string> make; // the device follows
	std::vector<std::string> check; // likewise; must end with 0
	std::vector<std::string> mount; // the device and the folder follow; empty: mtools copies files
};

tools tools_of(file_system_kind const kind)
{
	switch (kind)
	{
	case file_system_kind::ext4:
		return {{"mkfs.ext4", "-q", "-F"}, {"e2fsck", "-fn"}, {"mount", "-t", "ext4"}};
	case file_system_kind::xfs:
		return {{"mkfs.xfs", "-q", "-f"}, {"xfs_repair", "-n"}, {"mount", "-t", "xfs"}};
	case file_system_kind::btrfs:
		return {{"mkfs.btrfs", "-q", "-f"}, {"btrfs", "check", "--readonly"}, {"mount", "-t", "btrfs"}};
	case file_system_kind::fat32: return {{"mkfs.vfat", "-F", "32"}, {"fsck.vfat", "-n"}, {}};
	case file_system_kind::exfat: return {{"mkfs.exfat"}, {"fsck.exfat", "-n"}, {"mount.exfat-fuse"}};
	case file_system_kind::ntfs: return {{"mkfs.ntfs", "-q", "-F", "-f"}, {"ntfsfix", "-n"}, {"ntfs-3g"}};
	}
	return {};
}

void append(std::vector<std::string>& words, std::vector<std::string> const& more)
{
	words.insert(words.end(), more.begin(), more.end());
}

class mounted
{
public:
	mounted(file_system_kind const kind, std::string const& device)
	{
		auto words = tools_of(kind).mount;
		append(words, {device, m_folder.path().string()});
		run_checked(words);
	}
	~mounted() { run({"umount", m_folder.path().string()}); }
	mounted(mounted const&) = delete;
	mounted& operator=(mounted const&) = delete;

	std::string path() const { return m_folder.path().string(); }

private:
	temp_dir m_folder;
};

void append_to(fs::path const& file, std::string const& bytes)
{
	std::ofstream out(file, std::ios::binary | std::ios::app);
	out << bytes;
	if (!out.flush())
	{
		throw std::runtime_error("writing " + file.string());
	}
}

// Two files grow in turns, so that the one that stays is in pieces.
void fill(std::string const& folder, std::string const& tree)
{
	fs::path const root(folder);
	write_file(root / "filler", random_bytes(7, filler_mib * mib / 2));
	for (std::uint64_t i = 0; i < filler_mib / 2; ++i)
	{
		append_to(root / "fragments", random_bytes(1000 + i, 40'000));
		append_to(root / "filler2", random_bytes(2000 + i, mib));
		run_checked({"sync", "-f", folder});
	}
	run_checked({"cp", "-r", "--sparse=always", "--no-preserve=ownership", tree + "/.", folder});
	fs::remove(root / "filler");
	fs::remove(root / "filler2");
}

std::string fragments()
{
	std::string bytes;
	for (std::uint64_t i = 0; i < filler_mib / 2; ++i)
	{
		bytes += random_bytes(1000 + i, 40'000);
	}
	return bytes;
}

void fill_by_mtools(std::string const& device, std::string const& tree)
{
	temp_dir const dir;
	write_file(dir / "filler", random_bytes(7, filler_mib * mib));
	write_file(dir / "fragments", fragments());
	run_checked({"mcopy", "-i", device, dir / "filler", "::"});
	run_checked({"mcopy", "-i", device, dir / "fragments", "::"});
	run_checked({"sh", "-c", "mcopy -s -i \"$0\" \"$1\"/* ::", device, tree});
	run_checked({"mdel", "-i", device, "::filler"});
}

} // namespace

std::string name_of(file_system_kind const kind)
{
	switch (kind)
	{
	case file_system_kind::ext4: return "ext4";
	case file_system_kind::xfs: return "xfs";
	case file_system_kind::btrfs: return "btrfs";
	case file_system_kind::fat32: return "vfat";
	case file_system_kind::exfat: return "exfat";
	case file_system_kind::ntfs: return "ntfs";
	}
	return {};
}

std::string why_no_file_system(file_system_kind const kind)
{
	auto const [make, check, mount] = tools_of(kind);
	std::vector<std::string> needed{make.front(), check.front(), mount.empty() ? "mcopy" : mount.front()};
	if (kind != file_system_kind::ext4)
	{
		needed.push_back("partclone." + name_of(kind));
	}
	for (auto const& program : needed)
	{
		if (!program_exists(program))
		{
			return "no " + program;
		}
	}
	if (mount.size() == 3)
	{
		std::ifstream list("/proc/filesystems");
		std::string const known{std::istreambuf_iterator<char>(list), {}};
		if (known.find("\t" + mount.back() + "\n") == std::string::npos)
		{
			return "the kernel has no " + mount.back();
		}
	}
	return {};
}

void make_file_system(file_system_kind const kind, std::string const& device, std::string const& tree)
{
	auto words = tools_of(kind).make;
	words.push_back(device);
	run_checked(words);
	if (tools_of(kind).mount.empty())
	{
		fill_by_mtools(device, tree);
	}
	else
	{
		mounted const m(kind, device);
		fill(m.path(), tree);
	}
	run_checked({"sync", device});
}

void expect_file_system(file_system_kind const kind, std::string const& device, std::string const& tree)
{
	auto words = tools_of(kind).check;
	words.push_back(device);
	auto const checked = run(words);
	EXPECT_EQ(checked.exit_code, 0) << checked.out << checked.err;
	temp_dir const copy;
	auto folder = copy.path().string();
	std::unique_ptr<mounted> held;
	if (tools_of(kind).mount.empty())
	{
		run_checked({"mcopy", "-s", "-n", "-i", device, "::*", folder});
	}
	else
	{
		held = std::make_unique<mounted>(kind, device);
		folder = held->path();
	}
	EXPECT_TRUE(read_file(fs::path(folder) / "fragments") == fragments());
	auto const compared = run({"diff", "-r", "-x", "fragments", "-x", "lost+found", tree, folder});
	EXPECT_EQ(compared.exit_code, 0) << compared.out << compared.err;
}

void make_tree(std::string const& folder)
{
	fs::path const root(folder);
	fs::create_directories(root / "etc" / "deep" / "er");
	write_file(root / "etc" / "hostname", "golden\n");
	write_file(root / "etc" / "deep" / "er" / "empty", "");
	write_file(root / "naïve café.txt", "text\n");
	write_file(root / "large", random_bytes(3, 5 * mib + 321));
	write_sparse_file(root / "holes", 4 * mib);
	write_at(root / "holes", 2 * mib + 5, random_bytes(4, 9000));
	for (int i = 0; i < 100; ++i)
	{
		write_file(root / "many" / std::to_string(i),
			random_bytes(static_cast<std::uint64_t>(i), 100 * static_cast<std::size_t>(i)));
	}
}

} // namespace rawswarm::test
