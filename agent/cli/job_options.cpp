// SPDX-License-Identifier: BSD-3-Clause
#include "agent/cli/job_options.hpp"

#include "agent/cli/repeatable.hpp"

#include <CLI/App.hpp>

namespace rawswarm
{

void add_swarm_options(CLI::App& app, job_flags& f)
{
	app.add_option("--name", f.name, "The job's name in beacons");
	repeatable(app.add_option("--peer", f.peers, "Where to look for peers, repeatable"), "HOST:PORT");
	repeatable(app.add_option("--tracker", f.trackers,
				   "A tracker, or torrent: those that the torrent names; repeatable"),
		"URL|torrent");
	app.add_option("--listen", f.listen, "Where peers reach this machine (repeatable)")
		->type_name("ADDRESS:PORT")
		->delimiter(',');
	app.add_flag("--no-lsd", f.no_lsd, "No local service discovery");
	repeatable(app.add_option("--beacon", f.beacons, "Where beacons go, repeatable"), "ADDRESS:PORT");
	app.add_option("--memory", f.memory, "Budget of the block cache: auto or a size, such as 64M or 1 GiB")
		->type_name("auto|SIZE");
	app.add_option("--seed-seconds", f.seed_seconds, "Serve for so long")->type_name("SECONDS");
}

void add_job_options(CLI::App& app, job_source& job, job_flags& f)
{
	app.add_option("JOB", job.job, "The job: a path, - for standard input, or an http(s) URL");
	app.add_option("--key", job.key_file, "Public key that the job must be signed with (minisign)")
		->type_name("FILE");
	app.add_option(
		   "--serial-number", job.least_serial_number, "The job's serial_number must be at least this")
		->type_name("NUMBER")
		->check(CLI::NonNegativeNumber);
	app.add_option("--torrent", f.torrent, "The torrent of the image: a path or an http(s) URL")
		->type_name("TORRENT");
	app.add_option("--device", f.device, "The device to write, or to serve from; a selector begins with {")
		->type_name("DEVICE");
	app.add_flag("--create-file", f.create_file, "Make an image file that does not exist");
	repeatable(
		app.add_option("--web-seed", f.web_seeds,
			"An HTTP server that has the image: the URL of an image file, raw or compressed, or, ending in"
			" /, of a folder of offset-named files, repeatable"),
		"URL");
	app.add_option("--role", f.role, "What the targets are for")->type_name("image|seed");
	app.add_option("--existing", f.existing, "discard: fetch all; verify: fetch only what differs")
		->type_name("discard|verify");
	app.add_option("--verify", f.verify, "none; readback: read the device again, past every cache")
		->type_name("none|readback");
	app.add_option("--on-success", f.on_success, "What follows when the job is done")
		->type_name("continue|reboot|poweroff");
	app.add_option("--on-failure", f.on_failure, "What follows when the job failed")
		->type_name("shell|continue|reboot|poweroff");
	add_swarm_options(app, f);
}

} // namespace rawswarm
