// SPDX-License-Identifier: BSD-3-Clause
// What a machine that asks boots. A value.
#pragma once

#include <string>

namespace rawswarm
{

enum class boot_kind
{
	own_disk,
	image,
	capture
};

struct boot_choice
{
	boot_kind kind = boot_kind::own_disk;
	std::string machine; // its name, or its hardware address if it has none
	std::string mac; // empty: it did not say
	std::string image; // to write, or the name to capture under
	std::string append; // kernel parameters
	std::string trouble = {}; // why it boots its own disk, if it was to have an image; one line
	bool signed_jobs = false; // the machine is to trust signed jobs alone
};

} // namespace rawswarm
