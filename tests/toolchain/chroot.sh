#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The program starts in an empty root, and with only /etc/resolv.conf there it resolves names.
set -eu

if [ "$(id -u)" -ne 0 ]; then
	echo "skipped: chroot and namespaces need root"
	exit 77
fi
if [ -z "${IN_NAMESPACE:-}" ]; then
	# In a network namespace of its own, without the ports and the resolver of this machine.
	export IN_NAMESPACE=1
	exec unshare --net --mount -- "$0"
fi

port=8080
# Not 127.0.0.1, which the C library asks if there is no resolv.conf.
name_server=127.0.0.2
work=$(mktemp -d)
servers=

clean_up() {
	for pid in $servers; do
		kill "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
	rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 1' HUP INT TERM

fail() {
	echo "$*"
	for log in "$work"/*.log; do
		test ! -s "$log" || { echo "--- ${log##*/}"; cat "$log"; }
	done
	exit 1
}

# in_root ARGUMENT...: runs the program; standard output and error go to $work/run.log.
in_root() {
	chroot "$work/root" /rawswarm "$@" >"$work/run.log" 2>&1
}

# until_up COMMAND...: waits until the command, a client, gets an answer.
until_up() {
	tries=200
	while ! "$@" >/dev/null 2>&1; do
		tries=$((tries - 1))
		test $tries -gt 0 || fail "no answer: $*"
		sleep 0.05
	done
}

mkdir "$work/root" "$work/www"
cp "$RAWSWARM" "$work/root/rawswarm"

in_root --version || fail "--version"
grep -q '[0-9]\.[0-9]' "$work/run.log" || fail "--version prints no version"
in_root --help || fail "--help"
grep -q check "$work/run.log" || fail "--help does not name its subcommands"

ip link set lo up

# A job that is refused for a reason that can only be given after reading it.
cat >"$work/www/job.json" <<'JSON'
{ "version": 1, "no-such-key": true, "targets": [] }
JSON

busybox httpd -f -p "127.0.0.1:$port" -h "$work/www" >"$work/httpd.log" 2>&1 &
servers="$servers $!"
dnsmasq --keep-in-foreground --conf-file=/dev/null --pid-file= --user=root \
	--no-resolv --no-hosts "--listen-address=$name_server" --bind-interfaces \
	--local=/image-server.test/ --address=/image-server.test/127.0.0.1 >"$work/dnsmasq.log" 2>&1 &
servers="$servers $!"
until_up busybox wget -q -O - "http://127.0.0.1:$port/job.json"
until_up busybox nslookup image-server.test $name_server

# Without a resolver the name is unknown, so the success below is due to the resolver.
status=0
in_root check "http://image-server.test:$port/job.json" || status=$?
test $status -eq 7 || fail "without resolv.conf: exit code $status, not 7"

mkdir "$work/root/etc"
echo "nameserver $name_server" >"$work/root/etc/resolv.conf"
status=0
in_root check "http://image-server.test:$port/job.json" || status=$?
test $status -eq 3 || fail "with resolv.conf: exit code $status, not 3 (job refused)"
grep -q no-such-key "$work/run.log" || fail "the job that was fetched is not the one that was served"
