// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/peer_list.hpp"

#include "agent/net/endpoint.hpp"
#include "base/clean_text.hpp"

namespace rawswarm
{

namespace
{

constexpr double millionth = 1e-6;
constexpr std::size_t max_client_bytes = 64;

} // namespace

std::vector<peer_progress> peer_list(std::vector<lt::peer_info> const& peers)
{
	std::vector<peer_progress> list;
	for (auto const& p : peers)
	{
		if (p.flags & (lt::peer_info::connecting | lt::peer_info::handshake))
		{
			continue;
		}
		auto& shown = list.emplace_back();
		shown.address = format_endpoint(p.ip);
		shown.client = cut_text(clean_text(p.client), max_client_bytes);
		shown.down = p.payload_down_speed;
		shown.up = p.payload_up_speed;
		shown.downloaded = p.total_download;
		shown.uploaded = p.total_upload;
		shown.done = p.progress_ppm * millionth;
		shown.is_ours = bool(p.flags & lt::peer_info::outgoing_connection);
		shown.is_wanted = bool(p.flags & lt::peer_info::interesting);
		shown.is_serving = !(p.flags & lt::peer_info::remote_choked);
		shown.wants = bool(p.flags & lt::peer_info::remote_interested);
		shown.on_parole = bool(p.flags & lt::peer_info::on_parole);
	}
	return list;
}

} // namespace rawswarm
