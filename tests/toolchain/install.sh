#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# cmake --install puts exactly these files below DESTDIR, where distributions look for them.
# Exit codes: 0 passed, 1 failed, 77 skipped.
set -eu

rawswarm=${RAWSWARM:?names the program}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

[ -e "$rawswarm.debug" ] || {
	echo "skipped: a build with a sanitizer is not for installation"
	exit 77
}

# Mode and path of each file.
cat >"$work/expected" <<'LIST'
644 usr/lib/initcpio/rawswarm-first.conf
644 usr/lib/systemd/system/rawswarm-serve.service
644 usr/lib/systemd/system/rawswarm.service
644 usr/share/bash-completion/completions/rawswarm
644 usr/share/man/man1/rawswarm.1
755 usr/bin/rawswarm
755 usr/lib/dracut/modules.d/50rawswarm/address-rawswarm.sh
755 usr/lib/dracut/modules.d/50rawswarm/module-setup.sh
755 usr/lib/dracut/modules.d/50rawswarm/online-rawswarm.sh
755 usr/lib/dracut/modules.d/50rawswarm/parse-rawswarm.sh
755 usr/lib/dracut/modules.d/50rawswarm/rawswarm-lib.sh
755 usr/lib/dracut/modules.d/50rawswarm/start-rawswarm-without-network.sh
755 usr/lib/dracut/modules.d/50rawswarm/start-rawswarm.sh
755 usr/lib/initcpio/hooks/rawswarm
755 usr/lib/initcpio/install/rawswarm
755 usr/share/initramfs-tools/hooks/rawswarm
755 usr/share/initramfs-tools/scripts/init-premount/rawswarm
LIST

DESTDIR=$work/image cmake --install "$(dirname "$rawswarm")" --prefix /usr >"$work/log"
(cd "$work/image" && find . -type f -printf '%m %P\n' | LC_ALL=C sort) >"$work/found"
diff "$work/expected" "$work/found"

# It is started by nobody until somebody asks for it.
! find "$work/image" -name '*.wants' | grep . || {
	echo "failed: a service is enabled by the installation"
	exit 1
}

cmp "$rawswarm" "$work/image/usr/bin/rawswarm"
"$work/image/usr/bin/rawswarm" help --man | cmp - "$work/image/usr/share/man/man1/rawswarm.1"
"$work/image/usr/bin/rawswarm" help --completion bash \
	| cmp - "$work/image/usr/share/bash-completion/completions/rawswarm"
echo "passed"
