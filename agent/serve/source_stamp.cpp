// SPDX-License-Identifier: BSD-3-Clause
#include "agent/serve/source_stamp.hpp"

#include <sys/stat.h>

namespace rawswarm
{

source_stamp source_stamp::of(std::string const& path)
{
	struct stat s
	{};
	if (::stat(path.c_str(), &s) != 0 || !S_ISREG(s.st_mode))
	{
		return {};
	}
	return {
		true, s.st_dev, s.st_ino, static_cast<std::uint64_t>(s.st_size), s.st_mtim.tv_sec, s.st_mtim.tv_nsec};
}

source_change compare(source_stamp const& before, source_stamp const& now)
{
	if (!before.is_file)
	{
		return source_change::none;
	}
	if (!now.is_file || now.device != before.device || now.inode != before.inode)
	{
		return source_change::gone;
	}
	bool const is_same = now.bytes == before.bytes && now.modified_s == before.modified_s
		&& now.modified_ns == before.modified_ns;
	return is_same ? source_change::none : source_change::written;
}

} // namespace rawswarm
