// SPDX-License-Identifier: BSD-3-Clause
// One of three disk backends on a temporary folder: ours, and libtorrent's two as oracles.
//
// Ours writes to a folder of offset-named files or to an image file, the others to files of the same content,
// so that the results are compared in the same way. Calls and replies: disk_calls.hpp.
#pragma once

#include "storage/backend/storage_context.hpp"
#include "storage/backend/storage_target.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/device/disk_calls.hpp"
#include "tests/support/torrent/torrent_maker.hpp"

#include <libtorrent/settings_pack.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace rawswarm::test
{

enum class backend_kind
{
	rawswarm,
	mmap,
	posix
};

std::string name_of(backend_kind kind);

struct backend_options
{
	backend_kind kind = backend_kind::rawswarm;
	int io_threads = 4;
	int hash_threads = 2;
	std::size_t memory = 16 * 1024 * 1024; // bytes, ours only
	bool image = false; // an image file instead of a folder, ours only
};

class backend_fixture : public disk_calls
{
public:
	explicit backend_fixture(backend_options const& options);
	virtual ~backend_fixture();

	// Returns the number that use() takes.
	std::size_t add_torrent(std::vector<torrent_file> files, torrent_options options);

	backend_kind kind() const { return m_options.kind; }
	storage_context& context() { return *m_context; } // ours only
	storage_target& target(std::size_t number) { return *m_targets.at(number); } // ours only
	int target_errors() const { return m_target_errors; }

	// True if the files of the torrent in use, or its image, hold the torrent's content. Call it after stop()
	// or end().
	bool files_hold_image() const;

	// The same for one block.
	bool files_hold_block(int piece, int block) const;

private:
	std::string bytes_at(torrent_file const& file, std::uint64_t offset, std::size_t length) const;

	temp_dir m_folder;
	backend_options m_options;
	lt::settings_pack m_settings; // libtorrent's backends keep a reference
	std::atomic<int> m_target_errors{0};
	std::vector<std::shared_ptr<storage_target>> m_targets;
	std::shared_ptr<storage_context> m_context;
};

} // namespace rawswarm::test
