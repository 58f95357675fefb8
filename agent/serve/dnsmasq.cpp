// SPDX-License-Identifier: BSD-3-Clause
#include "agent/serve/dnsmasq.hpp"

#include "base/clean_text.hpp"
#include "base/lifetime.hpp"
#include "base/run_program.hpp"
#include "base/unique_fd.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <thread>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace rawswarm
{

namespace
{

constexpr std::size_t longest_line = 1024; // the rest of a longer one is left out
constexpr std::chrono::milliseconds time_to_end{1000};
constexpr std::chrono::milliseconds look_interval{5};
constexpr int not_started = 127; // as a shell says it

// For DHCP (addresses in the ARP table, raw packets), ports below 1024, and files in somebody's home.
constexpr std::array kept_capabilities{CAP_NET_ADMIN, CAP_NET_RAW, CAP_NET_BIND_SERVICE, CAP_DAC_READ_SEARCH};

// What runs between fork() and exec(): nothing but system calls, as other threads may have held any lock.
[[noreturn]] void become(char* const* const words, pid_t const parent, int const nothing, int const output)
{
	::prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (::getppid() != parent)
	{
		::_exit(not_started); // it was gone before
	}
	::setpgid(0, 0); // a terminal's ^C is for the parent, which ends it in its own time
	for (int c = 0; c <= CAP_LAST_CAP; ++c)
	{
		if (std::ranges::find(kept_capabilities, c) == kept_capabilities.end())
		{
			::prctl(PR_CAPBSET_DROP, c); // who may not, has few of them anyway
		}
	}
	sigset_t none;
	::sigemptyset(&none);
	::sigprocmask(SIG_SETMASK, &none, nullptr);
	::dup2(nothing, STDIN_FILENO);
	::dup2(output, STDOUT_FILENO);
	::dup2(output, STDERR_FILENO);
	::syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, 0);
	::execv(words[0], words);
	::_exit(not_started);
}

struct started_child
{
	pid_t pid = -1;
	unique_fd output;
};

result<started_child> start_child(std::vector<std::string> words)
{
	unique_fd const nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
	std::array<int, 2> ends{};
	if (!nothing || ::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0)
	{
		return fail(fault::internal, system_error(errno), "starting {}", words.front());
	}
	started_child child{-1, unique_fd(ends[0])};
	unique_fd const output(ends[1]);
	std::vector<char*> pointers;
	pointers.reserve(words.size() + 1);
	for (auto& word : words)
	{
		pointers.push_back(word.data());
	}
	pointers.push_back(nullptr);
	pid_t const parent = ::getpid();
	child.pid = ::fork();
	if (child.pid == 0)
	{
		become(pointers.data(), parent, nothing.get(), output.get());
	}
	if (child.pid < 0)
	{
		return fail(fault::internal, system_error(errno), "starting {}", words.front());
	}
	return child;
}

// What it says of itself, and its own name before it, are the same for everybody.
std::string_view without_name(std::string_view line)
{
	constexpr std::string_view name = "dnsmasq: ";
	if (line.starts_with(name))
	{
		line.remove_prefix(name.size());
	}
	return line;
}

} // namespace

class dnsmasq::impl
{
public:
	impl(boost::asio::io_context& ios, started_child child, dnsmasq_calls calls)
		: m_output(ios, child.output.get())
		, m_fd(std::move(child.output))
		, m_pid(child.pid)
		, m_calls(std::move(calls))
	{
		wait();
	}

	~impl()
	{
		m_output.release(); // m_fd closes it
		if (m_pid > 0)
		{
			end();
		}
	}

	impl(impl const&) = delete;
	impl& operator=(impl const&) = delete;

	pid_t pid() const { return m_pid; }

private:
	void wait()
	{
		m_output.async_wait(boost::asio::posix::descriptor_base::wait_read,
			std::function<void(boost::system::error_code const&)>(
				m_lifetime.guard([this](boost::system::error_code const&) { read(); })));
	}

	void read()
	{
		std::array<char, 4096> buffer{};
		auto const n = ::read(m_fd.get(), buffer.data(), buffer.size());
		if (n == 0)
		{
			has_ended(); // it may have destroyed this
			return;
		}
		for (char const c : std::string_view(buffer.data(), n < 0 ? 0 : static_cast<std::size_t>(n)))
		{
			if (c == '\n')
			{
				pass_on();
			}
			else if (m_line.size() < longest_line)
			{
				m_line += c;
			}
		}
		wait();
	}

	void pass_on()
	{
		auto const line = clean_text(m_line);
		m_line.clear();
		if (!line.empty())
		{
			m_last = without_name(line);
			if (m_calls.on_line)
			{
				m_calls.on_line(line);
			}
		}
	}

	void has_ended()
	{
		pass_on();
		int status = 0;
		::waitpid(std::exchange(m_pid, -1), &status, 0);
		auto why = !m_last.empty() ? m_last
			: WIFEXITED(status)    ? fmt::format("it ended with {}", WEXITSTATUS(status))
								   : fmt::format("signal {} ended it", WTERMSIG(status));
		if (auto const call = std::move(m_calls.on_end))
		{
			call(fail(fault::network, "running dnsmasq: {}", why));
		}
	}

	void end() const
	{
		::kill(m_pid, SIGTERM);
		for (auto waited = std::chrono::milliseconds(0); ::waitpid(m_pid, nullptr, WNOHANG) == 0;
			 waited += look_interval)
		{
			if (waited >= time_to_end)
			{
				::kill(m_pid, SIGKILL);
				::waitpid(m_pid, nullptr, 0);
				return;
			}
			std::this_thread::sleep_for(look_interval);
		}
	}

	boost::asio::posix::stream_descriptor m_output; // its end of the pipe, which m_fd owns
	unique_fd m_fd;
	pid_t m_pid;
	dnsmasq_calls m_calls;
	std::string m_line;
	std::string m_last; // what it said last
	lifetime m_lifetime;
};

dnsmasq::dnsmasq(std::unique_ptr<impl> implementation)
	: m_impl(std::move(implementation))
{}

dnsmasq::~dnsmasq() = default;

pid_t dnsmasq::pid() const
{
	return m_impl->pid();
}

result<std::unique_ptr<dnsmasq>> dnsmasq::start(
	boost::asio::io_context& ios, std::string const& program, std::string const& config, dnsmasq_calls calls)
{
	auto path = program_in_path(program);
	if (path.empty())
	{
		path = program_in_path("/usr/sbin/" + program); // which is not in everybody's PATH
	}
	if (path.empty())
	{
		return fail(fault::refused, "running {}: it is not installed", program);
	}
	auto const option = "--conf-file=" + config;
	BOOST_OUTCOME_TRY(test, run_program({path, "--test", option}));
	if (test.exit_code != 0)
	{
		return fail(fault::refused, "running {}: {}", program, without_name(last_line(test)));
	}
	BOOST_OUTCOME_TRY(child, start_child({path, "--keep-in-foreground", option}));
	return std::unique_ptr<dnsmasq>(
		new dnsmasq(std::make_unique<impl>(ios, std::move(child), std::move(calls))));
}

} // namespace rawswarm
