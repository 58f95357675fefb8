// SPDX-License-Identifier: BSD-3-Clause
// The kernel's own errors, and its short writes, under the whole backend: files may not grow beyond a limit
// that lies inside a block (RLIMIT_FSIZE), so that one write is cut short and those behind it fail.
#include "tests/support/device/backend_fixture.hpp"
#include "tests/support/device/disk_fixture.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <csignal>
#include <string>
#include <system_error>
#include <tuple>
#include <vector>

#include <sys/resource.h>

namespace rawswarm
{
namespace
{

using test::backend_fixture;
using test::extents_of;

constexpr rlim_t limit = 150'000; // bytes

// The limit of this process, until the end of the scope.
class file_size_limit
{
public:
	explicit file_size_limit(rlim_t const bytes)
		: m_on_signal(std::signal(SIGXFSZ, SIG_IGN))
	{
		::getrlimit(RLIMIT_FSIZE, &m_before);
		rlimit const l{bytes, m_before.rlim_max};
		if (::setrlimit(RLIMIT_FSIZE, &l) != 0)
		{
			throw std::system_error(errno, std::generic_category(), "limiting the size of files");
		}
	}
	~file_size_limit()
	{
		::setrlimit(RLIMIT_FSIZE, &m_before);
		std::signal(SIGXFSZ, m_on_signal);
	}
	file_size_limit(file_size_limit const&) = delete;
	file_size_limit& operator=(file_size_limit const&) = delete;

private:
	void (*m_on_signal)(int);
	rlimit m_before{};
};

class file_faults : public ::testing::TestWithParam<std::tuple<bool, int>>
{};

TEST_P(file_faults, bytes_that_the_kernel_refuses_are_not_reported_written)
{
	auto const [image, io_threads] = GetParam();
	backend_fixture f({.io_threads = io_threads, .image = image});
	f.add_torrent(extents_of({400'000, 300'000}), {.piece_size = 64 * 1024});

	struct sent_block
	{
		int piece = 0;
		int block = 0;
		test::reply<lt::storage_error> reply;
	};
	std::vector<sent_block> sent;
	int good = 0;
	int bad = 0;
	{
		file_size_limit const l(limit);
		for (int p = 0; p < f.pieces(); ++p)
		{
			for (int b = 0; b < f.blocks(p); ++b)
			{
				sent.push_back({p, b, f.write_block(p, b)});
			}
			f.finish(f.hash(p));
			if (p == 0)
			{
				f.finish(f.stop()); // or all may be in one write
			}
		}
		f.finish(f.stop());
		for (auto const& s : sent)
		{
			auto const e = f.finish(s.reply);
			EXPECT_TRUE(!e || e.ec.value() == EFBIG) << e.ec.message();
			EXPECT_TRUE(e || f.files_hold_block(s.piece, s.block)) << s.piece << " " << s.block;
			good += e ? 0 : 1;
			bad += e ? 1 : 0;
		}
	}
	EXPECT_GT(good, 0);
	EXPECT_GT(bad, 0);
	EXPECT_EQ(f.target_errors(), 1);
	EXPECT_LT(f.target(0).written(), f.target(0).total());
	EXPECT_FALSE(f.target(0).complete());
	EXPECT_FALSE(f.target(0).sync()) << "though the kernel would take more by now";
	EXPECT_EQ(f.target(0).synced(), 0);
}

INSTANTIATE_TEST_SUITE_P(all, file_faults, ::testing::Combine(::testing::Bool(), ::testing::Values(0, 1, 4)),
	[](auto const& param) {
		return std::string(std::get<0>(param.param) ? "image_" : "folder_")
			+ std::to_string(std::get<1>(param.param)) + "_threads";
	});

} // namespace
} // namespace rawswarm
