#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""jumping_clock.py FILE PROGRAM [ARG...]: runs a program whose wall clock is wrong by what the file says.

The file holds seconds, and is read each time that the program asks for the time, so that who changes the file has
the clock jump. This machine's own clock stays what it is: the program has no vDSO, so that it must ask the kernel,
and a filter (seccomp) has the kernel ask here instead, for CLOCK_REALTIME and its coarse sibling, gettimeofday(2) and
time(2), in all its threads and children. What the kernel itself reckons by that clock does not jump: a wait until a
time of day ends too early or too late by the whole jump, which is what a test looks for.

Ends with the program's exit code, after a line on standard error that says how often the time was asked for. Needs
root and x86-64; 77: not here.
"""

import array
import ctypes
import fcntl
import os
import platform
import select
import socket
import struct
import sys
import time

LIBC = ctypes.CDLL(None, use_errno=True)

# Calls of x86-64.
SECCOMP, CLOCK_GETTIME, GETTIMEOFDAY, TIME = 317, 228, 96, 201
REALTIME, REALTIME_COARSE = 0, 5

# linux/seccomp.h
SET_MODE_FILTER, NEW_LISTENER = 1, 8
ALLOW, USER_NOTIF = 0x7FFF0000, 0x7FC00000
RECEIVE, SEND = 0xC0502100, 0xC0182101
NOTICE_BYTES = 80

PTRACE_TRACEME, PTRACE_DETACH = 0, 17
AT_NULL, AT_IGNORE, AT_SYSINFO_EHDR = 0, 1, 33
START_STACK = 25  # of the fields of /proc/PID/stat behind the name


def install_filter():
    load, equal, leave = 0x20, 0x15, 0x06
    code = [
        (load, 0, 0, 0),  # the call's number
        (equal, 5, 0, GETTIMEOFDAY),
        (equal, 4, 0, TIME),
        (equal, 0, 4, CLOCK_GETTIME),
        (load, 0, 0, 16),  # its first argument
        (equal, 1, 0, REALTIME),
        (equal, 0, 1, REALTIME_COARSE),
        (leave, 0, 0, USER_NOTIF),
        (leave, 0, 0, ALLOW),
    ]
    text = b"".join(struct.pack("HBBI", *step) for step in code)
    steps = ctypes.create_string_buffer(text, len(text))
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(code), ctypes.addressof(steps)))
    return LIBC.syscall(SECCOMP, SET_MODE_FILTER, NEW_LISTENER, program)


def become(argv, channel):
    LIBC.prctl(1, 9)  # PR_SET_PDEATHSIG, SIGKILL
    LIBC.ptrace(PTRACE_TRACEME, 0, 0, 0)
    listener = install_filter()
    if listener < 0:
        os._exit(77)
    channel.sendmsg([b"l"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [listener]))])
    os.close(listener)
    os.execvp(argv[0], argv)


def hide_vdso(pid):
    """The process has stopped in execve(2): its stack begins with argc, argv, the environment and the vector."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        at = int(file.read().rpartition(")")[2].split()[START_STACK])
    with open(f"/proc/{pid}/mem", "r+b", buffering=0) as memory:

        def word():
            nonlocal at
            memory.seek(at)
            at += 8
            return struct.unpack("Q", memory.read(8))[0]

        word()
        for _ in range(2):
            while word() != 0:
                pass
        kind = word()
        while kind != AT_NULL:
            if kind == AT_SYSINFO_EHDR:
                memory.seek(at - 8)
                memory.write(struct.pack("Q", AT_IGNORE))
            word()
            kind = word()


def answer(listener, offset):
    notice = bytearray(NOTICE_BYTES)
    fcntl.ioctl(listener, RECEIVE, notice)
    number, pid = struct.unpack_from("QI", notice)
    call = struct.unpack_from("i", notice, 16)[0]
    arguments = struct.unpack_from("6Q", notice, 32)
    now = time.time_ns() + int(offset * 1e9)
    seconds, rest = divmod(now, 10**9)
    place = arguments[1] if call == CLOCK_GETTIME else arguments[0]
    if place:
        told = {CLOCK_GETTIME: ("qq", seconds, rest), GETTIMEOFDAY: ("qq", seconds, rest // 1000), TIME: ("q", seconds)}
        with open(f"/proc/{pid}/mem", "r+b", buffering=0) as memory:
            memory.seek(place)
            memory.write(struct.pack(*told[call]))
    fcntl.ioctl(listener, SEND, struct.pack("QqiI", number, seconds if call == TIME else 0, 0, 0))


def serve(pid, listener, file):
    answers = 0
    while True:
        ready, _, _ = select.select([listener], [], [], 0.05)
        if ready:
            try:
                with open(file, encoding="ascii") as text:
                    offset = float(text.read() or 0)
                answer(listener, offset)
                answers += 1
            except OSError:
                pass  # who asked is gone
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            print(f"the time was asked for {answers} times", file=sys.stderr)
            return os.waitstatus_to_exitcode(status)


def main():
    if platform.machine() != "x86_64" or os.geteuid() != 0:
        return 77
    file, argv = sys.argv[1], sys.argv[2:]
    ours, theirs = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        become(argv, theirs)
    theirs.close()
    _, status = os.waitpid(pid, 0)
    if not os.WIFSTOPPED(status):
        return os.waitstatus_to_exitcode(status)
    data, ancillary, _, _ = ours.recvmsg(1, socket.CMSG_SPACE(4))
    listener = array.array("i", ancillary[0][2])[0] if data else -1
    hide_vdso(pid)
    LIBC.ptrace(PTRACE_DETACH, pid, 0, 0)
    code = serve(pid, listener, file)
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main())
