// SPDX-License-Identifier: BSD-3-Clause
#include "storage/backend/read_answers.hpp"

#include "storage/backend/target_io.hpp"

#include <utility>

namespace rawswarm
{

read_answer aborted_read(read_job job)
{
	return {std::move(job), nullptr, aborted(lt::operation_t::file_read)};
}

void post_answers(completions& completions, buffer_pool& buffers, std::vector<read_answer> answers)
{
	struct reply
	{
		read_handler handler;
		lt::disk_buffer_holder buffer;
		lt::storage_error error;
	};
	if (answers.empty())
	{
		return;
	}
	// the jobs, and the storages that they share, end here and not in the network thread
	std::vector<reply> replies;
	replies.reserve(answers.size());
	for (auto& a : answers)
	{
		replies.push_back({std::move(a.job.handler),
			a.buffer ? buffers.hand_out(a.buffer, a.frame > 0 ? a.frame : a.job.request.length)
					 : lt::disk_buffer_holder(),
			a.error});
	}
	completions.post([r = std::move(replies)]() mutable {
		for (auto& reply : r)
		{
			reply.handler(std::move(reply.buffer), reply.error);
		}
	});
}

} // namespace rawswarm
