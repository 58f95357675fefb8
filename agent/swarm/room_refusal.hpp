// SPDX-License-Identifier: BSD-3-Clause
// Why a peer was hung up on by a private room (private_room.hpp), as an error of the connection. Thread-safe.
#pragma once

#include <libtorrent/error_code.hpp>

namespace rawswarm
{

enum class room_refusal
{
	no_proof = 1,
	wrong_proof,
	relayed_proof,
};

// The message of the code is for people: what is wrong with the peer.
lt::error_code make_error_code(room_refusal why);

} // namespace rawswarm
