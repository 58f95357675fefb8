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
644 usr/lib/systemd/system/rawswarm-seed@.service
644 usr/lib/systemd/system/rawswarm-serve.service
644 usr/lib/systemd/system/rawswarm-watch.service
644 usr/lib/systemd/system/rawswarm.service
644 usr/share/bash-completion/completions/rawswarm
644 usr/share/fish/vendor_completions.d/rawswarm.fish
644 usr/share/man/man5/rawswarm-job.5
644 usr/share/man/man5/rawswarm-room.5
644 usr/share/man/man8/rawswarm-boot.8
644 usr/share/man/man8/rawswarm-check.8
644 usr/share/man/man8/rawswarm-create.8
644 usr/share/man/man8/rawswarm-devices.8
644 usr/share/man/man8/rawswarm-info.8
644 usr/share/man/man8/rawswarm-log.8
644 usr/share/man/man8/rawswarm-room.8
644 usr/share/man/man8/rawswarm-run.8
644 usr/share/man/man8/rawswarm-seed.8
644 usr/share/man/man8/rawswarm-serve.8
644 usr/share/man/man8/rawswarm-set.8
644 usr/share/man/man8/rawswarm-status.8
644 usr/share/man/man8/rawswarm-stop.8
644 usr/share/man/man8/rawswarm-verify.8
644 usr/share/man/man8/rawswarm-watch.8
644 usr/share/man/man8/rawswarm.8
644 usr/share/zsh/vendor-completions/_rawswarm
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
for page in "$work"/image/usr/share/man/man*/*; do
	"$rawswarm" help --man "$(basename "$page")" | cmp - "$page"
done
cd "$work/image/usr/share"
"$rawswarm" help --completion bash | cmp - bash-completion/completions/rawswarm
"$rawswarm" help --completion zsh | cmp - zsh/vendor-completions/_rawswarm
"$rawswarm" help --completion fish | cmp - fish/vendor_completions.d/rawswarm.fish
echo "passed"
