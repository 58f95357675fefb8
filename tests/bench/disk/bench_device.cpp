// SPDX-License-Identifier: BSD-3-Clause
#include "tests/bench/disk/bench_device.hpp"

#include "base/unique_fd.hpp"
#include "storage/device/device_probe.hpp"
#include "tests/support/base/child_process.hpp"
#include "tests/support/base/throw_errno.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace rawswarm::bench
{

namespace
{

// Space beside the image for the file system itself.
constexpr std::uint64_t room_for_a_file_system = std::uint64_t(64) * 1024 * 1024;

void fill_with_zeros(std::string const& path, std::uint64_t const size)
{
	unique_fd const fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
	std::string const zeros(1024 * 1024, '\0');
	for (std::uint64_t at = 0; at < size; at += zeros.size())
	{
		if (!fd || ::pwrite(fd.get(), zeros.data(), zeros.size(), off_t(at)) != ssize_t(zeros.size()))
		{
			test::throw_errno("filling " + path);
		}
	}
	if (::fsync(fd.get()) != 0)
	{
		test::throw_errno("syncing " + path);
	}
}

// Makes the kernel detach the loop device on its last close, so also if a signal ends the bench.
void detach_with(unique_fd& fd, std::string const& path)
{
	fd = unique_fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
	loop_info64 info{};
	if (!fd || ::ioctl(fd.get(), LOOP_GET_STATUS64, &info) != 0)
	{
		test::throw_errno("asking for the state of " + path);
	}
	info.lo_flags |= LO_FLAGS_AUTOCLEAR;
	if (::ioctl(fd.get(), LOOP_SET_STATUS64, &info) != 0)
	{
		test::throw_errno("setting the state of " + path);
	}
}

// A folder on a tmpfs: the bench's own, or, without root, the one that every machine has.
class folder_in_memory
{
public:
	explicit folder_in_memory(std::uint64_t const size)
	{
		if (::geteuid() == 0)
		{
			m_mount.emplace(size);
			m_path = m_mount->path();
		}
		else if (!::mkdtemp(m_path.data()))
		{
			test::throw_errno("creating " + m_path);
		}
	}

	~folder_in_memory()
	{
		if (!m_mount)
		{
			std::error_code ignored;
			std::filesystem::remove_all(m_path, ignored);
		}
	}

	folder_in_memory(folder_in_memory const&) = delete;
	folder_in_memory& operator=(folder_in_memory const&) = delete;

	std::string const& path() const { return m_path; }

private:
	std::optional<test::scoped_tmpfs> m_mount;
	std::string m_path = "/dev/shm/rsXXXXXX";
};

class memory_device_of_bench final : public bench_device
{
public:
	explicit memory_device_of_bench(std::uint64_t const size)
		: m_size(size)
		, m_folder(size + room_for_a_file_system)
	{
		std::filesystem::create_directory(m_folder.path() + "/disk");
	}

	char const* name() const override { return "memory"; }
	device_profile profile() const override { return profile_for(device_kind::image_file); }

	void prepare(run_options& options) override
	{
		options.folder = m_folder.path();
		options.device = m_folder.path() + "/disk/0x00000000";
		fill_with_zeros(options.device, m_size);
	}

	device_counts finish() override { return {}; }

private:
	std::uint64_t m_size;
	folder_in_memory m_folder;
};

// A loop device, raw for rawswarm and with a file system for the others.
class raw_or_file_system
{
public:
	raw_or_file_system(std::string const& backing, std::uint64_t const size, bool const direct)
		: m_size(size)
		, m_loop(backing, {.direct = direct})
	{
		detach_with(m_open, m_loop.path());
	}

	void prepare(run_options& options)
	{
		options.device = m_loop.path();
		if (!is_ours(options.which))
		{
			test::run_checked({"mkfs.ext4", "-q", "-F", "-O", "^has_journal", "-E",
				"lazy_itable_init=0,nodiscard", "-m", "0", m_loop.path()});
			m_mount.emplace(m_loop.path(), "ext4");
			std::filesystem::create_directory(*m_mount / "disk");
			fill_with_zeros(*m_mount / "disk/0x00000000", m_size);
			// Mounted again, so that the page cache holds nothing of the file. Pages that stay there after
			// the file was filled in large writes are later written back in small ones, which made
			// libtorrent's backends seven times slower on the disk with seek costs.
			m_mount.reset();
			m_mount.emplace(m_loop.path(), "ext4");
			options.folder = m_mount->path();
		}
		// only this device: others of the machine may be busy
		if (::fsync(m_open.get()) != 0)
		{
			test::throw_errno("syncing " + m_loop.path());
		}
		m_writes = writes();
	}

	std::int64_t finish()
	{
		auto const seen = writes() - m_writes;
		m_mount.reset();
		return seen;
	}

private:
	// The kernel's Documentation/block/stat.rst: the fifth number is that of write requests.
	std::int64_t writes() const
	{
		auto const name = std::filesystem::path(m_loop.path()).filename().string();
		std::ifstream stat("/sys/class/block/" + name + "/stat");
		std::int64_t n = 0;
		for (int i = 0; i < 5; ++i)
		{
			stat >> n;
		}
		return n;
	}

	std::uint64_t m_size;
	unique_fd m_open; // closed after the loop device is detached, so that its number is not reused before
	test::loop_device m_loop;
	std::optional<test::scoped_mount> m_mount;
	std::int64_t m_writes = 0;
};

class tmpfs_loop final : public bench_device
{
public:
	explicit tmpfs_loop(std::uint64_t const size)
		: m_tmpfs(size + 2 * room_for_a_file_system)
	{
		auto const backing = m_tmpfs / "backing";
		fill_with_zeros(backing, size + room_for_a_file_system);
		m_loop.emplace(backing, size, false);
	}

	char const* name() const override { return "loop"; }
	device_profile profile() const override { return profile_for(device_kind::virtual_disk); }
	void prepare(run_options& options) override { m_loop->prepare(options); }
	device_counts finish() override { return {.writes = m_loop->finish()}; }

private:
	test::scoped_tmpfs m_tmpfs;
	std::optional<raw_or_file_system> m_loop;
};

// Over a seek_disk.
class slow_loop final : public bench_device
{
public:
	slow_loop(char const* const name, device_kind const kind, seek_disk_options const& options)
		: m_name(name)
		, m_kind(kind)
		, m_disk({options.size + room_for_a_file_system, options.seek, options.bytes_per_second})
		, m_loop(m_disk.file(), options.size, true)
	{}

	char const* name() const override { return m_name; }
	device_profile profile() const override { return profile_for(m_kind); }

	void prepare(run_options& options) override
	{
		m_loop.prepare(options);
		m_before = m_disk.counts();
		m_disk.set_slow(true);
		options.on_measured = [this] { m_disk.set_slow(false); };
	}

	device_counts finish() override
	{
		m_disk.set_slow(false);
		auto const after = m_disk.counts();
		return {m_loop.finish(), after.seeks - m_before.seeks, after.requests - m_before.requests,
			after.reads - m_before.reads, after.busy_seconds - m_before.busy_seconds};
	}

private:
	char const* m_name;
	device_kind m_kind;
	seek_disk m_disk;
	raw_or_file_system m_loop;
	seek_disk_counts m_before;
};

class device_of_the_machine final : public bench_device
{
public:
	explicit device_of_the_machine(std::string path)
		: m_path(std::move(path))
	{}

	char const* name() const override { return "path"; }
	device_profile profile() const override { return profile_for(kind_of(m_path)); }
	void prepare(run_options& options) override { options.device = m_path; }
	device_counts finish() override { return {}; }

private:
	std::string m_path;
};

} // namespace

std::unique_ptr<bench_device> make_memory_device(std::uint64_t const size)
{
	return std::make_unique<memory_device_of_bench>(size);
}

std::unique_ptr<bench_device> make_loop_device(std::uint64_t const size)
{
	return std::make_unique<tmpfs_loop>(size);
}

std::unique_ptr<bench_device> make_seek_device(std::uint64_t const size)
{
	return std::make_unique<slow_loop>("seek", device_kind::hdd, seek_disk_options{.size = size});
}

std::unique_ptr<bench_device> make_steady_device(std::uint64_t const size)
{
	return std::make_unique<slow_loop>("steady", device_kind::sata_ssd,
		seek_disk_options{.size = size, .seek = {}, .bytes_per_second = 40e6});
}

std::unique_ptr<bench_device> take_device(std::string const& path)
{
	return std::make_unique<device_of_the_machine>(path);
}

} // namespace rawswarm::bench
