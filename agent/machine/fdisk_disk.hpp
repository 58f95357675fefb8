// SPDX-License-Identifier: BSD-3-Clause
// A disk that libfdisk has open: its context and its messages.
//
// libfdisk prints nothing and asks nothing: its warnings are kept for the text of an error, its dialogs are
// off. It looks for GPT and MBR only. Changes stay in memory until fdisk_write_disklabel. One thread at a
// time.
#pragma once

#include "agent/machine/open_disk.hpp"
#include "agent/machine/partition_types.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <libfdisk/libfdisk.h>

namespace rawswarm
{

class fdisk_disk
{
public:
	// Reads the table on the disk. libfdisk gets a descriptor of its own, so that the errors of a write-back
	// stay for a sync of disk.fd, whatever libfdisk does. If libfdisk gives up on pages that cannot be read,
	// read_only makes do with the others, and unread() says why.
	static result<fdisk_disk> open(open_disk const& disk, disk_access access, std::string_view doing);

	fdisk_context* get() const { return m_context.get(); }
	std::uint64_t sector_size() const { return fdisk_get_sector_size(get()); } // bytes
	bool is_gpt() const { return fdisk_is_labeltype(get(), FDISK_DISKLABEL_GPT) != 0; }

	// The table that libfdisk has in memory: the disk's own, or a later one. Empty: no table.
	result<std::optional<partition_table>> table() const;

	// The table as a complete script.
	result<std::string> script() const;

	// Why pages of the disk could not be read; empty: all could.
	std::string const& unread() const { return m_unread; }

	bool has_warnings() const { return !m_messages->warnings.empty(); }
	void forget_messages() { *m_messages = {}; }

	// The warnings of libfdisk on one line; without one its last message, or the meaning of its (negative)
	// error number.
	std::string reason(int error) const;

private:
	struct messages
	{
		std::vector<std::string> warnings;
		std::string last; // the last message that is not a warning
	};

	struct closer
	{
		void operator()(fdisk_context* context) const;
	};

	fdisk_disk() = default;
	static fdisk_disk prepare(unique_fd fd, std::string const& label);
	static result<fdisk_disk> open_copy(open_disk const& disk, error const& why, std::string_view doing);
	result<void> assign(std::string const& path, bool writes, std::string_view doing);
	static int keep_message(fdisk_context* context, fdisk_ask* ask, void* kept);
	result<partition_table> table_in_memory() const;

	unique_fd m_fd; // outlives the context
	std::string m_label;
	std::string m_unread;
	bool m_has_none = false; // the sector that was read looks like an MBR, but is not one
	std::unique_ptr<messages> m_messages; // libfdisk has its address
	std::unique_ptr<fdisk_context, closer> m_context;
};

// Frees what libfdisk hands out.
struct fdisk_deleter
{
	void operator()(char* text) const { std::free(text); } // NOLINT: by malloc
	void operator()(std::FILE* file) const { std::fclose(file); } // NOLINT: of memory
	void operator()(fdisk_labelitem* item) const { fdisk_unref_labelitem(item); }
	void operator()(fdisk_partition* partition) const { fdisk_unref_partition(partition); }
	void operator()(fdisk_script* script) const { fdisk_unref_script(script); }
	void operator()(fdisk_table* table) const { fdisk_unref_table(table); }
};

template <class T>
using fdisk_ptr = std::unique_ptr<T, fdisk_deleter>;

} // namespace rawswarm
