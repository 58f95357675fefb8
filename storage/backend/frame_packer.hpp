// SPDX-License-Identifier: BSD-3-Clause
// Answers reads of peers that take blocks as frames (storage/device/block_frame.hpp).
//
// A frame that is in memory, or stored so on the device, goes out as it is. Else a worker compresses the
// block, which the reader has got meanwhile; what does not shrink by a twentieth goes out raw. Nothing is
// compressed in the network thread, unless there are no workers.
#pragma once

#include "base/object_pool.hpp"
#include "storage/backend/buffer_pool.hpp"
#include "storage/backend/completions.hpp"
#include "storage/backend/disk_stats.hpp"
#include "storage/backend/disk_workers.hpp"
#include "storage/backend/drained_queue.hpp"
#include "storage/backend/frame_store.hpp"
#include "storage/backend/read_answers.hpp"
#include "storage/backend/read_job.hpp"
#include "storage/backend/storage_context.hpp"
#include "storage/device/block_frame.hpp"

#include <vector>

namespace rawswarm
{

class frame_packer
{
public:
	frame_packer(storage_context& context, buffer_pool& buffers, frame_store& frames,
		completions& completions, disk_workers& workers);

	// Any thread. True if the frame is in memory, and the job answered.
	bool answer_from_memory(read_job& job);

	// Worker. Reads the frame as it is stored on the device, into a block of the pool of which the caller has
	// the only reference. Returns its length; 0: there is none that can be sent.
	int read_stored(read_job const& job, char* buffer);

	// Any thread: posts the answers, and has those compressed that are to be frames and are none yet.
	void post(std::vector<read_answer> answers);

private:
	void run();
	void pack(read_answer& a);

	storage_context const& m_context;
	disk_stats& m_stats;
	buffer_pool& m_buffers;
	frame_store& m_frames;
	completions& m_completions;
	disk_workers& m_workers;
	object_pool<frame_writer> m_writers;
	drained_queue<read_answer> m_to_pack;
};

} // namespace rawswarm
