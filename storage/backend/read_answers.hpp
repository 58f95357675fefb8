// SPDX-License-Identifier: BSD-3-Clause
// Ends of reads on their way to libtorrent.
#pragma once

#include "storage/backend/buffer_pool.hpp"
#include "storage/backend/completions.hpp"
#include "storage/backend/read_job.hpp"

#include <libtorrent/error_code.hpp>

#include <cstddef>
#include <vector>

namespace rawswarm
{

// buffer: the requested bytes, or a frame of them, with a reference that the answer takes over; nullptr if
// there is an error.
struct read_answer
{
	read_job job;
	char* buffer = nullptr;
	lt::storage_error error;
	int frame = 0; // the length of the frame, by which libtorrent knows it; 0: it is none
};

// Answers that workers gather: each hand-over wakes the network thread.
inline constexpr std::size_t answers_at_once = 8;

// The answer to a read that the end of the backend overtook.
read_answer aborted_read(read_job job);

// Posts all handlers together. Any thread.
void post_answers(completions& completions, buffer_pool& buffers, std::vector<read_answer> answers);

} // namespace rawswarm
