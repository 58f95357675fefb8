// SPDX-License-Identifier: BSD-3-Clause
// What the disk backend must say of an error.
#pragma once

#include <gtest/gtest.h>
#include <libtorrent/error_code.hpp>
#include <libtorrent/operations.hpp>

namespace rawswarm::test
{

// The number is one of errno. Some file of the torrent must be named.
inline void expect_storage_error(
	lt::storage_error const& error, int const error_number, lt::operation_t const operation)
{
	EXPECT_EQ(error.ec.value(), error_number) << error.ec.message();
	EXPECT_EQ(error.operation, operation);
	EXPECT_GE(static_cast<int>(error.file()), 0);
}

} // namespace rawswarm::test
