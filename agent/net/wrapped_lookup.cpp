// SPDX-License-Identifier: BSD-3-Clause
// getaddrinfo() as the program has it, whoever calls it: libtorrent looks up the names of trackers by itself,
// in a thread of asio's that nobody can be given. The linker puts this in the place of the C library's
// (CMakeLists.txt: --wrap=getaddrinfo), under names that it makes.
//
// Called by any thread. Errors are those of getaddrinfo(3).
#include "agent/net/resolver_file.hpp"
#include "base/read_file.hpp"

#include <cstddef>
#include <new>

#include <netdb.h>

namespace
{

constexpr char const* resolver_file = "/etc/resolv.conf";

// As much as no such file has.
constexpr std::size_t max_resolver_file = 65536; // bytes

} // namespace

// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming)
extern "C"
{
	int __real_getaddrinfo(char const* host, char const* service, addrinfo const* hints, addrinfo** found);
	int __wrap_getaddrinfo(char const* host, char const* service, addrinfo const* hints, addrinfo** found);

	int __wrap_getaddrinfo(char const* const host, char const* const service, addrinfo const* const hints,
		addrinfo** const found)
	try
	{
		if (auto const file = rawswarm::read_file(resolver_file, max_resolver_file))
		{
			rawswarm::ask_in_this_thread(rawswarm::servers_of_windows_file(file.value()));
		}
		return __real_getaddrinfo(host, service, hints, found);
	}
	catch (std::bad_alloc const&)
	{
		return EAI_MEMORY;
	}
}
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)
