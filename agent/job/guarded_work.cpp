// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/guarded_work.hpp"

#include "agent/job/end_action.hpp"
#include "agent/job/guard_report.hpp"
#include "agent/log/log.hpp"
#include "base/descriptor_limit.hpp"
#include "base/exit_codes.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string_view>
#include <utility>

#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace rawswarm
{

namespace
{

using clock = std::chrono::steady_clock;

constexpr std::chrono::seconds time_to_stop{90}; // longer than the job's own limit (job.cpp)
constexpr std::chrono::seconds time_after_second_signal{5};
constexpr std::chrono::seconds time_to_end{2}; // for a child that has reported its end

// Descriptors above this are not looked at when a stuck child closes its connections.
constexpr int max_descriptors = 65536;

struct channel
{
	unique_fd reading;
	unique_fd writing;
};

// Sockets rather than a pipe: a write to an end that is gone then raises no signal.
result<channel> make_channel()
{
	std::array<int, 2> fds{};
	if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds.data()) != 0)
	{
		return fail(fault::internal, system_error(errno), "starting the job");
	}
	return channel{unique_fd(fds[0]), unique_fd(fds[1])};
}

// The other end may be gone, which the guard notices by itself.
void write_all(int const fd, std::string_view bytes)
{
	while (!bytes.empty())
	{
		auto const written = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
		if (written < 0 && errno != EINTR)
		{
			return;
		}
		bytes.remove_prefix(written > 0 ? static_cast<std::size_t>(written) : 0);
	}
}

sigset_t guarded_signals()
{
	sigset_t set;
	::sigemptyset(&set);
	for (int const s : {SIGINT, SIGTERM, SIGCHLD})
	{
		::sigaddset(&set, s);
	}
	return set;
}

class guard
{
public:
	guard(
		pid_t const child, unique_fd signals, unique_fd report, unique_fd own_signals, sigset_t const& before)
		: m_child(child)
		, m_signals(std::move(signals))
		, m_report(std::move(report))
		, m_own_signals(std::move(own_signals))
		, m_before(before)
	{}

	result<int> wait();

private:
	bool wait_for_event();
	void on_signal(int signal);
	void on_child();
	void read_report();
	int poll_time() const;
	result<int> leave();
	void limit(std::chrono::seconds time);

	pid_t m_child;
	unique_fd m_signals;
	unique_fd m_report;
	unique_fd m_own_signals;
	sigset_t m_before;
	guard_report m_told;
	std::optional<int> m_status; // of the child, as waitpid() tells it
	std::optional<clock::time_point> m_until;
	int m_first_signal = 0;
	int m_count = 0; // of signals
};

void guard::limit(std::chrono::seconds const time)
{
	auto const until = clock::now() + time;
	m_until = m_until ? std::min(*m_until, until) : until;
}

void guard::on_signal(int const signal)
{
	if (m_told.end())
	{
		return; // it is over already
	}
	++m_count;
	m_first_signal = m_count == 1 ? signal : m_first_signal;
	if (!m_told.takes_signals())
	{
		limit(std::chrono::seconds(0));
		return;
	}
	char const byte = static_cast<char>(signal);
	write_all(m_signals.get(), {&byte, 1});
	limit(m_count == 1 ? time_to_stop : m_count == 2 ? time_after_second_signal : std::chrono::seconds(0));
}

void guard::on_child()
{
	int status = 0;
	if (::waitpid(m_child, &status, WNOHANG) == m_child)
	{
		m_status = status;
	}
}

void guard::read_report()
{
	std::array<char, 4096> part{};
	auto const length = ::read(m_report.get(), part.data(), part.size());
	if (length <= 0)
	{
		m_report = unique_fd();
		return;
	}
	m_told.add({part.data(), static_cast<std::size_t>(length)});
	if (m_told.end())
	{
		limit(time_to_end);
	}
	if (m_told.is_over())
	{
		m_report = unique_fd(); // a child that goes on telling would keep the guard from all else
	}
}

int guard::poll_time() const
{
	if (!m_until)
	{
		return -1;
	}
	auto const left = std::chrono::ceil<std::chrono::milliseconds>(*m_until - clock::now()).count();
	return static_cast<int>(std::max<std::int64_t>(left, 0));
}

// False: there is nothing more to wait for.
bool guard::wait_for_event()
{
	std::array<pollfd, 2> fds{{{m_own_signals.get(), POLLIN, 0}, {m_report.get(), POLLIN, 0}}};
	int const ready = ::poll(fds.data(), fds.size(), poll_time());
	if (ready <= 0)
	{
		return ready < 0 && errno == EINTR;
	}
	if (fds[1].revents != 0)
	{
		read_report();
	}
	else if (fds[0].revents != 0)
	{
		signalfd_siginfo info{};
		if (::read(m_own_signals.get(), &info, sizeof info) == sizeof info)
		{
			int const signal = static_cast<int>(info.ssi_signo);
			signal == SIGCHLD ? on_child() : on_signal(signal);
		}
	}
	// what it reported before its end is still to be read
	return !m_status || m_report;
}

result<int> guard::wait()
{
	while (wait_for_event())
	{}
	if (!m_status)
	{
		::kill(m_child, SIGKILL); // without effect on a thread that is stuck
	}
	return leave();
}

result<int> guard::leave()
{
	::sigprocmask(SIG_SETMASK, &m_before, nullptr);
	if (auto const& end = m_told.end())
	{
		BOOST_OUTCOME_TRYV(carry_out(end->action, m_told.words()));
		return end->exit_code;
	}
	if (m_status && WIFEXITED(*m_status))
	{
		return WEXITSTATUS(*m_status);
	}
	if (m_first_signal != 0)
	{
		if (!m_told.takes_signals())
		{
			std::signal(m_first_signal, SIG_DFL);
			::raise(m_first_signal);
		}
		return exit_code::first_signal + m_first_signal;
	}
	int const signal = m_status ? WTERMSIG(*m_status) : SIGKILL;
	log::get(log::component::agent).error("the program was ended by signal {}", signal);
	return exit_code::first_signal + signal;
}

// Connections and outputs, so that those at their other ends need not wait for a process that cannot end.
// Devices are left alone: to close one that hangs would block.
void close_what_others_wait_for()
{
	for (int fd = 0; fd < max_descriptors; ++fd)
	{
		int type = 0;
		socklen_t length = sizeof type;
		if (fd <= STDERR_FILENO || ::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) == 0)
		{
			::close(fd);
		}
	}
}

} // namespace

guarded_work::guarded_work(unique_fd signals, unique_fd report)
	: m_signals(std::move(signals))
	, m_report(std::move(report))
{}

int guarded_work::take_signals(std::span<std::string const> const words)
{
	write_all(m_report.get(), signals_report(words));
	return m_signals.get();
}

int guarded_work::end(int const exit_code, end_action const action, bool const is_stuck)
{
	std::fflush(nullptr);
	write_all(m_report.get(), end_report({exit_code, action}));
	m_report = unique_fd();
	if (is_stuck)
	{
		close_what_others_wait_for();
		::_exit(exit_code);
	}
	return exit_code;
}

result<int> run_guarded(std::function<result<int>(guarded_work&)> const& work)
{
	BOOST_OUTCOME_TRY(signals, make_channel());
	BOOST_OUTCOME_TRY(report, make_channel());
	auto const set = guarded_signals();
	sigset_t before;
	::sigprocmask(SIG_BLOCK, &set, &before);
	std::signal(SIGCHLD, SIG_DFL); // who ignores it is never told of a child's end
	unique_fd own_signals(::signalfd(-1, &set, SFD_CLOEXEC));
	std::fflush(nullptr);
	auto const guard_pid = ::getpid();
	pid_t const child = own_signals ? ::fork() : -1;
	if (child < 0)
	{
		int const why = errno;
		::sigprocmask(SIG_SETMASK, &before, nullptr);
		return fail(fault::internal, system_error(why), "starting the job");
	}
	if (child > 0)
	{
		signals.reading = unique_fd();
		report.writing = unique_fd();
		return guard(
			child, std::move(signals.writing), std::move(report.reading), std::move(own_signals), before)
			.wait();
	}
	// Ends with the guard, and hears of signals from it alone: a terminal sends them to both.
	::prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (::getppid() != guard_pid)
	{
		::_exit(exit_code::first_signal + SIGKILL);
	}
	std::signal(SIGINT, SIG_IGN);
	std::signal(SIGTERM, SIG_IGN);
	::sigprocmask(SIG_SETMASK, &before, nullptr);
	own_signals = unique_fd();
	signals.writing = unique_fd();
	report.reading = unique_fd();
	// Each peer takes one, and the session reads the limit when it is made. Not in the guard: the program
	// that takes its place has the limit of who started this one.
	raise_descriptor_limit();
	guarded_work own(std::move(signals.reading), std::move(report.writing));
	return work(own);
}

} // namespace rawswarm
