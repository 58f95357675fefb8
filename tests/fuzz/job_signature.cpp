// SPDX-License-Identifier: BSD-3-Clause
// Signature and key files as a server or a medium has them (agent/manifest/job_signature.hpp): what is taken
// for the signature of a text is none of another text, and none by another key; the comment that it is taken
// with stands in the file.
//
// Compiled with: agent/manifest/base64.cpp agent/manifest/job_signature.cpp -lcrypto
#include "agent/manifest/job_signature.hpp"

#include "tests/fuzz/require.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace
{

using rawswarm::fuzz::require;

// The key of the corpus.
constexpr std::string_view key_line = "RWS6vM7JH5iZddAFRqT2Jt6BTv0DETR2wYp3BYSuXUzO3WQVIw6d0cqx";
constexpr std::string_view text =
	"{\"version\": 1, \"name\": \"lab-3\", \"targets\": [{\"torrent\": \"a.torrent\", "
	"\"device\": \"/tmp/disk.img\"}]}\n";

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* const data, std::size_t const size)
{
	using namespace rawswarm;
	auto const file = fuzz::text_of(data, size);
	auto key = parse_public_key(key_line, "trusted.pub");
	require(bool(key));
	if (auto const taken = verify_signature(key.value(), text, file, "job.json"))
	{
		require(file.find(taken.value()) != std::string_view::npos);
		require(!verify_signature(key.value(), std::string(text) + " ", file, "job.json"));
		key.value().key[0] ^= 1;
		require(!verify_signature(key.value(), text, file, "job.json"));
	}
	if (auto const other = parse_public_key(file, "other.pub"))
	{
		require(!key_id(other.value()).empty());
		require(!verify_signature(other.value(), text, file, "job.json"));
	}
	return 0;
}
