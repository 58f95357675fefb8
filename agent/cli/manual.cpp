// SPDX-License-Identifier: BSD-3-Clause
#include "agent/cli/manual.hpp"

#include "base/exit_codes.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace rawswarm
{

namespace
{

// Written in roff; the rest is escaped.
constexpr std::string_view kernel_parameters_section = R"(.SH KERNEL PARAMETERS
Read by
.BR "rawswarm boot" .
.TP
.BI rd.rawswarm.job= URL|PATH
The job. Without it nothing is done.
.TP
.BI rd.rawswarm.key= PATH
The public key that the job must be signed with.
.TP
.BI rd.rawswarm.log= LEVELS
As \fB\-\-log\fR.
.TP
.BI rd.rawswarm.beacon= ADDRESS:PORT
Where beacons go, also of a failure before there is a job. Repeatable.
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

constexpr std::string_view closing = R"(.SH ENVIRONMENT
.TP
.BR RAWSWARM_LOG ", " SPDLOG_LEVEL
Levels of the log, where \fB\-\-log\fR is not given.
.TP
.B SSL_CERT_FILE
The CA bundle for https.
.SH FILES
.TP
.I /etc/rawswarm/trusted.pub
A public key of minisign's. Where it lies, every job must be signed with it.
.SH SEE ALSO
.BR minisign (1),
.BR dracut (8),
.BR initramfs\-tools (7),
.BR mkinitcpio (8)
)";

// Escapes plain text for roff: backslashes stay, options can be copied, and no line becomes a macro.
std::string escaped(std::string_view const text)
{
	std::string out;
	for (std::size_t i = 0; i < text.size(); ++i)
	{
		bool const option = text.substr(i, 2) == "--" || (i > 0 && text.substr(i - 1, 2) == "--");
		if (text[i] == '\\')
		{
			out += "\\e";
		}
		else if (text[i] == '-' && option)
		{
			out += "\\-";
		}
		else
		{
			out += text[i];
		}
	}
	bool const macro = out.starts_with('.') || out.starts_with('\'');
	return macro ? "\\&" + out : out;
}

// "-o, --output FILE"
std::string heading(table_option const& option)
{
	std::string out;
	for (auto const& name : option.names)
	{
		std::string plain;
		for (char const c : name)
		{
			plain += c == '-' ? "\\-" : std::string(1, c);
		}
		out += fmt::format("{}\\fB{}\\fR", out.empty() ? "" : ", ", plain);
	}
	if (!option.value.empty())
	{
		out += fmt::format("{}\\fI{}\\fR", out.empty() ? "" : " ", escaped(option.value));
	}
	return out;
}

std::string describe(table_option const& option)
{
	auto text = escaped(option.text) + ".";
	if (option.required && !option.names.empty())
	{
		text += " Required.";
	}
	if (!option.fallback.empty())
	{
		text += fmt::format(" By default {}.", escaped(option.fallback));
	}
	return fmt::format(".TP\n{}\n{}\n", heading(option), text);
}

std::string describe(std::vector<table_option> const& options)
{
	std::string out;
	for (auto const& option : options)
	{
		// described once, with the program
		if (std::ranges::find(option.names, "--help") == option.names.end())
		{
			out += describe(option);
		}
	}
	return out;
}

// "\fBrawswarm create\fR [\fIOPTION\fR]... \fISOURCE\fR"
std::string usage(table_command const& program, table_command const& command)
{
	auto out = fmt::format("\\fB{} {}\\fR [\\fIOPTION\\fR]...", program.name, command.name);
	for (auto const& argument : command.arguments)
	{
		auto const name = fmt::format("\\fI{}\\fR", escaped(argument.value));
		out += argument.required ? " " + name : fmt::format(" [{}]", name);
	}
	return out;
}

char upper_case(char const c)
{
	return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

std::string exit_status()
{
	std::string out = ".SH EXIT STATUS\n";
	for (auto const& [code, meaning] : exit_meanings)
	{
		auto text = escaped(meaning);
		text.front() = upper_case(text.front());
		out += fmt::format(".TP\n.B {}\n{}.\n", code, text);
	}
	return out;
}

} // namespace

std::string manual_page(
	table_command const& program, std::vector<table_command> const& commands, std::string_view const version)
{
	auto out = fmt::format(".TH RAWSWARM 1 \"\" \"rawswarm {}\" \"User Commands\"\n", version);
	out += ".SH NAME\nrawswarm \\- puts an operating system image on every disk of a room at once\n";
	out += ".SH SYNOPSIS\n.nf\n";
	for (auto const& command : commands)
	{
		out += usage(program, command) + "\n";
	}
	out += ".fi\n.SH DESCRIPTION\n"
		   "Joins a BitTorrent swarm and writes what arrives straight to disks and partitions, from an\n"
		   "initramfs, a rescue shell or a running system.\n"
		   ".SH OPTIONS\n";
	for (auto const& option : program.options)
	{
		out += describe(option);
	}
	out += ".SH COMMANDS\n";
	for (auto const& command : commands)
	{
		out += fmt::format(
			".SS {}\n{}.\n.PP\n{}\n", command.name, escaped(command.text), usage(program, command));
		out += describe(command.arguments) + describe(command.options);
	}
	return out.append(kernel_parameters_section).append(exit_status()).append(closing);
}

} // namespace rawswarm
