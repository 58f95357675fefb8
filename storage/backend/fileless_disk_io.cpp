// SPDX-License-Identifier: BSD-3-Clause
#include "storage/backend/fileless_disk_io.hpp"

#include <boost/system/error_code.hpp>
#include <libtorrent/error_code.hpp>
#include <libtorrent/operations.hpp>

#include <utility>

namespace rawswarm
{

namespace
{

lt::storage_error not_supported(lt::operation_t const operation)
{
	return {lt::error_code(boost::system::errc::operation_not_supported, boost::system::generic_category()),
		lt::file_index_t{0}, operation};
}

} // namespace

void fileless_disk_io::async_move_storage(lt::storage_index_t, std::string p, lt::move_flags_t,
	std::function<void(lt::status_t, std::string const&, lt::storage_error const&)> handler)
{
	m_completions.answer(std::move(handler), lt::status_t::fatal_disk_error, std::move(p),
		not_supported(lt::operation_t::file_rename));
}

void fileless_disk_io::async_rename_file(lt::storage_index_t, lt::file_index_t const index, std::string name,
	std::function<void(std::string const&, lt::file_index_t, lt::storage_error const&)> handler)
{
	m_completions.answer(
		std::move(handler), std::move(name), index, not_supported(lt::operation_t::file_rename));
}

void fileless_disk_io::async_delete_files(
	lt::storage_index_t, lt::remove_flags_t, std::function<void(lt::storage_error const&)> handler)
{
	m_completions.answer(std::move(handler), not_supported(lt::operation_t::file_remove));
}

void fileless_disk_io::async_set_file_priority(lt::storage_index_t,
	lt::aux::vector<lt::download_priority_t, lt::file_index_t> prio,
	std::function<void(lt::storage_error const&, lt::aux::vector<lt::download_priority_t, lt::file_index_t>)>
		handler)
{
	m_completions.answer(std::move(handler), lt::storage_error(), std::move(prio));
}

} // namespace rawswarm
