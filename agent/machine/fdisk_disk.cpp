// SPDX-License-Identifier: BSD-3-Clause
#include "agent/machine/fdisk_disk.hpp"

#include "agent/machine/table_pages.hpp"
#include "base/clean_text.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <cerrno>
#include <new>
#include <utility>

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>

namespace rawswarm
{

namespace
{

constexpr char const* other_tables[] = {"bsd", "sgi", "sun"};

constexpr std::string_view guard_type = "ee";
constexpr std::string_view bootable_flag = "80";

std::string text_of(char const* text)
{
	return text == nullptr ? std::string() : std::string(text);
}

// A sector that ends like an MBR but is not one: the first sector of a file system, with code where the
// partitions would be, or the protective MBR of a broken GPT. The kernel recognises them by the same signs.
bool only_looks_like_mbr(fdisk_context* context, partition_table const& table)
{
	auto const found = text_of(fdisk_get_collision(context));
	bool const is_file_system = found == "vfat" || found == "exfat" || found == "ntfs";
	return std::ranges::any_of(table.partitions, [](auto const& part) { return part.type == guard_type; })
		|| (is_file_system
			&& (table.partitions.empty() || std::ranges::any_of(table.partitions, [](auto const& part) {
				   return !part.attributes.empty() && part.attributes != bootable_flag;
			   })));
}

table_partition describe(fdisk_partition* part, std::uint64_t const sector_size, partition_table const& of)
{
	table_partition found;
	found.number = static_cast<int>(fdisk_partition_get_partno(part)) + 1;
	found.offset = fdisk_partition_get_start(part) * sector_size;
	found.length = fdisk_partition_get_size(part) * sector_size;
	auto* const type = fdisk_partition_get_type(part);
	if (of.kind == "gpt")
	{
		found.uuid = lower_case(text_of(fdisk_partition_get_uuid(part)));
		found.label = text_of(fdisk_partition_get_name(part));
		found.type = lower_case(text_of(fdisk_parttype_get_string(type)));
		found.attributes = text_of(fdisk_partition_get_attrs(part));
		return found;
	}
	found.uuid = fmt::format("{}-{:02x}", of.id.substr(of.id.starts_with("0x") ? 2 : 0), found.number);
	found.type = fmt::format("{:x}", fdisk_parttype_get_code(type));
	found.attributes = text_of(fdisk_partition_get_attrs(part));
	found.bootable = fdisk_partition_is_bootable(part) != 0;
	found.container = fdisk_partition_is_container(part) != 0;
	return found;
}

} // namespace

int fdisk_disk::keep_message(fdisk_context*, fdisk_ask* ask, void* kept)
{
	auto const type = fdisk_ask_get_type(ask);
	bool const is_warning = type == FDISK_ASKTYPE_WARN || type == FDISK_ASKTYPE_WARNX;
	if (!is_warning && type != FDISK_ASKTYPE_INFO)
	{
		return -EINVAL;
	}
	auto text = text_of(fdisk_ask_print_get_mesg(ask));
	if (type == FDISK_ASKTYPE_WARN)
	{
		text += ": " + system_error(fdisk_ask_print_get_errno(ask)).message();
	}
	while (!text.empty() && (text.back() == '.' || text.back() == '\n'))
	{
		text.pop_back();
	}
	auto& to = *static_cast<messages*>(kept);
	(is_warning ? to.warnings.emplace_back() : to.last) = clean_text(text);
	return 0;
}

void fdisk_disk::closer::operator()(fdisk_context* context) const
{
	fdisk_set_script(context, nullptr); // context and script reference each other
	fdisk_unref_context(context);
}

fdisk_disk fdisk_disk::prepare(unique_fd fd, std::string const& label)
{
	fdisk_disk prepared;
	prepared.m_label = label;
	prepared.m_fd = std::move(fd);
	prepared.m_messages = std::make_unique<messages>();
	prepared.m_context.reset(fdisk_new_context());
	if (!prepared.m_context)
	{
		throw std::bad_alloc();
	}
	auto* const context = prepared.get();
	fdisk_set_ask(context, &keep_message, prepared.m_messages.get());
	fdisk_disable_dialogs(context, 1);
	for (auto const* const kind : other_tables)
	{
		fdisk_label_set_disabled(fdisk_get_label(context, kind), 1);
	}
	return prepared;
}

result<void> fdisk_disk::assign(std::string const& path, bool const writes, std::string_view const doing)
{
	int const error = fdisk_assign_device_by_fd(get(), m_fd.get(), path.c_str(), writes ? 0 : 1);
	if (error != 0)
	{
		return fail(fault::device, "{} {}: {}", doing, m_label, reason(error));
	}
	if (fdisk_has_label(get()) != 0 && !is_gpt())
	{
		BOOST_OUTCOME_TRY(table, table_in_memory());
		m_has_none = only_looks_like_mbr(get(), table);
	}
	return success();
}

result<fdisk_disk> fdisk_disk::open(
	open_disk const& disk, disk_access const access, std::string_view const doing)
{
	bool const writes = access == disk_access::claimed;
	unique_fd fd(::open(disk.path.c_str(), (writes ? O_RDWR : O_RDONLY) | O_CLOEXEC));
	if (!fd)
	{
		return fail(fault::target, system_error(errno), "{} {}", doing, disk.label);
	}
	auto opened = prepare(std::move(fd), disk.label);
	auto const assigned = opened.assign(disk.path, writes, doing);
	if (assigned)
	{
		return opened;
	}
	bool const is_copied = !writes && !unreadable_table_pages(disk.fd.get()).empty();
	return is_copied ? open_copy(disk, assigned.error(), doing) : assigned.error();
}

// libfdisk gives up on a disk with a sector that it cannot read, even if no table of its kind is there.
result<fdisk_disk> fdisk_disk::open_copy(
	open_disk const& disk, error const& why, std::string_view const doing)
{
	BOOST_OUTCOME_TRY(fd, copy_table_pages(disk.fd.get(), disk.label));
	auto copy = prepare(std::move(fd), disk.label);
	int logical = 0;
	unsigned int physical = 0;
	if (disk.device && ::ioctl(disk.fd.get(), BLKSSZGET, &logical) == 0
		&& ::ioctl(disk.fd.get(), BLKPBSZGET, &physical) == 0)
	{
		fdisk_save_user_sector_size(copy.get(), physical, static_cast<unsigned int>(logical));
	}
	BOOST_OUTCOME_TRYV(copy.assign(disk.path, false, doing));
	BOOST_OUTCOME_TRY(found, copy.table());
	if (found && std::ranges::any_of(found->partitions, &table_partition::container))
	{
		return why; // what lies in a container is all over the disk
	}
	copy.m_unread = why.text;
	return copy;
}

result<std::optional<partition_table>> fdisk_disk::table() const
{
	auto* const label = fdisk_get_label(get(), nullptr);
	if (fdisk_has_label(get()) == 0 || (m_has_none && fdisk_label_is_changed(label) == 0))
	{
		return std::optional<partition_table>();
	}
	BOOST_OUTCOME_TRY(found, table_in_memory());
	return std::optional(std::move(found));
}

result<partition_table> fdisk_disk::table_in_memory() const
{
	partition_table found;
	found.kind = is_gpt() ? "gpt" : "dos";
	char* id = nullptr;
	fdisk_table* listed = nullptr;
	int error = fdisk_get_disklabel_id(get(), &id);
	fdisk_ptr<char> const owned_id(id);
	if (error == 0)
	{
		error = fdisk_get_partitions(get(), &listed);
	}
	fdisk_ptr<fdisk_table> const owned_list(listed);
	if (error != 0)
	{
		return fail(fault::device, "reading the partition table of {}: {}", m_label, reason(error));
	}
	found.id = lower_case(text_of(id));
	for (std::size_t i = 0; i < fdisk_table_get_nents(listed); ++i)
	{
		found.partitions.push_back(describe(fdisk_table_get_partition(listed, i), sector_size(), found));
	}
	std::ranges::sort(found.partitions, {}, &table_partition::number);
	return found;
}

result<std::string> fdisk_disk::script() const
{
	char* text = nullptr;
	std::size_t length = 0;
	fdisk_ptr<fdisk_script> const script(fdisk_new_script(get()));
	fdisk_ptr<std::FILE> stream(::open_memstream(&text, &length));
	if (!script || !stream)
	{
		throw std::bad_alloc();
	}
	int error = fdisk_script_read_context(script.get(), nullptr);
	// Without a device the lines begin with bare numbers.
	error = error != 0 ? error : fdisk_script_set_header(script.get(), "device", nullptr);
	error = error != 0 ? error : fdisk_script_write_file(script.get(), stream.get());
	stream.reset();
	fdisk_ptr<char> const owned_text(text);
	if (error != 0)
	{
		return fail(fault::device, "reading the partition table of {}: {}", m_label, reason(error));
	}
	return std::string(text, length);
}

std::string fdisk_disk::reason(int const error) const
{
	if (has_warnings())
	{
		return fmt::format("{}", fmt::join(m_messages->warnings, "; "));
	}
	return m_messages->last.empty() ? system_error(-error).message() : m_messages->last;
}

} // namespace rawswarm
