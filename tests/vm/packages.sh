#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The files of a release: packages that a fresh Debian installs, upgrades and purges, which switch nothing on and leave
# nothing behind; packages for others, with the files that they are to have; checksums and their signature.
# Exit codes: 0 passed, 1 failed, 77 skipped.
set -eu

top=$(cd "$(dirname "$0")/../.." && pwd)
rawswarm=${RAWSWARM:?names the program}
# shellcheck source=SCRIPTDIR/../support/verdict.sh
. "$top/tests/support/verdict.sh"
[ "$(id -u)" -eq 0 ] || skip "an overlay and chroot need root"
[ -e "$rawswarm.debug" ] || skip "a build with a sanitizer makes no packages"
for program in cpack dpkg-deb lintian minisign rpm rpmbuild debootstrap; do
	command -v "$program" >/dev/null || skip "$program is missing"
done
if [ -z "${IN_NAMESPACE:-}" ]; then
	export IN_NAMESPACE=1
	exec unshare --mount -- "$0"
fi

build=$(dirname "$rawswarm")
system=$("$top/toolchain/debian_system")
work=$(mktemp -d)
trap 'umount --recursive "$work/memory" 2>/dev/null || true; rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# contents FOLDER: mode and path of each file, of manual pages one line
contents() {
	(cd "$1" && find . \( -type f -o -type l \) -printf '%m %P\n' | LC_ALL=C sort)
}

# expect_files WHAT FOLDER: they are those of cmake --install but for $left_out, and the $added
expect_files() {
	{
		grep -v -e "$left_out" "$work/installed.list"
		[ -z "$added" ] || printf '%s\n' "$added"
	} | LC_ALL=C sort >"$work/wanted"
	contents "$2" | sed 's/\.gz$//' | LC_ALL=C sort >"$work/found"
	diff "$work/wanted" "$work/found" || fail "$1 does not have the files that it is to have"
}

DESTDIR=$work/installed cmake --install "$build" --prefix /usr >/dev/null
contents "$work/installed" >"$work/installed.list"
MINISIGN_CONFIG_DIR=$work minisign -G -W -p "$work/key.pub" -s "$work/key" >/dev/null
export RAWSWARM_MAINTAINER='A Maintainer <maintainer@example.org>'
RAWSWARM_SIGNING_KEY=$work/key "$top/toolchain/make_packages" "$build" "$work/new" 1.2.3-4-gabcdef0
RAWSWARM_PACKAGE_KINDS=DEB "$top/toolchain/make_packages" "$build" "$work/old" 1.2.2

RAWSWARM_PACKAGE_KINDS="DEB TXZ" "$top/toolchain/make_packages" "$build" "$work/again" 1.2.3-4-gabcdef0

# The release
cd "$work/new"
for package in *.deb *.tar.xz; do
	cmp "$package" "$work/again/$package" || fail "the same program gives another $package"
done
sha256sum --check --quiet SHA256SUMS
[ "$(wc -l <SHA256SUMS)" -eq "$(find . -type f ! -name 'SHA256SUMS*' | wc -l)" ] || fail "SHA256SUMS does not have every file"
minisign -V -q -p "$work/key.pub" -m SHA256SUMS || fail "the signature is wrong"
lintian --allow-root --fail-on error,warning -- *.deb || fail "lintian finds fault"

# A tarball for any system, and the package of Arch that is made of it
mkdir "$work/tarball" "$work/arch" "$work/rpm"
tar -C "$work/tarball" --strip-components=1 -xf "rawswarm-1.2.3+4+gabcdef0-linux-$(uname -m).tar.xz"
left_out='^$' added='644 usr/share/doc/rawswarm/CHANGELOG.md
644 usr/share/doc/rawswarm/LICENSE
644 usr/share/doc/rawswarm/README.md
644 usr/share/doc/rawswarm/licenses'
expect_files "the tarball" "$work/tarball"
"$work/tarball/usr/bin/rawswarm" --licenses | cmp - "$work/tarball/usr/share/doc/rawswarm/licenses"
mkdir "$work/arch/src" "$work/arch/pkg"
tar -C "$work/arch/src" -xf ./*.tar.xz
# shellcheck disable=SC2016 # of the shell inside
bash -euc 'srcdir=$1/src pkgdir=$1/pkg
. ./PKGBUILD
sha256sum --check --quiet <<<"${sha256sums[0]}  ${source[0]}"
cd "$srcdir"
package' bash "$work/arch" || fail "PKGBUILD does not work"
left_out='initramfs-tools\|vendor-completions/_rawswarm'
added='644 usr/share/licenses/rawswarm-bin/LICENSE
644 usr/share/licenses/rawswarm-bin/licenses
644 usr/share/zsh/site-functions/_rawswarm'
expect_files "the package of Arch" "$work/arch/pkg"

# Packages for systems with RPM
for package in *.rpm; do
	[ -z "$(rpm -qp --scripts --triggers "$package" 2>/dev/null)" ] || fail "$package has scripts"
	(cd "$work/rpm" && rpm2cpio "$work/new/$package" | cpio -idm --quiet)
done
[ "$(rpm -qp --qf '%{NAME} %{VERSION} %{ARCH}\n' ./*.rpm 2>/dev/null | sort | tr '\n' ,)" \
	= "rawswarm 1.2.3+4+gabcdef0 x86_64,rawswarm-dracut 1.2.3+4+gabcdef0 noarch," ] || fail "the packages have other names"
rpm -qp --requires ./rawswarm-dracut*.rpm 2>/dev/null | grep -q '^rawswarm >= 1.2.3+4' || fail "rawswarm-dracut needs no rawswarm"
rpm -qlp ./*.rpm 2>/dev/null | grep -x '/usr\(/lib\|/share\|/bin\|/lib/systemd/system\|/share/man/man8\)\?' \
	&& fail "a package owns a folder of the system"
left_out='initramfs-tools\|initcpio\|system/rawswarm.service\|vendor-completions/_rawswarm'
added='644 usr/share/licenses/rawswarm-dracut/LICENSE
644 usr/share/licenses/rawswarm/LICENSE
644 usr/share/zsh/site-functions/_rawswarm'
expect_files "the RPM" "$work/rpm"

# A fresh Debian
root=$work/memory/root
mkdir "$work/memory"
mount -t tmpfs tmpfs "$work/memory"
mkdir "$root" "$work/memory/upper" "$work/memory/work"
mount -t overlay -o "lowerdir=$system,upperdir=$work/memory/upper,workdir=$work/memory/work" overlay "$root" 2>/dev/null \
	|| skip "may not mount an overlay"
mount -t proc proc "$root/proc"
mkdir -p "$root/packages/old" "$root/packages/new" "$work/none/DEBIAN"
cp "$work"/old/*.deb "$root/packages/old/"
cp "$work"/new/*.deb "$root/packages/new/"
# The system has initramfs-tools. That a module of dracut works is what dracut.sh tests; here only its name is needed.
printf 'Package: dracut-core\nVersion: 059\nArchitecture: all\nMaintainer: nobody <nobody@localhost>\nDescription: a name\n' \
	>"$work/none/DEBIAN/control"
dpkg-deb --root-owner-group --build "$work/none" "$root/packages/dracut-core.deb" >/dev/null
in_root() {
	PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 chroot "$root" "$@"
}
# Without what dpkg knows, its log, and what it keeps of its own earlier state.
state() {
	(cd "$root" && find . \( -path ./proc -o -path ./packages -o -path ./var/lib/dpkg -o -path ./var/log \
		-o -path ./var/cache/ldconfig \) -prune -o -printf '%y %m %p %l\n' | LC_ALL=C sort)
}

in_root dpkg -i /packages/dracut-core.deb >/dev/null
state >"$work/before"
in_root sh -c 'dpkg -i /packages/old/*.deb' >"$work/log" 2>&1 || fail "installing: $(cat "$work/log")"
in_root sh -c 'dpkg -i /packages/new/*.deb' >"$work/log" 2>&1 || fail "upgrading: $(cat "$work/log")"
# shellcheck disable=SC2016 # dpkg's own variables
[ "$(in_root dpkg-query -W -f '${Package} ${Version} ${db:Status-Status}\n' 'rawswarm*' | sort | tr '\n' ,)" \
	= "rawswarm 1.2.3+4+gabcdef0 installed,rawswarm-dracut 1.2.3+4+gabcdef0 installed,\
rawswarm-initramfs-tools 1.2.3+4+gabcdef0 installed," ] || fail "the packages are not installed"

# Used
in_root sh -euc 'rawswarm --version
head -c 1048576 /dev/urandom >/tmp/image
rawswarm create /tmp/image -o /tmp/image.torrent
rawswarm info /tmp/image.torrent
rm /tmp/image /tmp/image.torrent' >"$work/log" 2>&1 || fail "the program that was installed: $(cat "$work/log")"
# shellcheck disable=SC2016 # of the shell inside
in_root bash -euc '. /usr/share/bash-completion/completions/rawswarm
COMP_WORDS=(rawswarm wa) COMP_CWORD=1
_rawswarm
[ "${COMPREPLY[*]}" = watch ]' || fail "bash completes nothing"
in_root dpkg --verify rawswarm rawswarm-dracut rawswarm-initramfs-tools

# Nothing is switched on: all that is new lies below /usr, and no initramfs is another one.
state >"$work/after"
diff "$work/before" "$work/after" | sed -n 's/^[<>] //p' | grep -v '^[dfl] [0-9]* \./usr/' && fail "more was changed than /usr"
grep -e '\.wants/' "$work/after" | grep rawswarm && fail "a target wants a unit of a package"
for unit in rawswarm-serve rawswarm-watch rawswarm-seed@; do
	[ "$(in_root systemctl is-enabled "$unit.service" 2>/dev/null)" = disabled ] || fail "$unit is enabled"
done
[ -z "$(in_root sh -c 'cat /var/lib/dpkg/info/rawswarm*.postinst /var/lib/dpkg/info/rawswarm*.triggers' 2>/dev/null)" ] \
	|| fail "a package does something of its own when it is installed"

in_root dpkg --purge rawswarm-dracut rawswarm-initramfs-tools rawswarm >"$work/log" 2>&1 || fail "purging: $(cat "$work/log")"
state >"$work/after"
diff "$work/before" "$work/after" || fail "a purge leaves something behind"
echo "passed"
