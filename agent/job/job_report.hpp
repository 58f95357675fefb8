// SPDX-License-Identifier: BSD-3-Clause
// Sends the report of a job that is over to where the job wants it ("report"), so that whoever gives out jobs
// knows what became of this one before the machine goes on.
//
// Blocking. A server that is away for a moment is waited for: a minute if the job is done, as it would be
// done once more if nobody knew; a quarter of that after a failure, which a person is to see soon.
#pragma once

#include "agent/job/job_outcome.hpp"
#include "agent/manifest/manifest.hpp"

namespace rawswarm
{

// Puts into the outcome why the report could not be sent, which is no failure of the job: it goes to the log
// and into the report that is printed. `signals`: as in run_job(). A signal ends the sending at once, and
// stops the job (exit code 130 or 143) unless it has failed already. A job that a signal has stopped reports
// within 5 seconds.
void send_report(manifest const& job, int signals, job_outcome& outcome);

} // namespace rawswarm
