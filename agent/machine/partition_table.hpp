// SPDX-License-Identifier: BSD-3-Clause
// The partition table of a disk: read, planned from a script, written, and made known to the kernel.
//
// The script is sfdisk's format, read by libfdisk, with these differences: it must name a label, gpt or dos;
// an unknown header is refused; `device:` and `last-lba:` are ignored, since they are those of the
// disk that was dumped; a `sector-size:` that is not this disk's is refused.
//
// A disk is a whole block device, or an image file (512-byte sectors), which the kernel does not know.
// Offsets and lengths are bytes. Blocking: for the start of a job, one thread per disk; nothing is shared
// between disks. Needs /sys and a devtmpfs on /dev, but no udev and no other program.
//
// Errors name the disk: fault::refused for a script that is wrong in itself ("partitioning /dev/sda: line 3
// of the script: ..."), fault::target for one that does not fit this disk and for a disk that is missing, in
// use, read-only or a partition, fault::device for failing I/O.
#pragma once

#include "agent/machine/open_disk.hpp"
#include "agent/machine/partition_types.hpp"
#include "base/result.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace rawswarm
{

// How long a job waits for the devices of partitions to appear. Initial value, not
// measured: a kernel needs milliseconds.
inline constexpr std::chrono::seconds partition_wait{10};

// The table on the disk, which is not changed. Empty: no table of a known kind.
result<std::optional<partition_table>> read_partition_table(std::string const& disk);

struct table_plan
{
	partition_table table; // as it will be
	std::string script; // complete: exactly what was planned is written, chance included

	// The table on the disk is the one that the script asks for. Values that it leaves to chance, such as
	// UUIDs, are taken from the disk. False as well for such a table with a damaged or misplaced copy.
	bool already_there = false;

	// Why the table on the disk could not be read, or not all of it: it is replaced all the same. Empty: it
	// was.
	std::string unread;

	bool wipe = true; // signatures of earlier uses in the partitions that are new, and outside of all
};

// Computed in memory for the disk as it is: its size, sectors and table. Nothing is changed.
result<table_plan> plan_partition_table(std::string const& disk, std::string const& script);

// Claims the disk, writes what was planned for it (pages of the old table that cannot be read are cleared
// before), syncs, reads back, and tells the kernel: at the
// end /sys and /dev have exactly these partitions, or `wait` has passed, which is an error. Signatures of
// another table or of a file system over the whole disk are wiped, and with plan.wipe those of earlier uses
// in partitions that are new. A partition that begins and ends where one did before keeps all that it has.
// `on_change` is called right before the first byte changes. Returns why some of the signatures could not be
// looked for; empty: all were.
result<std::string> write_partition_table(std::string const& disk, table_plan const& plan,
	std::chrono::milliseconds wait, std::function<void()> const& on_change);

// Tells the kernel which table is on the disk now, as after a whole image was written to it. Without a
// table the kernel shows no partitions. The disk may be open elsewhere. A partition that has to go and is
// in use is an error. Returns what a person should know, as tell_kernel() does; empty: nothing.
result<std::string> reread_partition_table(std::string const& disk, std::chrono::milliseconds wait);

// The place of the copy of a GPT.
enum class gpt_copy_place
{
	no_gpt,
	at_end, // of the disk, where it belongs
	elsewhere // the image of a smaller disk was written
};

result<gpt_copy_place> find_gpt_copy(std::string const& disk);

// Moves the copy of a GPT to the real end of a larger disk, and lets the last usable sector grow; a damaged
// half is made again from the other. False: nothing to do. The kernel's partitions stay as they are.
// `access`: claimed, or held if the caller has claimed it already.
result<bool> move_backup_gpt(std::string const& disk, disk_access access = disk_access::claimed);

} // namespace rawswarm
