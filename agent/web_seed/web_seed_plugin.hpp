// SPDX-License-Identifier: BSD-3-Clause
// What web_seed_claims has in libtorrent: a plugin of a torrent, and in it one of each peer. Lives, and is
// called, in libtorrent's thread.
#pragma once

#include <libtorrent/extensions.hpp>

#include <memory>

namespace rawswarm
{

class web_seed_claims;

std::shared_ptr<lt::torrent_plugin> make_web_seed_plugin(std::shared_ptr<web_seed_claims> claims);

} // namespace rawswarm
