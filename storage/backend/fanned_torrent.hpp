// SPDX-License-Identifier: BSD-3-Clause
// A torrent that is written to several targets (fan_out_io.hpp): its storages in the backend, and the calls
// that wait for them. Lives in libtorrent's network thread.
#pragma once

#include "storage/backend/joint_waits.hpp"
#include "storage/backend/storage_target.hpp"

#include <libtorrent/disk_interface.hpp>
#include <libtorrent/disk_observer.hpp>

#include <cstddef>
#include <map>
#include <memory>
#include <utility>
#include <vector>

namespace rawswarm
{

// One of the targets of a torrent.
struct fan_member
{
	lt::storage_holder storage; // in the backend
	std::shared_ptr<storage_target> target; // nullptr: the save path is unknown
};

class member_observer;

// A torrent. Handlers share it, and find it closed if they come after its end.
struct fanned_out
{
	lt::disk_interface* io = nullptr; // the backend; nullptr: closed
	std::vector<fan_member> members;
	joint_waits waits;
	std::size_t counting = 0; // the member that counts what arrives
	// by the peer, and the member (observer_of())
	std::map<std::weak_ptr<lt::disk_observer>, std::vector<std::shared_ptr<member_observer>>,
		std::owner_less<>>
		observers;

	bool is_alone() const { return members.size() == 1; }
	// At least one, which answers with its error if all have ended.
	std::vector<std::size_t> living() const;
	std::size_t first() const { return living().front(); }
	void member_gone(std::size_t member); // nobody waits for it any more
	void close();
};

using fanned_ptr = std::shared_ptr<fanned_out>;

// Tells the peer to go on once no member makes it wait any more. One for a peer and a member as long as the
// peer is there, so that the member knows it again, and blocks need none of their own.
class member_observer final : public lt::disk_observer
{
public:
	member_observer(fanned_ptr const& torrent, std::size_t const number)
		: m_torrent(torrent)
		, m_number(number)
	{}
	virtual ~member_observer() = default;

	// A stopped peer still delivers blocks, and waits once more for each.
	void add_wait(joint_waits::id const wait) { m_waits.push_back(wait); }
	bool has_waits() const { return !m_waits.empty(); }

	void on_disk() override
	{
		if (auto const torrent = m_torrent.lock())
		{
			for (auto const wait : std::exchange(m_waits, {}))
			{
				torrent->waits.answered(wait, m_number);
			}
		}
	}

private:
	std::weak_ptr<fanned_out> m_torrent;
	std::size_t m_number;
	std::vector<joint_waits::id> m_waits;
};

// By which the member knows the peer. Made with the first block of the peer; forgets peers that are gone.
std::shared_ptr<member_observer> const& observer_of(
	fanned_ptr const& torrent, std::shared_ptr<lt::disk_observer> const& peer, std::size_t member);

} // namespace rawswarm
