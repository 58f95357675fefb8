#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# A small image through tests/bench/transfer.cpp, on both kinds of targets: the image arrives, and every table has
# its figures. BENCH_TRANSFER is the bench.
set -eu

if [ "$(id -u)" -ne 0 ]; then
	echo "needs root"
	exit 77
fi

output=
failed=0

# expect PATTERN: a line of the output matches the extended regular expression
expect() {
	if ! printf '%s\n' "$output" | grep -Eq "$1"; then
		echo "no line matches: $1"
		failed=1
	fi
}

for target in tmpfs loop; do
	output=$("$BENCH_TRANSFER" --size 16M --runs 1 --target "$target" --memory 16M 2>&1) || failed=1
	expect "^image 16\\.0 MiB \\(random\\) on $target, .*medians of 1\$"
	expect '^rawswarm +[1-9][0-9]* +[0-9]+\.[0-9]{2} +[0-9]+( +[0-9]+\.[0-9]{2} +[0-9]+\.[0-9]{2} +[1-9][0-9]*){2}$'
	expect '^rawswarm +client +(network|hash|io|rawswarm|\(unseen\)) +[0-9]+\.[0-9]{2} +[0-9]+\.[0-9]{2}$'
	for step in 'seeder read' 'seeder seal' 'seeder send' 'client receive' 'client copy' 'client SHA-1' 'client write'; do
		expect "^${step% *} +${step#* } +[1-9][0-9]*( +[0-9]+\\.[0-9]{2}){3}\$"
	done
	expect '^both on [1-9][0-9]* processors that never wait: [1-9][0-9]* MiB/s$'
	if command -v strace >/dev/null; then
		expect '^rawswarm +client +[1-9][0-9]*:.* recvfrom [1-9]'
		expect '^rawswarm +seeder +[1-9][0-9]*:.* sendmsg [1-9]'
	fi
	printf '%s\n' "$output"
done
exit $failed
