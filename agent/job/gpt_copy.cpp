// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/gpt_copy.hpp"

#include "agent/machine/partition_table.hpp"
#include "agent/machine/whole_disk.hpp"

namespace rawswarm
{

result<std::string> note_on_gpt_copy(std::string const& device)
{
	if (!is_whole_disk(device))
	{
		return std::string();
	}
	BOOST_OUTCOME_TRY(place, find_gpt_copy(device));
	return place != gpt_copy_place::elsewhere
		? std::string()
		: std::string("the copy of the GPT is not at the end of the disk, which tools such as sfdisk report; "
					  "\"backup_gpt\": \"move\" puts it there");
}

result<std::string> move_gpt_copy(std::string const& device)
{
	BOOST_OUTCOME_TRY(place, find_gpt_copy(device));
	if (place == gpt_copy_place::no_gpt)
	{
		return std::string("no copy of a GPT was moved: the image has no GPT");
	}
	BOOST_OUTCOME_TRYV(move_backup_gpt(device, disk_access::held));
	return std::string();
}

} // namespace rawswarm
