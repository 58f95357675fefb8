#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# initramfs/finish_jobs takes away the jobs of machines whose beacons say that they are done, by each of the names that a
# job may have, and no others, whatever a beacon has in its texts.
# Exit codes: 0 passed, 1 failed.
set -eu

top=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir "$work/jobs" "$work/pxelinux.cfg"
for name in 52:54:00:00:00:01 52-54-00-00-00-02 525400000003 52:54:00:00:00:04 52:54:00:00:00:05 all; do
	: >"$work/jobs/$name.json"
done
: >"$work/outside.json"
for name in 02 04; do
	ln -s image "$work/pxelinux.cfg/01-52-54-00-00-00-$name"
done

# beacon NAME AGENT STATE: a line of `rawswarm watch --json`
beacon() {
	printf '{"version":1,"from":"10.0.0.9:7700","beacon":{"rawswarm":1,"job":"%s","agent":"%s","host":"",' "$1" "$2"
	printf '"run":"0","seq":1,"uptime_ms":5,"state":"%s","targets":[{"device":"/dev/sda","state":"done"}]}}\n' "$3"
}

{
	beacon room 52:54:00:00:00:01 'done'
	beacon room 52:54:00:00:00:02 'done'
	beacon room 52:54:00:00:00:03 'done'
	beacon room 52:54:00:00:00:04 failed
	beacon '\"agent\":\"52:54:00:00:00:05\",\"uptime_ms\":5,\"state\":\"done\"' 52:54:00:00:00:06 seeding
	beacon room ../outside 'done'
	beacon room 52:54:00:00:00:01 'done'
} | "$top/initramfs/finish_jobs" "$work/jobs" "$work/pxelinux.cfg" >"$work/said"

(cd "$work" && find . ! -type d ! -name said | LC_ALL=C sort) >"$work/found"
diff - "$work/found" <<'LIST'
./found
./jobs/52-54-00-00-00-02.json.done
./jobs/525400000003.json.done
./jobs/52:54:00:00:00:01.json.done
./jobs/52:54:00:00:00:04.json
./jobs/52:54:00:00:00:05.json
./jobs/all.json
./outside.json
./pxelinux.cfg/01-52-54-00-00-00-04
LIST
diff - "$work/said" <<'LIST'
52:54:00:00:00:01.json: done
52-54-00-00-00-02.json: done
525400000003.json: done
LIST
if "$top/initramfs/finish_jobs" "$work/none" </dev/null 2>/dev/null; then
	echo "failed: a folder that is not there was accepted" >&2
	exit 1
fi
echo "passed"
