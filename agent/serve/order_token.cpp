// SPDX-License-Identifier: BSD-3-Clause
#include "agent/serve/order_token.hpp"

#include "base/atomic_file.hpp"
#include "base/clean_text.hpp"
#include "base/read_file.hpp"
#include "base/text.hpp"
#include "base/unique_fd.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>

namespace rawswarm
{

namespace
{

// 32 signs, without i, l, o and u (Crockford's Base32).
constexpr std::string_view signs = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr std::size_t token_signs = 20;
constexpr std::size_t group_signs = 5;

constexpr std::size_t least_bytes = 16;
constexpr std::size_t most_bytes = 128;
constexpr std::size_t max_file_bytes = 4096;
constexpr mode_t for_others = 0077;

result<std::string> make_token()
{
	std::array<unsigned char, token_signs> random{};
	if (::getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size()))
	{
		return fail(fault::internal, system_error(errno), "asking the kernel for a random token");
	}
	std::string token;
	for (std::size_t i = 0; i < random.size(); ++i)
	{
		token += i > 0 && i % group_signs == 0 ? "-" : "";
		token += signs[random.at(i) % signs.size()];
	}
	return token;
}

bool is_token(std::string_view const text)
{
	return text.size() >= least_bytes && text.size() <= most_bytes
		&& std::ranges::all_of(text, [](char const c) { return c > ' ' && c <= '~'; });
}

} // namespace

result<std::string> open_order_token(std::string const& path)
{
	unique_fd const file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
	if (!file && errno == ENOENT)
	{
		BOOST_OUTCOME_TRY(token, make_token());
		BOOST_OUTCOME_TRYV(write_atomically(path, token + "\n", S_IRUSR | S_IWUSR));
		return token;
	}
	struct stat st
	{};
	if (!file || ::fstat(file.get(), &st) != 0)
	{
		return fail(fault::refused, system_error(errno), "opening the token {}", printable(path));
	}
	if ((st.st_mode & for_others) != 0)
	{
		return fail(fault::refused, "reading the token {}: others than its owner may read it (mode {:04o})",
			printable(path), st.st_mode & 07777);
	}
	BOOST_OUTCOME_TRY(text, read_all(file.get(), path, max_file_bytes));
	auto const token = trim(text);
	if (!is_token(token))
	{
		return fail(fault::refused, "reading the token {}: not {} to {} printable characters in one line",
			printable(path), least_bytes, most_bytes);
	}
	return std::string(token);
}

} // namespace rawswarm
