// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/machine/job_text.hpp"

#include "agent/manifest/parse_manifest.hpp"
#include "tests/support/base/source_tree.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/base/value_of.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace rawswarm::test
{

machine_identity this_machine()
{
	return {"52:54:00:12:34:56", "S3R1AL", "4c4c4544-0042-3510", "pc-07", "10.0.0.7"};
}

std::vector<std::filesystem::path> job_fixtures(std::string const& folder)
{
	std::vector<std::filesystem::path> found;
	for (auto const& entry : std::filesystem::directory_iterator(fixture_folder() / "manifest" / folder))
	{
		if (entry.path().extension() == ".json")
		{
			found.push_back(entry.path());
		}
	}
	std::ranges::sort(found);
	return found;
}

manifest valid_job(std::string const& name)
{
	auto const path = fixture_folder() / "manifest/valid" / (name + ".json");
	auto const parsed =
		parse_manifest(read_file(path), location::of_path("/srv/jobs/" + name + ".json"), this_machine());
	EXPECT_TRUE(parsed) << parsed.error().text;
	return parsed ? parsed.value() : manifest{};
}

std::string job_with(std::string_view const members)
{
	return fmt::format(
		R"({{"version": 1, "targets": [{{"torrent": "a.torrent", "device": "/dev/sda"}}], {}}})", members);
}

result<manifest> parse_job(std::string_view const text, std::string_view const base)
{
	return parse_manifest(text, value_of(parse_location(base)), this_machine());
}

std::string job_refusal(std::string_view const text, std::string_view const base)
{
	auto const parsed = parse_job(text, base);
	if (parsed)
	{
		return "accepted";
	}
	EXPECT_EQ(parsed.error().kind, fault::refused);
	return parsed.error().text;
}

} // namespace rawswarm::test
