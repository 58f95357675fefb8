// SPDX-License-Identifier: BSD-3-Clause
// Where a running agent listens for `status`, `log` and `stop`: a Unix socket that its own user alone may
// open.
//
// By default that is /run/rawswarm/PID.sock, by the number of the process that the user has started, so that
// several agents on a machine are told apart. An agent that is killed leaves its socket behind; nobody
// listens there any more, which a connection to it tells.
//
// Nothing here waits.
#pragma once

#include "base/result.hpp"
#include "base/unique_fd.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace rawswarm
{

inline constexpr std::string_view control_folder = "/run/rawswarm";

// "/run/rawswarm/4711.sock"
std::string control_path(pid_t process, std::string_view folder = control_folder);

// fault::usage if no socket can have that path: it is empty, or longer than the 107 bytes of the kernel.
result<void> check_socket_path(std::string const& path);

// The sockets in the folder, in the order of their numbers, those that were left behind included. A folder
// that does not exist has none. fault::network: it cannot be read, as by another user than root.
result<std::vector<std::string>> control_sockets(std::string_view folder = control_folder);

// Makes the folder, for its owner alone, and removes the sockets in it of processes that have ended.
result<void> prepare_control_folder(std::string_view folder = control_folder);

// A socket that is listened at, from construction to destruction.
class listening_socket
{
public:
	// Replaces a socket that was left behind. fault::internal: another one listens there, the path is that of
	// something else, the folder is missing or read-only.
	static result<listening_socket> open(std::string path);

	listening_socket(listening_socket&&) noexcept = default;
	listening_socket& operator=(listening_socket&&) noexcept = default;
	~listening_socket(); // removes it, unless another one is there by now

	// Does not block, and is not passed to programs that are started. Stays this object's.
	int get() const { return m_socket.get(); }
	std::string const& path() const { return m_path; }

private:
	listening_socket(unique_fd socket, std::string path);

	unique_fd m_socket;
	std::string m_path;
	dev_t m_device = 0; // which it is
	ino_t m_inode = 0;
};

// Listens at the path, or if that is empty at the process's own in the common folder.
result<listening_socket> open_control_socket(std::string const& path, pid_t process);

// A connection to it, for reading and writing with a time limit. The error's code says whether it is there
// (ECONNREFUSED, ENOENT: nobody listens). fault::network.
result<unique_fd> connect_to_agent(std::string const& path);

} // namespace rawswarm
