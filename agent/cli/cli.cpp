// SPDX-License-Identifier: BSD-3-Clause
#include "agent/cli/cli.hpp"

#include "agent/cli/boot.hpp"
#include "agent/cli/commands.hpp"
#include "agent/cli/control.hpp"
#include "agent/cli/create_command.hpp"
#include "agent/cli/help.hpp"
#include "agent/cli/job_options.hpp"
#include "agent/cli/output.hpp"
#include "agent/cli/room_command.hpp"
#include "agent/cli/serve_command.hpp"
#include "agent/cli/unknown_words.hpp"
#include "agent/cli/watch_command.hpp"
#include "agent/control/control_socket.hpp"
#include "agent/log/log.hpp"
#include "agent/net/resolver_setup.hpp"
#include "base/clean_text.hpp"
#include "base/version.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <openssl/crypto.h>

#include <exception>
#include <functional>
#include <sstream>
#include <utility>

namespace rawswarm
{

namespace
{

using command = std::function<result<int>()>;

// Of --socket.
constexpr char const* where_to_listen = "Where status, log, set and stop find this agent";
constexpr char const* keep_privileges = "Keep every privilege, and write a core after a crash";
constexpr char const* whom_to_ask = "Of the agent that is meant";

// All verbs and options. Options are bound to the members, so it cannot be copied.
class command_line
{
public:
	command_line();
	command_line(command_line const&) = delete;
	command_line& operator=(command_line const&) = delete;

	int run(std::vector<std::string> const& args);

private:
	result<int> parse_and_run(std::vector<std::string> const& args);
	CLI::App& add(char const* name, char const* description, command c);
	void add_run();
	void add_boot();
	void add_check();
	void add_verify();
	void add_devices();
	void add_info();
	void add_seed();
	void add_create();
	void add_watch();
	void add_status();
	void add_log();
	void add_set();
	void add_stop();
	void add_serve();
	void add_room();
	void add_help();
	void add_socket(CLI::App& app, char const* description);
	void add_sandbox(CLI::App& app);
	command with_job(result<int> (*verb)(job_source const&, common_options const&));
	result<int> run_job();

	CLI::App m_app{"Puts an operating system image on every disk of a room at once.", "rawswarm"};
	command m_chosen;
	common_options m_common;
	job_source m_job;
	job_flags m_flags; // of m_job, not parsed yet
	bool m_dry_run = false;
	std::string m_socket; // empty: the usual place
	std::string m_levels;
	std::vector<std::string> m_settings;
	boot_options m_boot;
	create_command m_create;
	std::string m_info_path;
	watch_command m_watch;
	serve_command m_serve;
	room_command m_room;
	help_options m_help;
};

command_line::command_line()
{
	m_app.set_version_flag("--version", std::string("rawswarm ") + version);
	// in place of a command, as --version
	m_app.add_flag_callback(
		"--licenses", [] { throw CLI::CallForVersion(licenses(), 0); },
		"The licences of the program and of the libraries that are in it");
	m_app.require_subcommand(1);
	add_run();
	add_boot();
	add_check();
	add_verify();
	add_devices();
	add_info();
	add_seed();
	add_create();
	add_watch();
	add_status();
	add_log();
	add_set();
	add_stop();
	add_serve();
	add_room();
	add_help();
}

CLI::App& command_line::add(char const* const name, char const* const description, command c)
{
	auto& sub = *m_app.add_subcommand(name, description);
	sub.add_option("--log", m_common.log, "Level, or COMPONENT=LEVEL, comma-separated")->type_name("LEVELS");
	sub.add_flag("--json", m_common.json, "Machine-readable standard output");
	sub.callback([this, c = std::move(c)] { m_chosen = c; });
	return sub;
}

// Parses the flags of the job, then calls the verb.
command command_line::with_job(result<int> (*const verb)(job_source const&, common_options const&))
{
	return [this, verb]() -> result<int> {
		BOOST_OUTCOME_TRY(flags, parse_overrides(m_flags));
		m_job.flags = std::move(flags);
		return verb(m_job, m_common);
	};
}

result<int> command_line::run_job()
{
	BOOST_OUTCOME_TRY(flags, parse_overrides(m_flags));
	m_job.flags = std::move(flags);
	return command_run(m_job, m_common, m_socket);
}

// Checked with the other options, as a path that no socket can have is a wrong command line.
void command_line::add_socket(CLI::App& app, char const* const description)
{
	app.add_option("--socket", m_socket, description)->type_name("PATH")->check([](std::string const& path) {
		auto const checked = check_socket_path(path);
		return checked ? std::string() : checked.error().text;
	});
}

void command_line::add_sandbox(CLI::App& app)
{
	app.add_flag_callback(
		"--no-sandbox", [this] { m_common.sandbox = false; }, keep_privileges);
}

void command_line::add_run()
{
	auto& app = add("run", "Image, or seed, this machine as the job says",
		[this] { return m_dry_run ? with_job(command_check)() : run_job(); });
	add_job_options(app, m_job, m_flags);
	add_socket(app, where_to_listen);
	add_sandbox(app);
	app.add_flag("--dry-run", m_dry_run, "Every check and the plan; writes nothing");
}

void command_line::add_boot()
{
	auto& app = add("boot", "Image, or seed, this machine as the kernel command line says", [this] {
		m_boot.socket = m_socket;
		return command_boot(m_boot, m_common);
	});
	app.add_option("--cmdline", m_boot.command_line, "Where the kernel command line stands")
		->capture_default_str()
		->type_name("FILE");
	add_socket(app, where_to_listen);
	add_sandbox(app);
	app.add_flag("--check", m_boot.check, "Only say what is wrong with the command line; starts nothing");
	app.add_option("--kmsg", m_boot.kmsg, "Where the log goes beside standard error")
		->capture_default_str()
		->type_name("FILE");
}

void command_line::add_check()
{
	add_job_options(
		add("check", "Every check and the plan; writes nothing", with_job(command_check)), m_job, m_flags);
}

void command_line::add_verify()
{
	add_job_options(
		add("verify", "Hash the targets against their torrents, read-only", with_job(command_verify)), m_job,
		m_flags);
}

void command_line::add_devices()
{
	add("devices", "The block devices, and the selectors that name each",
		[this] { return command_devices(m_common); });
}

void command_line::add_seed()
{
	auto& app = add("seed", "Serve an image until stopped, without a manifest", [this] {
		m_flags.role = "seed";
		return run_job();
	});
	app.add_option("TORRENT", m_flags.torrent, "Path or URL of the torrent")->required();
	app.add_option("SOURCE", m_flags.device, "Block device, image file or folder of offset-named files")
		->required();
	app.add_flag_callback(
		"--verify", [this] { m_flags.existing = "verify"; },
		"Hash all of the source before it is served; by default a sample");
	add_socket(app, where_to_listen);
	add_sandbox(app);
	add_swarm_options(app, m_flags);
}

void command_line::add_info()
{
	auto& app = add("info", "What a torrent or an image holds, and the device that it needs",
		[this] { return command_info(m_info_path, m_common); });
	app.add_option("FILE", m_info_path, "A torrent, an image or a device")->required();
}

void command_line::add_create()
{
	auto& app = add("create", "Make an offset-named torrent from a disk, partition, image file or folder",
		[this] { return m_create.run(m_common); });
	m_create.add_options(app);
}

void command_line::add_watch()
{
	auto& app = add("watch", "Collect beacons and show the room", [this] { return m_watch.run(m_common); });
	m_watch.add_options(app);
	add_sandbox(app);
}

void command_line::add_status()
{
	auto& app = add("status", "What the agents that run on this machine are doing",
		[this] { return command_status(m_socket, m_common); });
	add_socket(app, whom_to_ask);
}

void command_line::add_log()
{
	auto& app = add("log", "Change the levels of a running agent's log",
		[this] { return command_log(m_levels, m_socket, m_common); });
	app.add_option("LEVELS", m_levels, "Level, or COMPONENT=LEVEL, comma-separated")->required();
	add_socket(app, whom_to_ask);
}

void command_line::add_set()
{
	auto& app =
		add("set", "Change settings of a running agent: memory, requests under way, limits of runs, log",
			[this] { return command_set(m_settings, m_socket, m_common); });
	app.add_option("SETTINGS", m_settings,
		   "A target's device, for writers and readers of it alone; then memory=, writers=, readers=, "
		   "coalesce.max_blocks=, coalesce.min_blocks=, coalesce.timeout_ms= or log=, with a value as in a "
		   "job")
		->required();
	add_socket(app, whom_to_ask);
}

void command_line::add_stop()
{
	auto& app = add("stop", "End a running agent in good order, as SIGTERM does, and wait for its end",
		[this] { return command_stop(m_socket, m_common); });
	add_socket(app, whom_to_ask);
}

void command_line::add_serve()
{
	auto& app =
		add("serve", "Serve a room: what its machines boot, their jobs and images, and the room's page",
			[this] { return m_serve.run(m_common, m_socket); });
	m_serve.add_options(app);
	add_socket(app, "Where room, status, log and stop find this server");
	add_sandbox(app);
}

void command_line::add_room()
{
	auto& app = add("room", "Ask the server of a room, or order images, captures and Wake-on-LAN",
		[this] { return m_room.run(m_common, m_socket); });
	m_room.add_options(app);
	add_socket(app, "Of the server that is meant");
}

// For those who build and package the program: without a group, so that --help does not list it.
void command_line::add_help()
{
	auto& app = *m_app.add_subcommand("help", "What --help says; or more of it, for packages")->group("");
	app.add_option(
		"TOPIC", m_help.topic, "A command; of --man also job, the manifest, and room.5, room.json");
	app.add_flag("--man", m_help.man, "The manual page of the topic");
	app.add_flag("--pages", m_help.pages, "The names of all manual pages");
	app.add_option("--schema", m_help.schema, "The JSON Schema of a job or of a room.json")
		->type_name("job|room")
		->check(CLI::IsMember({"job", "room"}));
	app.add_option("--completion", m_help.shell, "Completion for a shell")
		->type_name("bash|zsh|fish")
		->check(CLI::IsMember({"bash", "zsh", "fish"}));
	app.callback([this] { m_chosen = [this] { return print_help(m_app, m_help); }; });
}

result<int> command_line::parse_and_run(std::vector<std::string> const& args)
{
	BOOST_OUTCOME_TRYV(check_command(m_app, args));
	try
	{
		// CLI11 takes them as a stack
		m_app.parse(std::vector<std::string>(args.rbegin(), args.rend()));
	}
	catch (CLI::ParseError const& e)
	{
		// --help and --version come this way too, with 0
		std::ostringstream out;
		std::ostringstream err;
		bool const asked_for = m_app.exit(e, out, err) == 0;
		BOOST_OUTCOME_TRYV(print(out.str()));
		print_to_errors(clean_text(err.str(), line_breaks::keep));
		if (dynamic_cast<CLI::ExtrasError const*>(&e) != nullptr)
		{
			print_to_errors(clean_text(suggestion(m_app, args), line_breaks::keep));
		}
		return asked_for ? 0 : static_cast<int>(fault::usage);
	}
	return m_chosen();
}

int command_line::run(std::vector<std::string> const& args)
{
	auto const r = parse_and_run(args);
	if (!r)
	{
		print_error(r.error().text);
		return static_cast<int>(r.error().kind);
	}
	return r.value();
}

} // namespace

int run_cli(std::vector<std::string> const& args)
{
	occupy_standard_streams();
	try
	{
		// before the first hash: the program reads no configuration file of OpenSSL
		OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
		use_builtin_name_lookup();
		log::setup();
		return command_line().run(args);
	}
	catch (std::exception const& e)
	{
		print_error(e.what());
		return static_cast<int>(fault::internal);
	}
}

} // namespace rawswarm
