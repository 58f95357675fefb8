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
