// SPDX-License-Identifier: BSD-3-Clause
// A disk in the hands of libfdisk: its context, and what libfdisk had to say.
//
// libfdisk prints nothing and asks nothing: its warnings are kept for the text of an error, its dialogs are
// off. Only GPT and MBR are looked for. Changes stay in memory until fdisk_write_disklabel. One thread at a
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
	// Reads what is on the disk. libfdisk gets a descriptor of its own, so that whatever it does, the errors
	// of a write-back are left for a sync of disk.fd.
	static result<fdisk_disk> open(open_disk const& disk, disk_access access, std::string_view doing);

	fdisk_context* get() const { return m_context.get(); }
	std::uint64_t sector_size() const { return fdisk_get_sector_size(get()); } // bytes
	bool is_gpt() const { return fdisk_is_labeltype(get(), FDISK_DISKLABEL_GPT) != 0; }

	// The table that libfdisk has in memory: the disk's own, or what was made of it since. Empty: none.
	result<std::optional<partition_table>> table() const;

	// As a script, complete.
	result<std::string> script() const;

	bool has_warnings() const { return !m_messages->warnings.empty(); }
	void forget_messages() { *m_messages = {}; }

	// What libfdisk warned of, on one line; without a warning what it said last, or what its (negative) error
	// number means.
	std::string reason(int error) const;

private:
	struct messages
	{
		std::vector<std::string> warnings;
		std::string last; // of what is no warning
	};

	struct closer
	{
		void operator()(fdisk_context* context) const;
	};

	fdisk_disk() = default;
	static int keep_message(fdisk_context* context, fdisk_ask* ask, void* kept);
	result<partition_table> table_in_memory() const;

	unique_fd m_fd; // outlives the context
	std::string m_label;
	bool m_has_none = false; // what was read looks like an MBR, and is none
	std::unique_ptr<messages> m_messages; // libfdisk has its address
	std::unique_ptr<fdisk_context, closer> m_context;
};

// Frees what libfdisk gave away.
struct fdisk_deleter
{
	void operator()(char* text) const { std::free(text); } // NOLINT: by malloc
	void operator()(std::FILE* file) const { std::fclose(file); } // NOLINT: of memory
	void operator()(fdisk_labelitem* item) const { fdisk_unref_labelitem(item); }
	void operator()(fdisk_script* script) const { fdisk_unref_script(script); }
	void operator()(fdisk_table* table) const { fdisk_unref_table(table); }
};

template <class T>
using fdisk_ptr = std::unique_ptr<T, fdisk_deleter>;

} // namespace rawswarm
