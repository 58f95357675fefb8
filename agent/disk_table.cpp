#include "agent/disk_inventory.hpp"

namespace rawswarm
{

void read_table(disk_info& disk)
{
	static_cast<void>(disk);
}

} // namespace rawswarm
