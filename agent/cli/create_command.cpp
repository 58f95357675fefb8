// SPDX-License-Identifier: BSD-3-Clause
#include "agent/cli/create_command.hpp"

#include "agent/cli/repeatable.hpp"
#include "agent/create/create_map.hpp"
#include "agent/manifest/parse_flag.hpp"
#include "base/clean_text.hpp"
#include "base/parse_number.hpp"
#include "base/parse_size.hpp"

#include <CLI/App.hpp>

#include <utility>

namespace rawswarm
{

void create_command::add_options(CLI::App& app)
{
	app.add_option("SOURCE", m_options.source,
		   "Block device, image file or folder of offset-named files; with --compress also an image "
		   "compressed by zstd or gzip, or - for standard input")
		->required();
	app.add_option("-o,--output", m_options.output, "The torrent to write")
		->type_name("FILE.torrent")
		->required();
	app.add_flag("--skip-zeros", m_options.skip_zeros,
		"Leave blocks of zeros out; rawswarm zeroes them on the target, other programs leave them alone");
	app.add_option("--map", m_map,
		   "Take what is in use: auto asks the file systems, partclone:FILE and bmap:FILE are maps of others")
		->type_name("auto|partclone:FILE|bmap:FILE");
	app.add_flag("--allow-unclean", m_options.allow_unclean,
		"Of a file system whose map cannot be trusted, take what is not zero");
	app.add_flag("--compress", m_level,
		"Also write the image compressed beside the torrent, as FILE.zst; with =1 to =19 at another level "
		"than 3");
	app.add_flag(
		"--raw", m_options.raw, "Take the source as it is, though it looks like a qcow2 or a zip file");
	app.add_flag("--allow-mounted", m_options.allow_mounted, "Read a device that is in use and may change");
	app.add_option(
		   "--piece-size", m_piece_size, "A power of two, such as 1M; by default by the amount of data")
		->type_name("SIZE");
	repeatable(app.add_option("--tracker", m_trackers, "A tracker for other programs, repeatable"), "URL");
	app.add_option("--name", m_options.name, "The torrent's name");
	app.add_option("--job", m_job, "Also write a job that puts the image on a disk, ready to run")
		->type_name("FILE.json");
	app.add_option("--threads", m_options.threads, "Hashing threads; by default one a core");
}

result<int> create_command::run(common_options const& common)
{
	if (m_piece_size)
	{
		auto const bytes = parse_size(*m_piece_size);
		if (!bytes)
		{
			return fail(fault::usage, "--piece-size: not a size: \"{}\"", printable(*m_piece_size));
		}
		m_options.piece_size = *bytes;
	}
	if (m_map)
	{
		BOOST_OUTCOME_TRY(map, parse_map(*m_map));
		m_options.map = std::move(map);
	}
	BOOST_OUTCOME_TRYV(parse_flag(m_trackers, "--tracker", tracker_url::parse, m_options.trackers));
	if (!m_level.empty())
	{
		constexpr int level = 3; // of zstd, its own default
		m_options.compress = m_level == "true" ? level : parse_number<int>(m_level);
		if (!m_options.compress)
		{
			return fail(fault::usage, "--compress: not a level: \"{}\"", printable(m_level));
		}
	}
	return command_create(m_options, m_job, common);
}

} // namespace rawswarm
