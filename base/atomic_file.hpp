// SPDX-License-Identifier: BSD-3-Clause
// Writes a file so that it is on the medium whole, or not at all.
//
// The file is written under another name in the same folder, synced and renamed; an existing file is
// replaced. On failure nothing is left behind. Errors are fault::target.
#pragma once

#include "base/result.hpp"

#include <memory>
#include <string>
#include <string_view>

#include <sys/types.h>

namespace rawswarm
{

// Checks what can be checked before there is anything to write: the folder exists and is writable, and `path`
// is a regular file or does not exist yet.
result<void> check_writable(std::string const& path);

// mode: who may use it, less what the umask takes away. From the beginning: there is no moment in which
// others may read a file that is for its owner alone.
result<void> write_atomically(std::string const& path, std::string_view bytes, mode_t mode = 0666);

// Gives a file that is on the medium already its name in the same folder, for good. What has that name is
// replaced.
result<void> rename_for_good(std::string const& from, std::string const& to);

// The same, but nothing is replaced: what has that name already is an error (renameat2(2), or link(2) where
// the file system cannot do that). On failure the file has its old name.
result<void> rename_new_for_good(std::string const& from, std::string const& to);

// As write_atomically() for a file that is written bit by bit. Used by one thread at a time.
class atomic_file
{
public:
	static result<atomic_file> create(std::string path, mode_t mode = 0666);

	atomic_file(atomic_file&& other) noexcept;
	atomic_file& operator=(atomic_file&& other) noexcept;
	~atomic_file(); // leaves nothing behind unless commit() has succeeded

	result<void> write(std::string_view bytes);

	// Syncs the file and gives it its name. Called last.
	result<void> commit();

private:
	class temporary_file;

	atomic_file(std::string path, std::unique_ptr<temporary_file> file);

	std::string m_path;
	std::unique_ptr<temporary_file> m_file;
};

} // namespace rawswarm
