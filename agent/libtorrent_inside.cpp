#include "agent/libtorrent_inside.hpp"

#include <boost/asio/post.hpp>
#include <libtorrent/aux_/session_interface.hpp>
#include <libtorrent/peer_connection.hpp>
#include <libtorrent/peer_connection_handle.hpp>
#include <libtorrent/peer_info.hpp>
#include <libtorrent/torrent.hpp>
#include <libtorrent/torrent_handle.hpp>

#include <memory>

namespace rawswarm
{

void dial_now(lt::torrent_handle const& torrent, std::vector<boost::asio::ip::tcp::endpoint> const& peers)
{
	auto const t = torrent.native_handle();
	if (!t)
	{
		return;
	}
	boost::asio::post(t->session().get_context(), [t, peers] {
		if (t->is_aborted())
		{
			return;
		}
		for (auto const& p : peers)
		{
			t->add_peer(p, lt::peer_info::pex);
		}
		t->update_want_peers();
		t->do_connect_boost();
	});
}

void ask_soon(lt::peer_connection_handle const& peer)
{
	if (auto const p = peer.native_handle())
	{
		p->update_interest();
	}
}

} // namespace rawswarm
