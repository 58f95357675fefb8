// SPDX-License-Identifier: BSD-3-Clause
#include "storage/backend/fanned_torrent.hpp"

namespace rawswarm
{

std::vector<std::size_t> fanned_out::living() const
{
	std::vector<std::size_t> ret;
	for (std::size_t i = 0; i < members.size(); ++i)
	{
		if (!members[i].target || !members[i].target->has_ended())
		{
			ret.push_back(i);
		}
	}
	return ret.empty() ? std::vector<std::size_t>{0} : ret;
}

std::shared_ptr<member_observer> fanned_out::observer_of(
	std::shared_ptr<lt::disk_observer> const& peer, std::size_t const member) const
{
	auto const found = stopped.find(peer);
	if (found == stopped.end())
	{
		return nullptr;
	}
	auto const known = found->second.find(member);
	return known == found->second.end() ? nullptr : known->second;
}

void fanned_out::forget(std::weak_ptr<lt::disk_observer> const& peer, std::size_t const member)
{
	if (auto const found = stopped.find(peer); found != stopped.end())
	{
		found->second.erase(member);
		if (found->second.empty())
		{
			stopped.erase(found);
		}
	}
}

void fanned_out::member_gone(std::size_t const member)
{
	for (auto& [peer, targets] : stopped)
	{
		targets.erase(member);
	}
	std::erase_if(stopped, [](auto const& peer) { return peer.second.empty(); });
	waits.gone(member);
}

void fanned_out::close()
{
	for (auto& m : members)
	{
		if (m.target && !is_alone())
		{
			m.target->set_on_end({});
		}
		m.storage.reset();
	}
	io = nullptr;
}

} // namespace rawswarm
