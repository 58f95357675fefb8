// SPDX-License-Identifier: BSD-3-Clause
#include "agent/machine/signatures.hpp"

#include "base/clean_text.hpp"
#include "base/parse_number.hpp"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <iterator>
#include <memory>
#include <new>
#include <optional>

#include <blkid/blkid.h>

namespace rawswarm
{

namespace
{

struct probe_deleter
{
	void operator()(blkid_probe probe) const { blkid_free_probe(probe); }
};

using probe_ptr = std::unique_ptr<std::remove_pointer_t<blkid_probe>, probe_deleter>;

// ZFS has four labels of 128 uberblocks, each of which is one; no device has many more. A probe that finds
// the same for ever must end.
constexpr std::size_t max_signatures = 1024;

// Kinds that are looked for in vain, as a sector cannot be read. A disk may take seconds for each.
constexpr int max_failures = 16;

struct value_names
{
	char const* type;
	char const* offset;
	char const* magic;
};

constexpr value_names of_superblock{"TYPE", "SBMAGIC_OFFSET", "SBMAGIC"};
constexpr value_names of_table{"PTTYPE", "PTMAGIC_OFFSET", "PTMAGIC"};

// What the probe has found last, if it is of this kind.
std::optional<signature> found_by(blkid_probe probe, value_names const& names, bool const is_table)
{
	char const* type = nullptr;
	char const* offset = nullptr;
	std::size_t length = 0;
	if (blkid_probe_lookup_value(probe, names.offset, &offset, nullptr) != 0
		|| blkid_probe_lookup_value(probe, names.magic, nullptr, &length) != 0
		|| blkid_probe_lookup_value(probe, names.type, &type, nullptr) != 0)
	{
		return {};
	}
	auto const at = parse_number<std::uint64_t>(offset);
	return at ? std::optional(signature{clean_text(type), {*at}, length, is_table}) : std::nullopt;
}

probe_ptr new_probe(int const fd, device_offset const offset, std::uint64_t const length)
{
	probe_ptr probe(blkid_new_probe());
	if (!probe)
	{
		throw std::bad_alloc();
	}
	if (blkid_probe_set_device(
			probe.get(), fd, static_cast<blkid_loff_t>(offset.bytes), static_cast<blkid_loff_t>(length))
		!= 0)
	{
		return {};
	}
	blkid_probe_enable_superblocks(probe.get(), 1);
	blkid_probe_set_superblocks_flags(
		probe.get(), BLKID_SUBLKS_MAGIC | BLKID_SUBLKS_TYPE | BLKID_SUBLKS_USAGE | BLKID_SUBLKS_BADCSUM);
	blkid_probe_enable_partitions(probe.get(), 1);
	blkid_probe_set_partitions_flags(probe.get(), BLKID_PARTS_MAGIC | BLKID_PARTS_FORCE_GPT);
	return probe;
}

} // namespace

result<signature_search> find_signatures(
	int const fd, std::string const& label, device_offset const offset, std::uint64_t const length)
{
	errno = 0;
	auto const probe = new_probe(fd, offset, length);
	if (!probe)
	{
		return fail(
			fault::device, system_error(errno == 0 ? EIO : errno), "looking for signatures on {}", label);
	}
	signature_search search;
	int failures = 0;
	while (search.found.size() < max_signatures && failures < max_failures)
	{
		errno = 0;
		int const answer = blkid_do_probe(probe.get());
		if (answer > 0)
		{
			break;
		}
		if (answer < 0) // the next call goes on with the next kind
		{
			search.unread = system_error(errno == 0 ? EIO : errno).message();
			++failures;
			continue;
		}
		auto one = found_by(probe.get(), of_superblock, false);
		one = one ? one : found_by(probe.get(), of_table, true);
		if (!one)
		{
			continue;
		}
		// Hidden, it is not found again, and its next copy is.
		if (blkid_probe_hide_range(probe.get(), one->offset.bytes, one->length) == 0)
		{
			blkid_probe_step_back(probe.get());
		}
		one->offset = one->offset + offset.bytes;
		search.found.push_back(std::move(*one));
	}
	return search;
}

std::string describe(std::vector<signature> const& signatures)
{
	std::string text;
	for (auto s = signatures.begin(); s != signatures.end();)
	{
		auto const next =
			std::find_if(s, signatures.end(), [s](signature const& other) { return other.type != s->type; });
		auto const places = std::distance(s, next);
		text += fmt::format("{}{} at {:#x}", text.empty() ? "" : ", ", s->type, s->offset.bytes);
		text += places == 1 ? "" : fmt::format(" and {} other places", places - 1);
		s = next;
	}
	return text;
}

} // namespace rawswarm
