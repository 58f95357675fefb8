// SPDX-License-Identifier: BSD-3-Clause
#include "agent/cli/manual.hpp"

#include "agent/cli/roff.hpp"
#include "base/exit_codes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace rawswarm
{

namespace
{

// Written in roff; the rest is escaped.
constexpr std::string_view kernel_parameters_section = R"(.SH KERNEL PARAMETERS
.TP
.BI rd.rawswarm.job= URL|PATH
The job.
Without it nothing is done.
.TP
.BI rd.rawswarm.key= PATH
The public key that the job must be signed with.
.TP
.BI rd.rawswarm.serial_number= NUMBER
What the job's serial_number must be at least.
.TP
.BI rd.rawswarm.log= LEVELS
As \fB\-\-log\fR.
.TP
.BI rd.rawswarm.beacon= ADDRESS:PORT
Where beacons go, also of a failure before there is a job.
Repeatable.
.TP
.BI rd.rawswarm.timeout= SECONDS
How long to wait for the network and for the job's server.
.TP
.BR rd.rawswarm.sandbox=off
As \fB\-\-no\-sandbox\fR.
.TP
.BI rd.rawswarm.on_success= WHAT
.TQ
.BI rd.rawswarm.on_failure= WHAT
How it ends, before what the job says.
)";

constexpr std::string_view environment_section = R"(.SH ENVIRONMENT
.TP
.BR RAWSWARM_LOG ", " SPDLOG_LEVEL
Levels of the log, where \fB\-\-log\fR is not given.
.TP
.B SSL_CERT_FILE
The CA bundle for https.
.SH FILES
.TP
.I /etc/rawswarm/trusted.pub
A public key of minisign's.
Where it lies, every job must be signed with it.
)";

// Which pages of files a command is about, or of others.
constexpr std::array<std::pair<std::string_view, std::string_view>, 9> related{{
	{"run", ".BR rawswarm\\-job (5),\n"},
	{"check", ".BR rawswarm\\-job (5),\n"},
	{"verify", ".BR rawswarm\\-job (5),\n"},
	{"boot", ".BR rawswarm\\-job (5),\n.BR dracut (8),\n.BR initramfs\\-tools (7),\n.BR mkinitcpio (8),\n"},
	{"create", ".BR rawswarm\\-job (5),\n.BR rawswarm\\-seed (8),\n"},
	{"seed", ".BR rawswarm\\-create (8),\n"},
	{"devices", ".BR rawswarm\\-job (5),\n"},
	{"serve", ".BR rawswarm\\-room (5),\n.BR rawswarm\\-room (8),\n.BR dnsmasq (8),\n"},
	{"room", ".BR rawswarm\\-room (5),\n.BR rawswarm\\-serve (8),\n"},
}};

bool is_common(table_option const& option)
{
	return std::ranges::any_of(
		option.names, [](std::string const& n) { return n == "--help" || n == "--log" || n == "--json"; });
}

// "-o, --output FILE"
std::string heading(table_option const& option)
{
	std::string out;
	for (auto const& name : option.names)
	{
		out += (out.empty() ? "" : ", ") + roff_bold(name);
	}
	if (!option.value.empty())
	{
		out += (out.empty() ? "" : " ") + roff_italic(option.value);
	}
	return out;
}

std::string describe(table_option const& option)
{
	auto text = option.text + ".";
	if (option.names.empty() && !option.completed.words.empty())
	{
		text += fmt::format(" One of {}.", fmt::join(option.completed.words, ", "));
	}
	if (option.required && !option.names.empty())
	{
		text += " Required.";
	}
	if (!option.fallback.empty())
	{
		text += fmt::format(" By default {}.", option.fallback);
	}
	return fmt::format(".TP\n{}\n{}", heading(option), roff_lines(text));
}

std::string usage(table_command const& program, table_command const& command)
{
	auto out = fmt::format("{} [{}]...", roff_bold(program.name + " " + command.name), roff_italic("OPTION"));
	for (auto const& argument : command.arguments)
	{
		auto const name = roff_italic(argument.value);
		out += argument.required ? " " + name : fmt::format(" [{}]", name);
	}
	return out + "\n";
}

std::string sentence(std::string_view const text)
{
	std::string out(text);
	out.front() =
		out.front() >= 'a' && out.front() <= 'z' ? static_cast<char>(out.front() - 'a' + 'A') : out.front();
	return out + ".";
}

std::string exit_status()
{
	std::string out = ".SH EXIT STATUS\n";
	for (auto const& [code, meaning] : exit_meanings)
	{
		out += fmt::format(".TP\n.B {}\n{}", code, roff_lines(sentence(meaning)));
	}
	return out;
}

std::string page_of_program(table_command const& program, std::vector<table_command> const& commands)
{
	auto out = roff_title(program.name, 8);
	out += ".SH NAME\nrawswarm \\- puts an operating system image on every disk of a room at once\n";
	out += ".SH SYNOPSIS\n.nf\n";
	for (auto const& command : commands)
	{
		out += usage(program, command);
	}
	out += ".fi\n.SH DESCRIPTION\n"
		   "Joins a BitTorrent swarm and writes what arrives straight to disks and\n"
		   "partitions, from an initramfs, a rescue shell or a running system.\n"
		   "Each command has a page of its own.\n"
		   ".SH COMMANDS\n";
	for (auto const& command : commands)
	{
		out += fmt::format(
			".TP\n.BR {0}\\-{1} (8)\n{2}", program.name, command.name, roff_lines(command.text + "."));
	}
	out += ".SH OPTIONS\n";
	for (auto const& option : program.options)
	{
		out += describe(option);
	}
	out += ".SS Options of every command\n";
	for (auto const& option : commands.front().options)
	{
		out += is_common(option) ? describe(option) : "";
	}
	out.append(exit_status()).append(environment_section).append(".SH SEE ALSO\n");
	for (auto const& command : commands)
	{
		out += fmt::format(".BR rawswarm\\-{} (8),\n", command.name);
	}
	return out + ".BR rawswarm\\-job (5),\n.BR rawswarm\\-room (5),\n.BR minisign (1)\n";
}

std::string page_of_command(table_command const& program, table_command const& command)
{
	auto out = roff_title(program.name + "-" + command.name, 8);
	out += fmt::format(".SH NAME\n{}\\-{} \\-\n{}.SH SYNOPSIS\n{}.SH DESCRIPTION\n{}", program.name,
		command.name, roff_lines(command.text), usage(program, command), roff_lines(command.text + "."));
	for (auto const& argument : command.arguments)
	{
		out += describe(argument);
	}
	out += ".SH OPTIONS\n";
	for (auto const& option : command.options)
	{
		out += describe(option);
	}
	if (command.name == "boot")
	{
		out += kernel_parameters_section;
	}
	out += ".SH EXIT STATUS\nThat of\n.BR rawswarm (8).\n.SH SEE ALSO\n";
	auto const* const more = std::ranges::find(related, command.name, &decltype(related)::value_type::first);
	if (more != related.end())
	{
		out += more->second;
	}
	return out + ".BR rawswarm (8)\n";
}

} // namespace

std::vector<manual_page> manual_of_commands(
	table_command const& program, std::vector<table_command> const& commands)
{
	std::vector<manual_page> out{{program.name + ".8", page_of_program(program, commands)}};
	for (auto const& command : commands)
	{
		out.push_back(
			{fmt::format("{}-{}.8", program.name, command.name), page_of_command(program, command)});
	}
	return out;
}

} // namespace rawswarm
