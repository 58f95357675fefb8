// SPDX-License-Identifier: BSD-3-Clause
#include "base/read_file.hpp"

#include "base/bytes.hpp"
#include "base/unique_fd.hpp"

#include <cerrno>
#include <cstdint>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace rawswarm
{

namespace
{

constexpr std::size_t read_step_bytes = 64_KiB; // what a pipe holds

error too_large(std::string_view const name, std::size_t const max_bytes)
{
	return fail(fault::refused, "reading {}: larger than {} bytes", name, max_bytes);
}

} // namespace

result<std::string> read_all(int const fd, std::string_view const name, std::size_t const max_bytes)
{
	struct stat status = {};
	bool const known = ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
	if (known && static_cast<std::uintmax_t>(status.st_size) > max_bytes)
	{
		return too_large(name, max_bytes);
	}
	std::string text;
	std::size_t used = 0;
	for (;;)
	{
		text.resize(used + read_step_bytes);
		auto const got = ::read(fd, text.data() + used, read_step_bytes);
		if (got < 0 && errno == EINTR)
		{
			continue;
		}
		if (got < 0)
		{
			return fail(fault::refused, system_error(errno), "reading {}", name);
		}
		used += static_cast<std::size_t>(got);
		if (used > max_bytes)
		{
			return too_large(name, max_bytes);
		}
		if (got == 0)
		{
			text.resize(used);
			return text;
		}
	}
}

result<std::string> read_file(
	std::string const& path, std::size_t const max_bytes, std::string_view const kind)
{
	auto const name = kind.empty() ? path : fmt::format("{} {}", kind, path);
	unique_fd const file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
	if (!file)
	{
		return fail(fault::refused, system_error(errno), "opening {}", name);
	}
	return read_all(file.get(), name, max_bytes);
}

} // namespace rawswarm
