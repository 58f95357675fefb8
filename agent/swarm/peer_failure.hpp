// SPDX-License-Identifier: BSD-3-Clause
// Why a peer cannot be reached, in words for those who do not know BitTorrent. Pure.
#pragma once

#include <libtorrent/error_code.hpp>

#include <string>

namespace rawswarm
{

std::string failure_in_words(lt::error_code const& ec);

} // namespace rawswarm
