// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/job.hpp"

#include "agent/job/job_report.hpp"
#include "agent/job/job_runner.hpp"
#include "agent/log/log.hpp"
#include "agent/manifest/job_signature.hpp"
#include "base/clean_text.hpp"

#include <chrono>
#include <future>
#include <memory>
#include <thread>
#include <utility>

namespace rawswarm
{

namespace
{

// How long the session and the threads may take to end, before they are left behind.
constexpr std::chrono::seconds longest_end{5};

// Who made the job, and what they say of it.
void log_signature(manifest const& job)
{
	if (auto const& seal = job.fetching.signed_by)
	{
		log::get(log::component::agent)
			.info("the job is signed with key {}: {}", key_id(seal->key), printable(seal->comment));
	}
}

job_outcome run_to_its_end(
	manifest const& job, machine_identity const& self, int const signals, job_start const& start)
{
	auto runner = std::make_shared<job_runner>(job, self, signals, start);
	auto outcome = runner->run();
	// in another thread, as the end waits for all others, and one may wait for a device that hangs
	auto const ended = std::make_shared<std::promise<void>>();
	auto const has_ended = ended->get_future();
	std::thread last([runner = std::move(runner), ended]() mutable {
		runner.reset();
		ended->set_value();
	});
	outcome.is_stuck = has_ended.wait_for(longest_end) != std::future_status::ready;
	if (outcome.is_stuck)
	{
		log::get(log::component::agent).warn("a device does not answer: leaving without it");
		last.detach();
		return outcome;
	}
	last.join();
	return outcome;
}

} // namespace

job_outcome run_job(
	manifest const& job, machine_identity const& self, int const signals, job_start const& start)
{
	log_signature(job);
	auto outcome = run_to_its_end(job, self, signals, start);
	send_report(job, signals, outcome);
	return outcome;
}

} // namespace rawswarm
