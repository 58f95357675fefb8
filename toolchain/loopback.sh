# shellcheck shell=sh
# SPDX-License-Identifier: BSD-3-Clause
# Ports on 127.0.0.1 for scripts that start servers, and the clock that they measure with.

# free_port SEED: prints a port that no socket of this machine uses, below the range that the kernel assigns
# itself, so that it stays free until the caller's server has it.
free_port() {
	cat /proc/net/tcp /proc/net/tcp6 /proc/net/udp /proc/net/udp6 2>/dev/null | awk -v seed="$1" '
		{ split($2, address, ":"); used[address[2]] = 1 }
		END {
			srand(seed)
			do
				port = 20000 + int(rand() * 12000)
			while (sprintf("%04X", port) in used)
			print port
		}'
}

# await_listener PID PORT: waits until a process listens on TCP 127.0.0.1:PORT; fails if process PID ends.
await_listener() {
	listener=$(printf '0100007F:%04X 00000000:0000 0A' "$2")
	until grep -q "$listener" /proc/net/tcp; do
		kill -0 "$1" 2>/dev/null || return 1
		sleep 0.1
	done
}

# uptime_seconds: prints the machine's uptime, a clock that is never set.
uptime_seconds() {
	read -r uptime_now _ </proc/uptime
	echo "$uptime_now"
}

# seconds_between START END
seconds_between() {
	awk -v start="$1" -v end="$2" 'BEGIN { printf "%.1f\n", end - start }'
}
