// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/wrong_data.hpp"

#include "agent/bittorrent/libtorrent_internals.hpp"

#include <libtorrent/extensions.hpp>
#include <libtorrent/torrent_handle.hpp>

#include <memory>
#include <utility>

namespace rawswarm
{

namespace
{

class plugin final : public lt::torrent_plugin
{
public:
	plugin(lt::torrent_handle torrent, culprit_handler on_culprit)
		: m_torrent(std::move(torrent))
		, m_on_culprit(std::move(on_culprit))
	{}

	void on_piece_failed(lt::piece_index_t const piece) override
	{
		m_has_failed = true;
		if (auto const peer = spare_suspects(m_torrent, piece))
		{
			m_on_culprit(*peer, piece);
		}
	}

	void tick() override // once per second
	{
		if (m_has_failed)
		{
			end_parole_if_stuck(m_torrent);
		}
	}

private:
	lt::torrent_handle m_torrent;
	culprit_handler m_on_culprit;
	bool m_has_failed = false; // some piece; before that no peer is on parole
};

} // namespace

plugin_factory wrong_data_plugin(culprit_handler on_culprit)
{
	return [on_culprit = std::move(on_culprit)](lt::torrent_handle const& h, lt::client_data_t) {
		return std::make_shared<plugin>(h, on_culprit);
	};
}

} // namespace rawswarm
