// SPDX-License-Identifier: BSD-3-Clause
// A process that stands still: nothing of it runs from construction to destruction, while its kernel goes on
// taking connections and bytes for it.
//
// One thread. The process must outlive this object. Errors are thrown.
#pragma once

#include <sys/types.h>

namespace rawswarm::test
{

class stopped_process
{
public:
	// Returns once every thread of it has stopped, which takes a while after the signal.
	explicit stopped_process(pid_t process);
	~stopped_process();
	stopped_process(stopped_process const&) = delete;
	stopped_process& operator=(stopped_process const&) = delete;

private:
	pid_t m_process;
};

} // namespace rawswarm::test
