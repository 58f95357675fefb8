// SPDX-License-Identifier: BSD-3-Clause
#include "base/thread_name.hpp"

#include <sys/prctl.h>

namespace rawswarm
{

void name_this_thread(char const* const name)
{
	::prctl(PR_SET_NAME, name); // a thread without one does its work as well
}

} // namespace rawswarm
