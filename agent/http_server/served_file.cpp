// SPDX-License-Identifier: BSD-3-Clause
#include "agent/http_server/served_file.hpp"

#include "agent/http_server/byte_range.hpp"
#include "base/percent_decoded.hpp"
#include "base/result.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>

namespace rawswarm
{

namespace
{

// A name of a folder's own, and no way to another one. Names with a backslash are left out as well: some
// clients take it for a slash.
bool is_plain_name(std::string_view const name)
{
	return !name.empty() && name != "." && name != ".." && name.find('\0') == std::string_view::npos
		&& name.find('\\') == std::string_view::npos;
}

// Names alone, one after the other, none of them a link: unlike openat2(2), every kernel and every sandbox
// has this. errno if it is not open. A device or a FIFO is not opened, as that could already do something.
unique_fd open_below(int const folder, std::string const& path)
{
	unique_fd held;
	int at = folder;
	auto names = split(path, '/');
	if (!std::all_of(names.begin(), names.end(), is_plain_name))
	{
		errno = ENOENT;
		return {};
	}
	auto const file = std::string(names.back());
	names.pop_back();
	for (auto const name : names)
	{
		unique_fd below(
			::openat(at, std::string(name).c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
		if (!below)
		{
			return {};
		}
		held = std::move(below);
		at = held.get();
	}
	struct stat status
	{};
	if (::fstatat(at, file.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0)
	{
		return {};
	}
	if (!S_ISREG(status.st_mode))
	{
		errno = ENOENT;
		return {};
	}
	return unique_fd(::openat(at, file.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
}

http_reply no_file(int const reason)
{
	switch (reason)
	{
	case EACCES:
	case EPERM: return make_reply(403, "this file may not be read");
	case EMFILE:
	case ENFILE:
	case ENOMEM: return make_reply(503, "too many files are open: ask again later");
	default: return make_reply(404, "there is no such file");
	}
}

std::string_view type_of(std::string_view const name)
{
	return name.ends_with(".json")   ? "application/json"
		: name.ends_with(".torrent") ? "application/x-bittorrent"
									 : "application/octet-stream";
}

} // namespace

http_reply serve_file(int const folder, std::string_view const name, http_question const& question)
{
	auto const path = percent_decoded(name);
	if (!path)
	{
		return make_reply(400, "a percent sign is not followed by two digits");
	}
	unique_fd file = open_below(folder, *path);
	struct stat status
	{};
	if (!file || ::fstat(file.get(), &status) != 0)
	{
		return no_file(errno);
	}
	if (!S_ISREG(status.st_mode)) // it was another one a moment ago
	{
		return no_file(ENOENT);
	}
	auto const size = static_cast<std::uint64_t>(status.st_size);
	auto const range = parse_byte_range(question.method == "GET" ? question.range : "", size);
	if (range.kind == range_kind::outside)
	{
		auto reply = make_reply(416, "the file ends before that");
		reply.headers = fmt::format("Content-Range: bytes */{}\r\n", size);
		return reply;
	}
	http_reply reply;
	reply.type = type_of(*path);
	reply.headers = "Accept-Ranges: bytes\r\n";
	reply.file = http_file{std::make_shared<unique_fd const>(std::move(file)), 0, size};
	if (range.kind == range_kind::part)
	{
		reply.status = 206;
		reply.headers += fmt::format(
			"Content-Range: bytes {}-{}/{}\r\n", range.offset, range.offset + range.bytes - 1, size);
		reply.file->offset = range.offset;
		reply.file->bytes = range.bytes;
	}
	return reply;
}

} // namespace rawswarm
