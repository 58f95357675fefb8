# shellcheck shell=sh
# SPDX-License-Identifier: BSD-3-Clause
# For verbs that build: packages, libtorrent, libfdisk, CMake. Sets:
#   $build   the build folder, relative to the root, configured and locked against other builds

# configured_for GROUP...
configured_for() {
	sanitizer=${RAWSWARM_SANITIZE:-}
	build=build/$(printf '%s' "${sanitizer:-release}" | tr , -)
	mkdir -p "$build"
	# Held until this shell ends: two builds in one folder would spoil each other, and `clean` waits for all.
	exec 8>build/.lock
	flock --shared 8
	exec 9>"build/.lock-${build#build/}"
	flock --nonblock 9 || { echo "Waiting for another build in $build." >&2; flock 9; }

	toolchain/verbs/deps "$@"

	libtorrent=$(toolchain/libtorrent/build ${sanitizer:+"$sanitizer"})
	libfdisk=$(toolchain/libfdisk/build)

	# Verbs that run tests may not silently go without them; the program alone needs none.
	case " $* " in
	*" test "*) tests=ON ;;
	*) tests=AUTO ;;
	esac

	export CCACHE_DIR="$RAWSWARM_ROOT/build/ccache" CCACHE_BASEDIR="$RAWSWARM_ROOT"
	# For precompiled headers, says its manual.
	export CCACHE_SLOPPINESS=pch_defines,time_macros
	cmake -G Ninja -S . -B "$build" \
		-D CMAKE_BUILD_TYPE=Release \
		-D CMAKE_CXX_COMPILER_LAUNCHER=ccache \
		-D CMAKE_PREFIX_PATH="$libtorrent;$libfdisk" \
		-D RAWSWARM_SANITIZE="$sanitizer" \
		-D RAWSWARM_TESTS="$tests" >"$build/configure.log" 2>&1 || {
		cat "$build/configure.log" >&2
		return 1
	}
}

# build_targets TARGET...: goes on after an error, so that one run shows them all.
build_targets() {
	cmake --build "$build" --parallel "${RAWSWARM_JOBS:-$(nproc)}" --target "$@" -- -k 0
}

unlock_build() {
	exec 8>&- 9>&-
}
