// SPDX-License-Identifier: BSD-3-Clause
#include "agent/cli/output.hpp"

#include "agent/log/log.hpp"
#include "base/clean_text.hpp"

#include <cerrno>
#include <cstdio>
#include <exception>

#include <fcntl.h>
#include <unistd.h>

namespace rawswarm
{

void occupy_standard_streams()
{
	for (int const stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
	{
		if (::fcntl(stream, F_GETFD) == -1 && errno == EBADF)
		{
			// takes the lowest number, which is this one. A folder, as that is there before /dev is; reading
			// and writing it are errors
			[[maybe_unused]] int const taken = ::open("/", O_RDONLY | O_DIRECTORY);
		}
	}
}

result<void> print(std::string_view const text)
{
	auto const shown = clean_text(text, line_breaks::keep);
	errno = 0;
	bool const written = std::fwrite(shown.data(), 1, shown.size(), stdout) == shown.size();
	if (!written || std::fflush(stdout) != 0)
	{
		return fail(fault::internal, system_error(errno != 0 ? errno : EIO), "writing standard output");
	}
	return success();
}

void print_to_errors(std::string_view const text) noexcept
{
	try
	{
		auto const lock = log::lock_output();
		std::fwrite(text.data(), 1, text.size(), stderr);
		std::fflush(stderr);
	}
	catch (std::exception const&)
	{
		return;
	}
}

void print_error(std::string_view const text) noexcept
{
	try
	{
		print_to_errors(fmt::format("rawswarm: {}\n", clean_text(text)));
	}
	catch (std::exception const&)
	{
		print_to_errors("rawswarm: an error for which there is no memory\n");
	}
}

} // namespace rawswarm
