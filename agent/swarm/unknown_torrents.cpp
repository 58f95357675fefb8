// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/unknown_torrents.hpp"

#include "base/text.hpp"

#include <libtorrent/extensions.hpp>
#include <libtorrent/info_hash.hpp>

#include <utility>

namespace rawswarm
{

namespace
{

class plugin final : public lt::plugin
{
public:
	explicit plugin(std::function<void(std::string)> on_asked)
		: m_on_asked(std::move(on_asked))
	{}

	lt::feature_flags_t implemented_features() override { return unknown_torrent_feature; }

	bool on_unknown_torrent(
		lt::info_hash_t const& asked, lt::peer_connection_handle const&, lt::add_torrent_params&) override
	{
		m_on_asked(to_hex(asked.v1.to_string()));
		return false;
	}

private:
	std::function<void(std::string)> m_on_asked;
};

} // namespace

std::shared_ptr<lt::plugin> unknown_torrents_plugin(std::function<void(std::string)> on_asked)
{
	return std::make_shared<plugin>(std::move(on_asked));
}

} // namespace rawswarm
