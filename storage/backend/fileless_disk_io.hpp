// SPDX-License-Identifier: BSD-3-Clause
// What is the same in all of our disk backends: rename, move, delete and priorities concern files. A target
// has none, and its device is left alone. The answers are posted, as those to all other calls.
//
// Threads as in raw_disk_io.hpp.
#pragma once

#include "storage/backend/completions.hpp"

#include <libtorrent/disk_interface.hpp>
#include <libtorrent/error_code.hpp>
#include <libtorrent/sha1_hash.hpp>

#include <functional>
#include <string>
#include <vector>

namespace rawswarm
{

using hash_handler = std::function<void(lt::piece_index_t, lt::sha1_hash const&, lt::storage_error const&)>;
using hash2_handler =
	std::function<void(lt::piece_index_t, lt::sha256_hash const&, lt::storage_error const&)>;

class fileless_disk_io : public lt::disk_interface
{
public:
	explicit fileless_disk_io(lt::io_context& ios)
		: m_completions(ios)
	{}

	void async_move_storage(lt::storage_index_t storage, std::string p, lt::move_flags_t flags,
		std::function<void(lt::status_t, std::string const&, lt::storage_error const&)> handler) final;
	void async_rename_file(lt::storage_index_t storage, lt::file_index_t index, std::string name,
		std::function<void(std::string const&, lt::file_index_t, lt::storage_error const&)> handler) final;
	void async_delete_files(lt::storage_index_t storage, lt::remove_flags_t options,
		std::function<void(lt::storage_error const&)> handler) final;
	void async_set_file_priority(lt::storage_index_t storage,
		lt::aux::vector<lt::download_priority_t, lt::file_index_t> prio,
		std::function<void(
			lt::storage_error const&, lt::aux::vector<lt::download_priority_t, lt::file_index_t>)>
			handler) final;
	std::vector<lt::open_file_state> get_status(lt::storage_index_t) const final { return {}; }

protected:
	completions m_completions;
};

} // namespace rawswarm
