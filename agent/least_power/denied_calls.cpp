// SPDX-License-Identifier: BSD-3-Clause
#include "agent/least_power/denied_calls.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace rawswarm
{

namespace
{

#if defined(__x86_64__)
constexpr std::uint32_t own_kind = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t own_kind = AUDIT_ARCH_AARCH64;
#else
constexpr std::uint32_t own_kind = 0;
#endif

constexpr std::uint32_t first_of_x32 = 0x40000000; // __X32_SYSCALL_BIT; no kernel has as many calls

constexpr std::array calls
{
	// other processes, and what they hold
	SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_kcmp, SYS_pidfd_getfd, SYS_process_madvise,
		// the kernel: code in it, its successor, its log, its counters
		SYS_init_module, SYS_finit_module, SYS_delete_module, SYS_kexec_load, SYS_kexec_file_load, SYS_bpf,
		SYS_perf_event_open, SYS_userfaultfd, SYS_io_uring_setup, SYS_io_uring_enter, SYS_io_uring_register,
		SYS_syslog, SYS_lookup_dcookie,
		// keys
		SYS_add_key, SYS_request_key, SYS_keyctl,
		// the machine: the guard ends it (guarded_work.hpp)
		SYS_reboot, SYS_swapon, SYS_swapoff, SYS_acct, SYS_quotactl, SYS_sethostname, SYS_setdomainname,
		SYS_settimeofday, SYS_clock_settime, SYS_clock_adjtime, SYS_adjtimex, SYS_vhangup,
		// files past their paths, other roots and namespaces
		SYS_open_by_handle_at, SYS_fanotify_init, SYS_pivot_root, SYS_chroot, SYS_setns, SYS_unshare,
#if defined(__x86_64__)
		SYS_iopl, SYS_ioperm, SYS_modify_ldt, SYS_uselib,
#endif
};

constexpr std::array<int, calls.size()> numbers = [] {
	std::array<int, calls.size()> n{};
	for (std::size_t i = 0; i < calls.size(); ++i)
	{
		n[i] = static_cast<int>(calls[i]);
	}
	return n;
}();

sock_filter load(std::size_t const offset)
{
	return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset));
}

sock_filter end_with(std::uint32_t const answer)
{
	return BPF_STMT(BPF_RET | BPF_K, answer);
}

} // namespace

std::span<int const> denied_calls()
{
	return own_kind == 0 ? std::span<int const>() : std::span<int const>(numbers);
}

std::vector<sock_filter> filter_of(std::span<int const> const denied)
{
	auto const deny = end_with(SECCOMP_RET_ERRNO | EPERM);
	std::vector<sock_filter> filter;
	filter.reserve(2 * denied.size() + 7);
	filter.push_back(load(offsetof(seccomp_data, arch)));
	filter.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, own_kind, 1, 0));
	filter.push_back(deny);
	filter.push_back(load(offsetof(seccomp_data, nr)));
	filter.push_back(BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, first_of_x32, 0, 1));
	filter.push_back(deny);
	for (int const number : denied)
	{
		filter.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(number), 0, 1));
		filter.push_back(deny);
	}
	filter.push_back(end_with(SECCOMP_RET_ALLOW));
	return filter;
}

result<void> deny_calls()
{
	if (denied_calls().empty())
	{
		return fail(fault::internal, "denying system calls: not known of this processor");
	}
	auto filter = filter_of(denied_calls());
	sock_fprog const program{static_cast<unsigned short>(filter.size()), filter.data()};
	// without the slowdown that kernels before 5.16 add to every filtered process
	constexpr unsigned long how = SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_SPEC_ALLOW;
	if (::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, how, &program) != 0)
	{
		return fail(fault::internal, system_error(errno), "denying system calls");
	}
	return success();
}

} // namespace rawswarm
