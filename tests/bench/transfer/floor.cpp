// SPDX-License-Identifier: BSD-3-Clause
#include "tests/bench/transfer/floor.hpp"

#include "base/unique_fd.hpp"
#include "storage/device/piece_seal.hpp"
#include "storage/device/units.hpp"
#include "tests/support/base/throw_errno.hpp"

#include <libtorrent/hasher.hpp>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <functional>
#include <span>
#include <stdexcept>
#include <thread>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

namespace rawswarm::bench
{

namespace
{

using clock = std::chrono::steady_clock;

constexpr std::size_t chunk = std::size_t{1024} * 1024; // as the program reads and writes: 64 blocks
constexpr std::size_t hashed_at_once = std::size_t{256} * 1024; // while it is in the processor's cache
constexpr std::size_t pool_size = std::size_t{64} * 1024 * 1024;

// Bytes at the start of a page, as O_DIRECT wants them, all of them touched.
class pages
{
public:
	explicit pages(std::size_t const size)
		: m_size(size)
		, m_start(::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))
	{
		if (m_start == MAP_FAILED)
		{
			test::throw_errno("memory for the floor");
		}
		std::memset(m_start, 'x', size);
	}
	~pages() { ::munmap(m_start, m_size); }
	pages(pages const&) = delete;
	pages& operator=(pages const&) = delete;

	std::span<char> bytes() const { return {static_cast<char*>(m_start), m_size}; }

private:
	std::size_t m_size;
	void* m_start;
};

// Of the calling thread.
cpu_time used()
{
	rusage r = {};
	::getrusage(RUSAGE_THREAD, &r);
	auto const seconds = [](timeval const& t) { return double(t.tv_sec) + double(t.tv_usec) / 1e6; };
	return {seconds(r.ru_utime), seconds(r.ru_stime)};
}

floor_step time_of(char const* const side, char const* const name, std::function<void()> const& work)
{
	auto const before = used();
	auto const start = clock::now();
	work();
	double const seconds = std::chrono::duration<double>(clock::now() - start).count();
	return {side, name, seconds, used() - before};
}

// step(offset) for each chunk of the image.
void for_each_chunk(std::uint64_t const bytes, std::function<void(std::uint64_t)> const& step)
{
	for (std::uint64_t at = 0; at < bytes; at += chunk)
	{
		step(at);
	}
}

unique_fd opened(std::string const& path, int const flags)
{
	unique_fd fd(::open(path.c_str(), flags | O_CLOEXEC));
	if (!fd)
	{
		test::throw_errno("opening " + path);
	}
	return fd;
}

void check_length(ssize_t const moved, char const* const what)
{
	if (moved != ssize_t(chunk))
	{
		test::throw_errno(what);
	}
}

void send_all(int const socket, std::span<char const> bytes)
{
	while (!bytes.empty())
	{
		auto const n = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
		if (n <= 0)
		{
			test::throw_errno("sending over loopback");
		}
		bytes = bytes.subspan(static_cast<std::size_t>(n));
	}
}

void receive_all(int const socket, std::uint64_t left, std::span<char> const buffer)
{
	while (left > 0)
	{
		auto const n = ::recv(socket, buffer.data(), std::min<std::uint64_t>(left, buffer.size()), 0);
		if (n <= 0)
		{
			test::throw_errno("receiving over loopback");
		}
		left -= static_cast<std::uint64_t>(n);
	}
}

struct connection
{
	unique_fd out;
	unique_fd in;
};

connection connect_to_ourselves()
{
	unique_fd const listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
	unique_fd out(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
	sockaddr_in address{};
	address.sin_family = AF_INET;
	address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
	socklen_t length = sizeof(address);
	auto* const name =
		reinterpret_cast<sockaddr*>(&address); // NOLINT(*-reinterpret-cast): as sockets are named
	if (::bind(listener.get(), name, length) != 0 || ::listen(listener.get(), 1) != 0
		|| ::getsockname(listener.get(), name, &length) != 0 || ::connect(out.get(), name, length) != 0)
	{
		test::throw_errno("connecting over loopback");
	}
	unique_fd in(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
	return {std::move(out), std::move(in)};
}

// Both ends at once, the receiver in a thread of its own.
std::vector<floor_step> tcp_steps(std::uint64_t const bytes, std::span<char> const buffer)
{
	auto const ends = connect_to_ourselves();
	floor_step received{};
	std::exception_ptr failure;
	std::thread receiver([&] {
		try
		{
			pages const into(hashed_at_once);
			received = time_of("client", "receive", [&] { receive_all(ends.in.get(), bytes, into.bytes()); });
		}
		catch (...)
		{
			failure = std::current_exception();
			::shutdown(ends.in.get(), SHUT_RDWR); // the sender must not wait
		}
	});
	floor_step sent{};
	try
	{
		sent = time_of("seeder", "send",
			[&] { for_each_chunk(bytes, [&](std::uint64_t) { send_all(ends.out.get(), buffer); }); });
	}
	catch (...)
	{
		::shutdown(ends.out.get(), SHUT_RDWR);
		receiver.join();
		throw;
	}
	receiver.join();
	if (failure)
	{
		std::rethrow_exception(failure);
	}
	return {sent, received};
}

void copy_blocks(std::span<char const> const from, std::span<char> const to)
{
	for (std::size_t at = 0; at < from.size(); at += block_size)
	{
		std::memcpy(to.data() + at, from.data() + at, block_size);
	}
}

void hash_chunk(lt::hasher& hasher, std::span<char const> const bytes)
{
	for (std::size_t at = 0; at < bytes.size(); at += hashed_at_once)
	{
		hasher.update({bytes.data() + at, std::ptrdiff_t(hashed_at_once)});
	}
}

void write_all(transfer_target const& target, std::uint64_t const bytes, std::span<char const> const pool)
{
	auto const fd = opened(target.path(), O_WRONLY | (target.is_loop() ? O_DIRECT : 0));
	for_each_chunk(bytes, [&](std::uint64_t const at) {
		auto const* const from = pool.data() + at % pool_size;
		check_length(::pwrite(fd.get(), from, chunk, off_t(at)), "writing to the target");
	});
	if (::fsync(fd.get()) != 0)
	{
		test::throw_errno("syncing the target");
	}
}

} // namespace

std::vector<floor_step> measure_floor(
	std::string const& image, std::uint64_t const bytes, transfer_target const& target)
{
	pages const buffer_pages(chunk);
	pages const pool_pages(pool_size);
	auto const buffer = buffer_pages.bytes();
	auto const pool = pool_pages.bytes();
	auto const source = opened(image, O_RDONLY);
	std::vector<floor_step> steps;
	steps.push_back(time_of("seeder", "read", [&] {
		for_each_chunk(bytes, [&](std::uint64_t const at) {
			check_length(::pread(source.get(), buffer.data(), chunk, off_t(at)), "reading the image");
		});
	}));
	steps.push_back(time_of("seeder", "seal", [&] {
		seal_sum sum;
		for_each_chunk(bytes, [&](std::uint64_t) { sum.update(buffer); });
	}));
	auto const tcp = tcp_steps(bytes, buffer);
	steps.insert(steps.end(), tcp.begin(), tcp.end());
	steps.push_back(time_of("client", "copy", [&] {
		for_each_chunk(
			bytes, [&](std::uint64_t const at) { copy_blocks(buffer, pool.subspan(at % pool_size, chunk)); });
	}));
	steps.push_back(time_of("client", "SHA-1", [&] {
		lt::hasher hasher;
		for_each_chunk(bytes, [&](std::uint64_t) { hash_chunk(hasher, buffer); });
	}));
	steps.push_back(time_of("client", "write", [&] { write_all(target, bytes, pool); }));
	return steps;
}

} // namespace rawswarm::bench
