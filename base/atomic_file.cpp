// SPDX-License-Identifier: BSD-3-Clause
#include "base/atomic_file.hpp"

#include "base/unique_fd.hpp"

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace rawswarm
{

namespace
{

std::string folder_of(std::string const& path)
{
	auto const folder = std::filesystem::path(path).parent_path();
	return folder.empty() ? "." : folder.string();
}

error failed(std::string const& path)
{
	return fail(fault::target, system_error(errno), "writing {}", path);
}

int open_fresh(std::string const& path, mode_t const mode)
{
	::unlink(path.c_str()); // left by a program that was killed
	return ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
}

bool sync_folder(std::string const& path)
{
	unique_fd const folder(::open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	// A file system that cannot sync folders says EINVAL.
	return folder && (::fsync(folder.get()) == 0 || errno == EINVAL);
}

} // namespace

// Removed by the destructor unless it has its final name.
class atomic_file::temporary_file
{
public:
	temporary_file(std::string const& beside, mode_t const mode)
		: m_path(fmt::format("{}.{}.part", beside, ::getpid()))
		, m_fd(open_fresh(m_path, mode))
	{}

	~temporary_file()
	{
		if (m_fd && !m_renamed)
		{
			::unlink(m_path.c_str());
		}
	}

	temporary_file(temporary_file const&) = delete;
	temporary_file& operator=(temporary_file const&) = delete;

	bool is_open() const { return static_cast<bool>(m_fd); }

	bool write(std::string_view bytes)
	{
		while (!bytes.empty())
		{
			ssize_t const written = ::write(m_fd.get(), bytes.data(), bytes.size());
			if (written < 0 && errno != EINTR)
			{
				return false;
			}
			bytes.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
		}
		return true;
	}

	bool sync() { return ::fsync(m_fd.get()) == 0; }

	bool rename_to(std::string const& path)
	{
		m_renamed = std::rename(m_path.c_str(), path.c_str()) == 0;
		return m_renamed;
	}

private:
	std::string m_path;
	unique_fd m_fd;
	bool m_renamed = false;
};

result<void> check_writable(std::string const& path)
{
	struct stat status = {};
	if (::stat(path.c_str(), &status) == 0)
	{
		if (!S_ISREG(status.st_mode))
		{
			return fail(fault::target, "writing {}: there is something there that is not a file", path);
		}
	}
	else if (errno != ENOENT)
	{
		return failed(path);
	}
	if (std::filesystem::path(path).filename().empty())
	{
		return fail(fault::target, "writing {}: not the name of a file", path);
	}
	if (::access(folder_of(path).c_str(), W_OK | X_OK) != 0)
	{
		return failed(path);
	}
	return success();
}

result<void> rename_for_good(std::string const& from, std::string const& to)
{
	if (std::rename(from.c_str(), to.c_str()) != 0 || !sync_folder(to))
	{
		return failed(to);
	}
	return success();
}

namespace
{

// A link to the new name fails if something has it, on any file system that has links. Between the two calls
// the file has both names, which is what a power cut may leave.
bool link_and_unlink(std::string const& from, std::string const& to)
{
	if (::link(from.c_str(), to.c_str()) != 0)
	{
		return false;
	}
	if (::unlink(from.c_str()) == 0)
	{
		return true;
	}
	int const why = errno;
	::unlink(to.c_str());
	errno = why;
	return false;
}

// NFS, many FUSE file systems and kernels before 3.15 know no RENAME_NOREPLACE (renameat2(2)).
bool rename_new(std::string const& from, std::string const& to)
{
	if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0)
	{
		return true;
	}
	return (errno == EINVAL || errno == ENOSYS) && link_and_unlink(from, to);
}

} // namespace

result<void> rename_new_for_good(std::string const& from, std::string const& to)
{
	if (!rename_new(from, to))
	{
		return failed(to);
	}
	if (!sync_folder(to))
	{
		auto const why = failed(to);
		(void)rename_new(to, from); // the first failure is the one to tell
		return why;
	}
	return success();
}

result<atomic_file> atomic_file::create(std::string path, mode_t const mode)
{
	auto file = std::make_unique<temporary_file>(path, mode);
	if (!file->is_open())
	{
		return failed(path);
	}
	return atomic_file(std::move(path), std::move(file));
}

atomic_file::atomic_file(std::string path, std::unique_ptr<temporary_file> file)
	: m_path(std::move(path))
	, m_file(std::move(file))
{}

atomic_file::atomic_file(atomic_file&& other) noexcept = default;
atomic_file& atomic_file::operator=(atomic_file&& other) noexcept = default;
atomic_file::~atomic_file() = default;

result<void> atomic_file::write(std::string_view const bytes)
{
	if (!m_file->write(bytes))
	{
		return failed(m_path);
	}
	return success();
}

result<void> atomic_file::commit()
{
	if (!m_file->sync() || !m_file->rename_to(m_path) || !sync_folder(m_path))
	{
		return failed(m_path);
	}
	return success();
}

result<void> write_atomically(std::string const& path, std::string_view const bytes, mode_t const mode)
{
	BOOST_OUTCOME_TRY(file, atomic_file::create(path, mode));
	BOOST_OUTCOME_TRYV(file.write(bytes));
	return file.commit();
}

} // namespace rawswarm
