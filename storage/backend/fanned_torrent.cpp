// SPDX-License-Identifier: BSD-3-Clause
#include "storage/backend/fanned_torrent.hpp"

#include <algorithm>

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

void fanned_out::member_gone(std::size_t const member)
{
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

std::shared_ptr<member_observer> const& observer_of(
	fanned_ptr const& torrent, std::shared_ptr<lt::disk_observer> const& peer, std::size_t const member)
{
	auto& observers = torrent->observers;
	auto found = observers.find(peer);
	if (found == observers.end())
	{
		// one that waits is still to answer
		std::erase_if(observers, [](auto const& of) {
			return of.first.expired()
				&& std::ranges::none_of(of.second, [](auto const& o) { return o->has_waits(); });
		});
		std::vector<std::shared_ptr<member_observer>> made;
		for (std::size_t i = 0; i < torrent->members.size(); ++i)
		{
			made.push_back(std::make_shared<member_observer>(torrent, i));
		}
		found = observers.emplace(peer, std::move(made)).first;
	}
	return found->second[member];
}

} // namespace rawswarm
