// SPDX-License-Identifier: BSD-3-Clause
// What the targets of one torrent said to a call that all of them got. A value, for one thread.
#pragma once

#include "storage/backend/target_io.hpp"

#include <libtorrent/error_code.hpp>
#include <libtorrent/operations.hpp>
#include <libtorrent/sha1_hash.hpp>

#include <optional>

namespace rawswarm
{

struct verdict
{
	bool is_right = false; // for one at least
	std::optional<lt::storage_error> failed; // the first error

	void add(lt::storage_error const& e)
	{
		if (!e)
		{
			is_right = true;
		}
		else if (!failed)
		{
			failed = e;
		}
	}

	// Nothing was said if all have gone away before.
	lt::storage_error error(lt::operation_t const operation) const
	{
		return is_right ? lt::storage_error() : failed.value_or(aborted(operation));
	}
};

struct hash_verdict : verdict
{
	lt::sha1_hash hash;
};

} // namespace rawswarm
