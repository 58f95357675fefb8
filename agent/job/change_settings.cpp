// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/change_settings.hpp"

#include "agent/job/storage_setup.hpp"
#include "agent/log/log.hpp"
#include "agent/machine/machine_memory.hpp"
#include "base/clean_text.hpp"

#include <algorithm>

namespace rawswarm
{

namespace
{

using targets_span = std::span<std::shared_ptr<storage_target> const>;

// What the job set stays where the change says nothing.
coalesce_limits changed(coalesce_limits limits, coalesce_limits const& change)
{
	limits.max_blocks = change.max_blocks ? change.max_blocks : limits.max_blocks;
	limits.min_blocks = change.min_blocks ? change.min_blocks : limits.min_blocks;
	limits.timeout = change.timeout ? change.timeout : limits.timeout;
	return limits;
}

result<void> check_limits(coalesce_limits const& limits, targets_span const targets)
{
	for (auto const& t : targets)
	{
		int const max = limits.max_blocks.value_or(t->profile().max_blocks);
		int const min = limits.min_blocks.value_or(t->profile().min_blocks);
		if (min > max)
		{
			return fail(fault::usage, "coalesce.min_blocks: {} would be above coalesce.max_blocks, {} of {}",
				min, max, t->device().path());
		}
	}
	return success();
}

bool is_meant(settings_change const& change, storage_target& target)
{
	return change.device.empty() || target.device().path() == change.device;
}

// Of single devices, or how they are written to: nobody would look at it later.
bool is_of_devices(settings_change const& change)
{
	auto const& limits = change.coalesce;
	return change.writers || change.readers || limits.max_blocks || limits.min_blocks || limits.timeout;
}

} // namespace

agent_settings settings_of(storage_context const& context, targets_span const targets)
{
	auto const now = context.settings();
	agent_settings all{now.memory, now.io_threads, {}};
	all.targets.reserve(targets.size());
	for (auto const& t : targets)
	{
		auto const& p = t->profile();
		all.targets.push_back(
			{t->device().path(), t->writers(), t->readers(), now.coalesce.max_blocks.value_or(p.max_blocks),
				now.coalesce.min_blocks.value_or(p.min_blocks), now.coalesce.timeout.value_or(p.timeout)});
	}
	return all;
}

result<void> change_settings(settings_change const& change, storage_context& context,
	targets_span const targets, manifest_storage const& asked)
{
	if (is_of_devices(change) && targets.empty())
	{
		return fail(
			fault::target, "changing writers, readers or coalesce: the job uses no device yet, or no more");
	}
	auto settings = context.settings();
	settings.coalesce = changed(settings.coalesce, change.coalesce);
	BOOST_OUTCOME_TRYV(check_limits(settings.coalesce, targets));
	auto const meant = [&change](auto const& t) { return is_meant(change, *t); };
	if (!change.device.empty() && std::ranges::none_of(targets, meant))
	{
		return fail(fault::target, "{}: no target of the job has this device", printable(change.device));
	}
	for (auto const& t : targets)
	{
		if (meant(t))
		{
			t->set_writers(change.writers.value_or(t->writers()));
			t->set_readers(change.readers.value_or(t->readers()));
		}
	}
	if (change.memory)
	{
		settings.memory =
			static_cast<std::size_t>(change.memory->value_or(automatic_memory(read_machine_memory())));
	}
	if (change.writers || change.readers)
	{
		settings.io_threads = io_threads_of(targets, asked);
	}
	context.change_settings(settings);
	if (change.log)
	{
		log::set_levels(*change.log);
	}
	return success();
}

} // namespace rawswarm
