#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Without the libraries that tests need, `toolchain/dev test` fails and names the package, instead of running no
# tests; the program alone can still be built. Works on a copy of the tree, with a cmake that does not find them.
# Exit codes: 0 passed, 1 failed, 77 skipped.
set -eu

top=$(cd "$(dirname "$0")/../.." && pwd)
[ -d "$top/build/deps" ] || {
	echo "skipped: $top/build/deps is not there, and would take minutes to make"
	exit 77
}
cmake=$(command -v cmake)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

unset RAWSWARM_SANITIZE
mkdir "$work/bin" "$work/tree"
tar -C "$top" --exclude=./build --exclude=./.git -cf - . | tar -C "$work/tree" -xf -
cd "$work/tree"
mkdir build
ln -s "$top/build/deps" build/deps

# hide CMAKE-OPTION: what configures from now on gets the option as well.
hide() {
	rm -rf build/release
	cat >"$work/bin/cmake" <<WRAPPER
#!/bin/sh
case \$1 in
--build) exec "$cmake" "\$@" ;;
esac
exec "$cmake" "$1" "\$@"
WRAPPER
	chmod 755 "$work/bin/cmake"
}

# expect_refusal PACKAGE
expect_refusal() {
	if PATH=$work/bin:$PATH toolchain/dev test unit >"$work/log" 2>&1; then
		echo "failed: toolchain/dev test passes without $1"
		exit 1
	fi
	grep -q "$1" "$work/log" || {
		echo "failed: toolchain/dev test does not name $1:"
		cat "$work/log"
		exit 1
	}
}

hide -DRAWSWARM_FUSE=
expect_refusal libfuse3-dev
hide -DCMAKE_DISABLE_FIND_PACKAGE_GTest=ON
expect_refusal libgtest-dev

# As toolchain/dev build does.
PATH=$work/bin:$PATH RAWSWARM_ROOT=$work/tree sh -euc '. toolchain/configure.sh; configured_for build' || {
	echo "failed: the program cannot be built without libgtest-dev"
	exit 1
}
echo "passed"
