// SPDX-License-Identifier: BSD-3-Clause
#include "agent/control/control_socket.hpp"

#include "base/clean_text.hpp"
#include "base/parse_number.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <optional>
#include <set>
#include <utility>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace rawswarm
{

namespace
{

namespace fs = std::filesystem;

constexpr std::string_view suffix = ".sock";
constexpr mode_t for_owner = 0600;
constexpr mode_t folder_for_owner = 0700;
constexpr int max_waiting = 16; // connections that are not accepted yet
constexpr timeval send_limit{5, 0}; // seconds: longer than an agent that works is ever busy

// check_socket_path() has passed.
sockaddr_un address_of(std::string const& path)
{
	sockaddr_un at{};
	at.sun_family = AF_UNIX;
	std::copy_n(path.begin(), std::min(path.size(), sizeof(at.sun_path) - 1), std::begin(at.sun_path));
	return at;
}

// 0, or the error's number.
int connect(unique_fd const& socket, std::string const& path)
{
	auto const at = address_of(path);
	auto const* const address = reinterpret_cast<sockaddr const*>(&at);
	return ::connect(socket.get(), address, sizeof at) == 0 ? 0 : errno;
}

int bind(unique_fd const& socket, std::string const& path)
{
	auto const at = address_of(path);
	auto const* const address = reinterpret_cast<sockaddr const*>(&at);
	return ::bind(socket.get(), address, sizeof at) == 0 ? 0 : errno;
}

bool is_socket(std::string const& path, struct stat& st)
{
	return ::lstat(path.c_str(), &st) == 0 && S_ISSOCK(st.st_mode);
}

// Whether it is a socket that nobody listens at.
bool is_left_behind(std::string const& path)
{
	struct stat st
	{};
	unique_fd const probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
	return is_socket(path, st) && probe && connect(probe, path) == ECONNREFUSED;
}

// The number in PID.sock.
std::optional<pid_t> process_of(std::string_view name)
{
	if (!name.ends_with(suffix))
	{
		return {};
	}
	name.remove_suffix(suffix.size());
	auto const number = parse_number<pid_t>(name);
	return number && *number > 0 ? number : std::nullopt;
}

// The numbers of the sockets in the folder.
result<std::set<pid_t>> processes_in(std::string_view const folder)
{
	std::error_code ec;
	std::set<pid_t> found;
	for (fs::directory_iterator it(fs::path(folder), ec), end; !ec && it != end; it.increment(ec))
	{
		if (auto const process = process_of(it->path().filename().native()))
		{
			found.insert(*process);
		}
	}
	if (ec && ec != std::errc::no_such_file_or_directory)
	{
		return fail(fault::network, ec, "looking for agents in {}", folder);
	}
	return found;
}

bool has_ended(pid_t const process)
{
	return ::kill(process, 0) != 0 && errno == ESRCH;
}

} // namespace

std::string control_path(pid_t const process, std::string_view const folder)
{
	return fmt::format("{}/{}{}", folder, process, suffix);
}

result<void> check_socket_path(std::string const& path)
{
	constexpr auto longest = sizeof(sockaddr_un::sun_path) - 1;
	if (path.empty() || path.size() > longest)
	{
		return fail(fault::usage, "the path of a socket has 1 to {} bytes, not {}", longest, path.size());
	}
	return success();
}

result<std::vector<std::string>> control_sockets(std::string_view const folder)
{
	BOOST_OUTCOME_TRY(processes, processes_in(folder));
	std::vector<std::string> paths;
	for (auto const process : processes)
	{
		paths.push_back(control_path(process, folder));
	}
	return paths;
}

result<void> prepare_control_folder(std::string_view const folder)
{
	std::string const path(folder);
	struct stat st
	{};
	if (::mkdir(path.c_str(), folder_for_owner) != 0 && errno != EEXIST)
	{
		return fail(fault::internal, system_error(errno), "making the folder {}", path);
	}
	if (::lstat(path.c_str(), &st) != 0 || !S_ISDIR(st.st_mode) || st.st_uid != ::geteuid())
	{
		return fail(fault::internal, "using {}: it is no folder of this user's", path);
	}
	if ((st.st_mode & 0777) != folder_for_owner && ::chmod(path.c_str(), folder_for_owner) != 0)
	{
		return fail(fault::internal, system_error(errno), "using {}", path);
	}
	BOOST_OUTCOME_TRY(processes, processes_in(folder));
	for (auto const process : processes)
	{
		auto const socket = control_path(process, folder);
		// one that is about to listen refuses connections as well, but its process is there
		if (has_ended(process) && is_left_behind(socket))
		{
			::unlink(socket.c_str());
		}
	}
	return success();
}

listening_socket::listening_socket(unique_fd socket, std::string path)
	: m_socket(std::move(socket))
	, m_path(std::move(path))
{
	struct stat st
	{};
	if (is_socket(m_path, st))
	{
		m_device = st.st_dev;
		m_inode = st.st_ino;
	}
}

listening_socket::~listening_socket()
{
	struct stat st
	{};
	if (m_socket && is_socket(m_path, st) && st.st_dev == m_device && st.st_ino == m_inode)
	{
		::unlink(m_path.c_str());
	}
}

result<listening_socket> listening_socket::open(std::string path)
{
	BOOST_OUTCOME_TRYV(check_socket_path(path));
	unique_fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
	// before there is a name by which anyone could open it: bind() takes the mode from here
	bool const is_made = socket && ::fchmod(socket.get(), for_owner) == 0;
	int why = is_made ? bind(socket, path) : errno;
	if (why == EADDRINUSE && is_left_behind(path))
	{
		::unlink(path.c_str());
		why = bind(socket, path);
	}
	if (why == 0)
	{
		why = ::listen(socket.get(), max_waiting) == 0 ? 0 : errno;
	}
	if (why != 0)
	{
		return fail(fault::internal, system_error(why), "listening at {}", printable(path));
	}
	return listening_socket(std::move(socket), std::move(path));
}

result<listening_socket> open_control_socket(std::string const& path, pid_t const process)
{
	if (!path.empty())
	{
		return listening_socket::open(path);
	}
	BOOST_OUTCOME_TRYV(prepare_control_folder());
	return listening_socket::open(control_path(process));
}

result<unique_fd> connect_to_agent(std::string const& path)
{
	BOOST_OUTCOME_TRYV(check_socket_path(path));
	unique_fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
	// of connect(), too
	bool const is_made =
		socket && ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &send_limit, sizeof send_limit) == 0;
	if (int const why = is_made ? connect(socket, path) : errno; why != 0)
	{
		return fail(fault::network, system_error(why), "asking the agent at {}", printable(path));
	}
	return socket;
}

} // namespace rawswarm
