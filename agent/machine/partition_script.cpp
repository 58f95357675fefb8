// SPDX-License-Identifier: BSD-3-Clause
#include "agent/machine/partition_script.hpp"

#include "base/clean_text.hpp"
#include "base/parse_number.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <limits>
#include <new>
#include <optional>
#include <string_view>
#include <utility>

#include <uuid/uuid.h>

namespace rawswarm
{

namespace
{

constexpr std::size_t quoted_bytes = 60; // length of a line that a message quotes
constexpr std::string_view line_padding = " \t\r";
// The greatest sector number that fits into an MBR.
constexpr std::uint64_t last_mbr_sector = std::numeric_limits<std::uint32_t>::max();

bool is_uuid(char const* text)
{
	std::array<unsigned char, sizeof(uuid_t)> parsed = {};
	return ::uuid_parse(text, parsed.data()) == 0;
}

bool is_mbr_id(std::string_view const text)
{
	return parse_number<std::uint32_t>(without_hex_prefix(text), 16).has_value();
}

class script_reader
{
public:
	script_reader(fdisk_disk& disk, std::string const& label)
		: m_disk(disk)
		, m_label(label)
		, m_script(fdisk_new_script(disk.get()))
	{
		if (!m_script)
		{
			throw std::bad_alloc();
		}
	}

	result<stated_table> apply(std::string_view text)
	{
		BOOST_OUTCOME_TRYV(read(text));
		drop_empty_slots();
		BOOST_OUTCOME_TRYV(check_headers());
		for (std::size_t i = 0; i < m_lines.size(); ++i)
		{
			BOOST_OUTCOME_TRYV(check_partition(i));
		}
		BOOST_OUTCOME_TRYV(make_table());
		for (std::size_t i = 0; i < m_lines.size(); ++i)
		{
			BOOST_OUTCOME_TRYV(add_partition(i));
		}
		BOOST_OUTCOME_TRYV(check_made());
		return std::move(m_stated);
	}

private:
	template <class... Args>
	error at_line(fault kind, int line, fmt::format_string<Args...> what, Args&&... args) const
	{
		return fail(kind, "partitioning {}: line {} of the script: {}", m_label, line,
			fmt::format(what, std::forward<Args>(args)...));
	}

	char const* header(char const* name) const { return fdisk_script_get_header(m_script.get(), name); }
	bool has_label() const { return header("label") != nullptr; }
	bool is_gpt() const { return std::string_view(header("label")) == "gpt"; }

	fdisk_partition* partition(std::size_t i) const
	{
		return fdisk_table_get_partition(fdisk_script_get_table(m_script.get()), i);
	}

	result<void> read(std::string_view text)
	{
		for (int number = 1; !text.empty(); ++number)
		{
			auto const line = text.substr(0, text.find('\n'));
			text.remove_prefix(std::min(text.size(), line.size() + 1));
			auto const content = trim(line, line_padding);
			if (clean_text(content, line_breaks::keep) != content)
			{
				return at_line(fault::refused, number, "control characters, or bytes that are no UTF-8");
			}
			if (!content.empty() && !content.starts_with('#'))
			{
				BOOST_OUTCOME_TRYV(read_line(number, std::string(content)));
			}
		}
		return success();
	}

	result<void> read_line(int number, std::string line)
	{
		bool const is_header = line.find(':') != std::string::npos && line.find('=') == std::string::npos;
		if (!is_header && !has_label())
		{
			return at_line(fault::refused, number, "a partition before a label (label: gpt)");
		}
		auto const quoted = cut_text(line, quoted_bytes);
		std::string buffer(BUFSIZ, '\0');
		fdisk_ptr<std::FILE> const stream(::fmemopen(line.data(), line.size(), "r"));
		if (!stream)
		{
			return fail(fault::internal, system_error(errno), "partitioning {}", m_label);
		}
		m_disk.forget_messages();
		int const error = fdisk_script_read_line(m_script.get(), stream.get(), buffer.data(), buffer.size());
		if (error == -ENOTSUP)
		{
			return at_line(fault::refused, number, "unknown header: {}", quoted);
		}
		bool const names_kind = m_lines.empty() && is_header
			&& trim(std::string_view(quoted).substr(0, quoted.find(':')), line_padding) == "label";
		if (names_kind && (error != 0 || !is_known_kind()))
		{
			return at_line(fault::refused, number, "neither gpt nor dos: {}", quoted);
		}
		if (error != 0)
		{
			return at_line(fault::refused, number, "not understood: {}", quoted);
		}
		if (fdisk_table_get_nents(fdisk_script_get_table(m_script.get())) > m_lines.size())
		{
			m_lines.push_back(number);
		}
		return success();
	}

	bool is_known_kind() const { return is_gpt() || std::string_view(header("label")) == "dos"; }

	// Dumps of old versions of sfdisk have lines for partitions that do not exist.
	void drop_empty_slots()
	{
		for (std::size_t i = m_lines.size(); i-- > 0;)
		{
			auto* const part = partition(i);
			bool const is_empty = fdisk_partition_has_start(part) != 0 && fdisk_partition_get_start(part) == 0
				&& fdisk_partition_has_size(part) != 0 && fdisk_partition_get_size(part) == 0;
			if (is_empty)
			{
				fdisk_table_remove_partition(fdisk_script_get_table(m_script.get()), part);
				m_lines.erase(m_lines.begin() + static_cast<std::ptrdiff_t>(i));
			}
		}
	}

	result<void> check_headers()
	{
		if (!has_label())
		{
			return fail(fault::refused, "partitioning {}: the script has no label (label: gpt)", m_label);
		}
		if (m_lines.empty())
		{
			return fail(fault::refused, "partitioning {}: the script has no partition", m_label);
		}
		auto const* const id = header("label-id");
		if (id != nullptr && !(is_gpt() ? is_uuid(id) : is_mbr_id(id)))
		{
			return fail(fault::refused, "partitioning {}: the script's label-id is none: {}", m_label, id);
		}
		for (auto const* const name : {"first-lba", "last-lba", "table-length", "sector-size"})
		{
			if (header(name) != nullptr && !parse_number<std::uint64_t>(header(name)))
			{
				return fail(fault::refused, "partitioning {}: the script's {} is no number: {}", m_label,
					name, header(name));
			}
		}
		auto const* const sectors = header("sector-size");
		if (sectors != nullptr && parse_number<std::uint64_t>(sectors) != m_disk.sector_size())
		{
			return fail(fault::target,
				"partitioning {}: the script is for sectors of {} bytes, the disk has {}", m_label, sectors,
				m_disk.sector_size());
		}
		m_stated.id = id != nullptr;
		// This disk does not end where the dumped one did.
		fdisk_script_set_header(m_script.get(), "last-lba", nullptr);
		return success();
	}

	result<void> check_partition(std::size_t i)
	{
		auto* const part = partition(i);
		int const line = m_lines[i];
		if (fdisk_partition_has_size(part) != 0 && fdisk_partition_get_size(part) == 0)
		{
			return at_line(fault::refused, line, "a partition without a sector");
		}
		bool const has_place =
			(fdisk_partition_has_start(part) != 0 || fdisk_partition_start_is_default(part) != 0)
			&& (fdisk_partition_has_size(part) != 0 || fdisk_partition_end_is_default(part) != 0);
		if (!has_place)
		{
			return at_line(fault::refused, line, "a start or a size that is too large");
		}
		if (auto* const type = fdisk_partition_get_type(part); type != nullptr && !is_type(type))
		{
			return at_line(fault::refused, line, "no type of partition");
		}
		auto const* const uuid = fdisk_partition_get_uuid(part);
		if (uuid != nullptr && is_gpt() && !is_uuid(uuid))
		{
			return at_line(fault::refused, line, "no UUID: {}", uuid);
		}
		auto const* const name = fdisk_partition_get_name(part);
		if (name != nullptr && clean_text(name) != name)
		{
			return at_line(fault::refused, line, "control characters in the name");
		}
		for (std::size_t before = 0; before < i && fdisk_partition_has_partno(part) != 0; ++before)
		{
			auto* const other = partition(before);
			if (fdisk_partition_has_partno(other) != 0 && fdisk_partition_cmp_partno(other, part) == 0)
			{
				return at_line(fault::refused, line, "partition {} is in line {} already",
					fdisk_partition_get_partno(part) + 1, m_lines[before]);
			}
		}
		return success();
	}

	// libfdisk makes a new type of one that it does not know.
	bool is_type(fdisk_parttype* type) const
	{
		return is_gpt() ? is_uuid(fdisk_parttype_get_string(type)) : fdisk_parttype_get_code(type) != 0;
	}

	result<void> make_table()
	{
		m_disk.forget_messages();
		int const error = fdisk_apply_script_headers(m_disk.get(), m_script.get());
		if (error != 0)
		{
			return fail(
				fault::target, "partitioning {}: making an empty table: {}", m_label, m_disk.reason(error));
		}
		m_last = fdisk_get_nsectors(m_disk.get()) - 1;
		if (!is_gpt())
		{
			m_last = std::min(m_last, last_mbr_sector);
			m_first = 1;
			return success();
		}
		fdisk_ptr<fdisk_labelitem> const item(fdisk_new_labelitem());
		for (auto const& [id, sector] :
			{std::pair(GPT_LABELITEM_FIRSTLBA, &m_first), std::pair(GPT_LABELITEM_LASTLBA, &m_last)})
		{
			int const unknown = fdisk_get_disklabel_item(m_disk.get(), id, item.get());
			if (unknown != 0 || fdisk_labelitem_get_data_u64(item.get(), sector) != 0)
			{
				return fail(fault::internal, "partitioning {}: a GPT without limits", m_label);
			}
		}
		return success();
	}

	result<void> check_place(std::size_t i) const
	{
		auto* const part = partition(i);
		auto const start = fdisk_partition_has_start(part) != 0 ? fdisk_partition_get_start(part) : m_first;
		auto const size = fdisk_partition_has_size(part) != 0 ? fdisk_partition_get_size(part) : 1;
		if (start < m_first)
		{
			return at_line(fault::refused, m_lines[i],
				"sector {} belongs to the table, the first that is free is {}", start, m_first);
		}
		if (start > m_last || size - 1 > m_last - start)
		{
			return at_line(fault::target, m_lines[i],
				"{} sectors from sector {} on go past the last one that can be used, {}", size, start,
				m_last);
		}
		return success();
	}

	result<void> add_partition(std::size_t i)
	{
		BOOST_OUTCOME_TRYV(check_place(i));
		auto* const part = partition(i);
		std::size_t number = 0;
		m_disk.forget_messages();
		int const error = fdisk_add_partition(m_disk.get(), part, &number);
		if (error == -ERANGE && !m_disk.has_warnings())
		{
			return at_line(
				fault::refused, m_lines[i], "a number that is taken, or more than the table has room for");
		}
		if (error != 0)
		{
			// The location of a partition with a start was checked: the script is wrong, not the disk.
			bool const has_start = fdisk_partition_has_start(part) != 0;
			return at_line(
				has_start ? fault::refused : fault::target, m_lines[i], "{}", m_disk.reason(error));
		}
		m_stated.partitions.push_back({.number = static_cast<int>(number) + 1,
			.line = m_lines[i],
			.uuid = fdisk_partition_get_uuid(part) != nullptr,
			.label = fdisk_partition_get_name(part) != nullptr,
			.attributes = fdisk_partition_get_attrs(part) != nullptr});
		return success();
	}

	// libfdisk cuts names and sizes that are too long, and looks for overlaps only when it writes.
	result<void> check_made() const
	{
		BOOST_OUTCOME_TRY(table, m_disk.table());
		if (!table || table->partitions.size() != m_lines.size())
		{
			return fail(fault::internal, "partitioning {}: the table came out wrong", m_label);
		}
		for (std::size_t i = 0; i < m_lines.size(); ++i)
		{
			auto const made =
				std::ranges::find(table->partitions, m_stated.partitions[i].number, &table_partition::number);
			if (made == table->partitions.end())
			{
				return at_line(fault::internal, m_lines[i], "the partition came out with another number");
			}
			BOOST_OUTCOME_TRYV(check_size(i, made->length / m_disk.sector_size()));
			if (is_gpt() && m_stated.partitions[i].label
				&& made->label != fdisk_partition_get_name(partition(i)))
			{
				return at_line(fault::refused, m_lines[i],
					"the name is longer than 36 characters, or has one beyond U+FFFF");
			}
		}
		if (auto const pair = overlapping(table->partitions))
		{
			return fail(fault::refused, "partitioning {}: partitions {} and {} of the script overlap",
				m_label, pair->first, pair->second);
		}
		return success();
	}

	// A size with a suffix is rounded to the alignment.
	result<void> check_size(std::size_t i, std::uint64_t made) const
	{
		auto const wanted =
			fdisk_partition_has_size(partition(i)) != 0 ? fdisk_partition_get_size(partition(i)) : 0;
		if (made + fdisk_get_grain_size(m_disk.get()) / m_disk.sector_size() <= wanted)
		{
			return at_line(fault::target, m_lines[i], "{} sectors are asked for, {} are free", wanted, made);
		}
		return success();
	}

	fdisk_disk& m_disk;
	std::string const& m_label;
	fdisk_ptr<fdisk_script> m_script;
	std::vector<int> m_lines; // of the partitions
	std::uint64_t m_first = 0; // the first and last sector that partitions may have
	std::uint64_t m_last = 0;
	stated_table m_stated;
};

} // namespace

result<stated_table> apply_script(fdisk_disk& disk, std::string const& label, std::string const& script)
{
	return script_reader(disk, label).apply(script);
}

} // namespace rawswarm
