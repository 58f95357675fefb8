// SPDX-License-Identifier: BSD-3-Clause
// Ends of reads on their way to libtorrent.
#pragma once

#include "storage/backend/buffer_pool.hpp"
#include "storage/backend/completions.hpp"
#include "storage/backend/read_job.hpp"

#include <libtorrent/error_code.hpp>

#include <vector>

namespace rawswarm
{

// buffer: the requested bytes, with a reference that the answer takes over; nullptr if there is an
// error.
struct read_answer
{
	read_job job;
	char* buffer = nullptr;
	lt::storage_error error;
};

// The answer to a read that the end of the backend overtook.
read_answer aborted_read(read_job job);

// Posts all handlers together. Any thread.
void post_answers(completions& completions, buffer_pool& buffers, std::vector<read_answer> answers);

} // namespace rawswarm
