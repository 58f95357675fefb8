// SPDX-License-Identifier: BSD-3-Clause
#include "agent/beacon/beacon.hpp"

#include "agent/beacon/hmac.hpp"

#include <boost/asio/ip/address.hpp>
#include <fmt/format.h>
#include <openssl/rand.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

namespace rawswarm
{

namespace
{

constexpr std::string_view mac_head = ",\"mac\":\"";
constexpr std::string_view mac_tail = "\"}";
constexpr std::size_t mac_digits = 64;
constexpr std::size_t max_key_bytes = 4096;

// A descriptor that closes itself.
class open_file
{
public:
	explicit open_file(std::string const& path) noexcept
		: m_fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC))
	{}
	~open_file()
	{
		if (m_fd >= 0)
		{
			::close(m_fd);
		}
	}
	open_file(open_file const&) = delete;
	open_file& operator=(open_file const&) = delete;

	int fd() const noexcept { return m_fd; }

private:
	int m_fd;
};

} // namespace

std::string make_run_id()
{
	std::array<unsigned char, 16> bytes{};
	if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
	{
		// No randomness to be had: two starts still must differ.
		auto const now = std::chrono::system_clock::now().time_since_epoch().count();
		auto const pid = ::getpid();
		std::memcpy(bytes.data(), &now, sizeof(now));
		std::memcpy(bytes.data() + sizeof(now), &pid, sizeof(pid));
	}
	std::string hex;
	for (auto const byte : bytes)
	{
		hex += fmt::format("{:02x}", byte);
	}
	return hex;
}

std::string sign_beacon(std::string datagram, std::string_view key)
{
	if (datagram.empty() || datagram.back() != '}')
	{
		return datagram;
	}
	datagram.pop_back();
	auto const digest = hmac_sha256(key, datagram);
	if (!digest)
	{
		return datagram + "}"; // unsigned: whoever has the key does not take it
	}
	return datagram.append(mac_head).append(to_hex(*digest)).append(mac_tail);
}

bool beacon_is_authentic(std::string_view datagram, std::string_view key)
{
	constexpr auto end_size = mac_head.size() + mac_digits + mac_tail.size();
	if (datagram.size() < end_size)
	{
		return false;
	}
	auto const covered = datagram.substr(0, datagram.size() - end_size);
	auto const end = datagram.substr(covered.size());
	if (end.substr(0, mac_head.size()) != mac_head || end.substr(mac_head.size() + mac_digits) != mac_tail)
	{
		return false;
	}
	auto const digest = hmac_sha256(key, covered);
	return digest && equal_in_constant_time(to_hex(*digest), end.substr(mac_head.size(), mac_digits));
}

result<std::string> read_key_file(std::string const& path)
{
	open_file const file(path);
	if (file.fd() < 0)
	{
		return fail(fault::refused, system_error(errno), "opening the beacon key {}", path);
	}
	std::array<char, max_key_bytes + 1> bytes{};
	std::size_t size = 0;
	while (size < bytes.size())
	{
		auto const got = ::read(file.fd(), bytes.data() + size, bytes.size() - size);
		if (got < 0 && errno == EINTR)
		{
			continue;
		}
		if (got < 0)
		{
			return fail(fault::refused, system_error(errno), "reading the beacon key {}", path);
		}
		if (got == 0)
		{
			break;
		}
		size += static_cast<std::size_t>(got);
	}
	if (size > max_key_bytes)
	{
		return fail(fault::refused, "reading the beacon key {}: larger than {} bytes", path, max_key_bytes);
	}
	std::string key(bytes.data(), size);
	if (!key.empty() && key.back() == '\n')
	{
		key.pop_back();
	}
	if (key.empty())
	{
		return fail(fault::refused, "reading the beacon key {}: it is empty", path);
	}
	return key;
}

result<boost::asio::ip::udp::endpoint> parse_endpoint(std::string_view text)
{
	auto const refuse = [&](std::string_view why) {
		return fail(fault::refused, "reading the address \"{}\": {}", text, why);
	};
	auto const colon = text.rfind(':');
	if (colon == std::string_view::npos)
	{
		return refuse("it has no :PORT");
	}
	auto host = text.substr(0, colon);
	auto const digits = text.substr(colon + 1);
	std::uint16_t port = 0;
	auto const [end, number_error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
	if (number_error != std::errc() || end != digits.data() + digits.size())
	{
		return refuse("the port is no number from 0 to 65535");
	}
	boost::system::error_code ec;
	boost::asio::ip::address address;
	if (host.size() >= 2 && host.front() == '[' && host.back() == ']')
	{
		host = host.substr(1, host.size() - 2);
		address = boost::asio::ip::make_address_v6(std::string(host), ec);
	}
	else
	{
		address = boost::asio::ip::make_address_v4(std::string(host), ec);
	}
	if (ec)
	{
		return refuse("neither an IPv4 address nor an IPv6 address in brackets");
	}
	return boost::asio::ip::udp::endpoint(address, port);
}

std::string format_endpoint(boost::asio::ip::udp::endpoint const& e)
{
	auto const address = e.address().to_string();
	return e.address().is_v6() ? fmt::format("[{}]:{}", address, e.port())
							   : fmt::format("{}:{}", address, e.port());
}

} // namespace rawswarm
