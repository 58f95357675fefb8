// SPDX-License-Identifier: BSD-3-Clause
// The few things that libtorrent can do and its public interface does not offer. This,
// session_connections.hpp and late_plugins.hpp are the places that use its internal headers, which may change
// with any version; ours is pinned and linked statically.
//
// No function fails: if the torrent or the peer is gone, it does nothing.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <libtorrent/bitfield.hpp>
#include <libtorrent/disk_interface.hpp>
#include <libtorrent/fwd.hpp>
#include <libtorrent/units.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

namespace rawswarm
{

// Who says that there is a peer at an address.
enum class address_source
{
	job, // which is believed, however long nobody answers there
	hearsay, // some peer
};

// Dials at once; torrent_handle::connect_peer leaves it to a timer that fires once per second. The session's
// IP filter applies. Any thread.
void dial_now(lt::torrent_handle const& torrent, std::vector<boost::asio::ip::tcp::endpoint> const& peers,
	address_source from);

// Keeps libtorrent from giving the peer up. It counts the connections to an address that failed, waits longer
// after each, both for an answer and before it dials again, and never dials after the third. To be called for
// each new connection, which then counts as the first that may fail. Does nothing for an address that is
// known by hearsay alone, where nobody has answered yet. libtorrent's thread.
void forget_failures(lt::peer_connection_handle const& peer);

// Somebody has answered at the address of a connection: it is hearsay no more. libtorrent's thread.
void confirm_address(lt::peer_connection_handle const& peer);

// Takes the address of a connection that is about to be closed off libtorrent's list, for a peer that is
// connected by another address already: it would be dialled again and again. libtorrent's thread.
void forget_address(lt::peer_connection_handle const& peer);

// Whether the peer has told of the piece before. False of a number that no piece has. libtorrent's thread.
bool has_told_of(lt::peer_connection_handle const& peer, lt::piece_index_t piece);

// Sends requests to the peer as soon as the message that is being read has been handled. libtorrent does not
// do so when a peer announces a further piece: the peer was interesting before, and only a piece that
// completes or a block that arrives makes it send requests again. libtorrent's thread.
void ask_soon(lt::peer_connection_handle const& peer);

// Limits what the kernel receives from a connected peer ahead of the program; the setting
// recv_socket_buffer_size is looked at only when a connection begins. libtorrent's thread.
void limit_receive_buffer(lt::peer_connection_handle const& peer, int bytes);

// Has the kernel ask a connected peer that is silent whether its host still knows the connection, from two
// seconds on, every second: one that was switched off and on again does not, and the connection ends.
// libtorrent's thread. False: the socket is not open yet.
bool probe_silence(lt::peer_connection_handle const& peer);

// Hangs up on a peer whose host confirms nothing that was sent for so long, the kernel's repetitions
// included. A peer that reads nothing still confirms. libtorrent's thread.
void hang_up_if_lost(lt::peer_connection_handle const& peer, std::chrono::milliseconds limit);

// Adds a piece that did not come from a peer, as torrent_handle::add_piece() does, which copies it. Any
// thread.
void add_piece(lt::torrent_handle const& torrent, lt::piece_index_t piece, std::vector<char> bytes);

// Takes these pieces for there, as after a download, and tells the peers of those that were not. Does nothing
// while the torrent is still being added. Any thread.
void have_pieces(lt::torrent_handle const& torrent, lt::typed_bitfield<lt::piece_index_t> pieces);

// From here on blocks that the peer asks for are read with these flags as well. Those that the disk interface
// answers with fewer bytes go out as the extension message that the peer knows by this id, not 0: three
// numbers, which block and how many bytes, and the bytes. libtorrent's thread.
void send_frames(lt::peer_connection_handle const& peer, lt::disk_job_flags_t flags, std::uint8_t message);

// Bytes that wait to be written to the peer's socket. libtorrent's thread.
int unsent_bytes(lt::peer_connection_handle const& peer);

// A block that came as an extension message: it counts, and is written with these flags, like one that came
// as a block. libtorrent's thread.
void take_frame(lt::peer_connection_handle const& peer, lt::peer_request const& block, char const* data,
	lt::disk_job_flags_t flags);

// The address and port that the peer is listed with: where it listens, once it has told. libtorrent's thread.
boost::asio::ip::tcp::endpoint listed_address(lt::peer_connection_handle const& peer);

// Hangs up, and keeps the peer out. libtorrent's thread.
void ban(lt::peer_connection_handle const& peer);

// The port that the session listens on at this address of ours; 0 if it does not listen there. libtorrent's
// thread.
std::uint16_t listen_port(lt::torrent_handle const& torrent, boost::asio::ip::address const& at);

// To be called by torrent_plugin::on_piece_failed, after which libtorrent takes trust from all peers that
// sent blocks of the piece. Raises their trust before, so that none of them is banned for being one of
// several. If one peer sent the whole piece, libtorrent bans it all the same, and its address is returned.
// libtorrent's thread.
std::optional<boost::asio::ip::tcp::endpoint> spare_suspects(
	lt::torrent_handle const& torrent, lt::piece_index_t piece);

// Ends the parole of the most trusted peer if all peers are on parole and none has requests. Peers on parole
// are asked for whole pieces only, so a piece that has blocks of several peers would wait forever for the
// rest. libtorrent's thread.
void end_parole_if_stuck(lt::torrent_handle const& torrent);

} // namespace rawswarm
