// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/room_refusal.hpp"

#include <string>

namespace rawswarm
{

namespace
{

class room_refusal_category final : public boost::system::error_category
{
public:
	char const* name() const noexcept override { return "rawswarm private room"; }

	std::string message(int const code) const override
	{
		switch (static_cast<room_refusal>(code))
		{
		case room_refusal::no_proof: return "it does not prove that it has the room's key";
		case room_refusal::wrong_proof: return "its key is not the room's";
		case room_refusal::relayed_proof:
			return "it proves the room's key for a connection between other addresses";
		}
		return "unknown";
	}
};

} // namespace

lt::error_code make_error_code(room_refusal const why)
{
	static room_refusal_category const category;
	return {static_cast<int>(why), category};
}

} // namespace rawswarm
