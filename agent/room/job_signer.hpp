// SPDX-License-Identifier: BSD-3-Clause
// Signs jobs as the minisign tool does (https://jedisct1.github.io/minisign/): Ed25519 over the BLAKE2b-512
// of the text. agent/manifest/job_signature.hpp checks it.
//
// The key is one without a password (minisign -G -W): nobody is there to type one. A value; signing is pure,
// and the same text has the same signature.
#pragma once

#include "base/result.hpp"

#include <array>
#include <string>
#include <string_view>

namespace rawswarm
{

class job_signer
{
public:
	// A secret key file's text. fault::refused: no such file, one with a password, one that is damaged. name:
	// for messages.
	static result<job_signer> parse(std::string_view text, std::string_view name);

	// The whole .minisig file. comment: the trusted comment, without line ends. fault::internal.
	result<std::string> sign(std::string_view text, std::string_view comment) const;

private:
	static constexpr std::size_t id_size = 8;
	static constexpr std::size_t key_size = 32;

	std::array<unsigned char, id_size> m_id{};
	std::array<unsigned char, key_size> m_seed{};
};

} // namespace rawswarm
