#include "agent/wrong_data.hpp"

#include <libtorrent/piece_picker.hpp>
#include <libtorrent/torrent.hpp>
#include <libtorrent/torrent_peer.hpp>

#include <algorithm>
#include <utility>

namespace rawswarm
{

namespace
{

// libtorrent takes two for each piece that failed, and bans at -7.
constexpr int lowest_trust = -4;

class plugin final : public lt::torrent_plugin
{
public:
	plugin(lt::torrent& torrent, convicted_handler on_convicted)
		: m_torrent(torrent)
		, m_on_convicted(std::move(on_convicted))
	{}

	// libtorrent judges right after this.
	void on_piece_failed(lt::piece_index_t const piece) override
	{
		// of each block, null where it is not known
		auto const senders = m_torrent.picker().get_downloaders(piece);
		for (auto* const peer : senders)
		{
			if (peer != nullptr && peer->trust_points < lowest_trust)
			{
				peer->trust_points = lowest_trust;
			}
		}
		auto* const first = senders.empty() ? nullptr : senders.front();
		if (first != nullptr && std::ranges::count(senders, first) == std::ssize(senders))
		{
			m_on_convicted(first->ip(), piece);
		}
	}

private:
	lt::torrent& m_torrent; // owns this
	convicted_handler m_on_convicted;
};

} // namespace

std::function<std::shared_ptr<lt::torrent_plugin>(lt::torrent_handle const&, lt::client_data_t)>
wrong_data_plugin(convicted_handler on_convicted)
{
	return [on_convicted = std::move(on_convicted)](lt::torrent_handle const& h, lt::client_data_t) {
		return std::make_shared<plugin>(*h.native_handle(), on_convicted);
	};
}

} // namespace rawswarm
