// SPDX-License-Identifier: BSD-3-Clause
// Connects web_seed_claims to a torrent in libtorrent: a plugin of the torrent, and in it one of each peer.
//
// The peers' plugins send and receive the extension message rs_claim (claim_message.hpp) and tell the claims
// what every peer has, by BITFIELD, HAVE and the like, whether or not it knows the message. The plugins live,
// and are called, in libtorrent's network thread. libtorrent owns them; they keep the claims alive.
#pragma once

#include <libtorrent/extensions.hpp>

#include <memory>

namespace rawswarm
{

class web_seed_claims;

std::shared_ptr<lt::torrent_plugin> make_web_seed_plugin(std::shared_ptr<web_seed_claims> claims);

} // namespace rawswarm
