// SPDX-License-Identifier: BSD-3-Clause
// Images from web servers other than nginx: each has its own answers to requests for ranges.
#include "tests/support/device/device_content.hpp"
#include "tests/support/network/web_server.hpp"
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>

namespace rawswarm::test
{

namespace
{

class every_web_server : public ::testing::TestWithParam<web_server_kind>
{
protected:
	void SetUp() override
	{
		if (!has_web_server(GetParam()))
		{
			GTEST_SKIP() << "no " << name_of(GetParam());
		}
	}

	// Images target.img from what the server has at the path.
	void image_from(std::string const& path, std::string const& torrent) const
	{
		web_server const server(GetParam(), m_image.dir.path());
		auto job = loopback_job();
		job["swarm"]["web_seeds"] = {server.url(path)};
		job["targets"].push_back(image_target(torrent, m_image.dir / "target.img"));
		ASSERT_TRUE(exits_with(run_job(m_image.dir, job), exit_code::done));
		EXPECT_TRUE(device_equals(m_image.dir / "target.img", m_image.torrent.files, background::zeros));
	}

	// About 6 MiB in 25 pieces.
	prepared_image m_image{
		extent_layout{.count = 200, .largest = 64 * 1024}, {.piece_size = 256 * 1024, .shuffled = true}};
};

std::string name_of_param(::testing::TestParamInfo<web_server_kind> const& info)
{
	return name_of(info.param);
}

} // namespace

TEST_P(every_web_server, gives_an_image_file)
{
	image_from("source.img", m_image.torrent_path);
}

TEST_P(every_web_server, gives_a_folder_of_offset_named_files)
{
	write_files(m_image.torrent, m_image.dir.path() / "images");
	image_from("images/" + m_image.torrent.name + "/", m_image.torrent_path);
}

TEST_P(every_web_server, gives_a_compressed_image)
{
	auto const torrent = m_image.dir / "packed.torrent";
	ASSERT_TRUE(
		exits_with(run_rawswarm({"create", m_image.source_path, "-o", torrent, "--compress", "--skip-zeros"}),
			exit_code::done));
	image_from("packed.zst", torrent);
}

INSTANTIATE_TEST_SUITE_P(web_servers, every_web_server,
	::testing::Values(web_server_kind::apache, web_server_kind::lighttpd), name_of_param);

} // namespace rawswarm::test
