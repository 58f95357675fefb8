# shellcheck shell=sh
# SPDX-License-Identifier: BSD-3-Clause
# For builds for another processor.
# shellcheck disable=SC2034 # those who source this use what it sets

# cross_to ARCH: from then on what this shell starts compiles for ARCH: CMake, configure scripts, and the scripts that build
# libtorrent and libfdisk, whose folders are named by what the compiler says of itself, the architecture included. Sets
# $sysroot. Needs the packages of toolchain/packages/ARCH.txt.
cross_to() {
	sysroot=$(toolchain/sysroot "$1")
	CC=$sysroot/bin/gcc
	CXX=$sysroot/bin/g++
	CMAKE_TOOLCHAIN_FILE=$sysroot/toolchain.cmake
	CONFIG_SITE=$sysroot/config.site
	# Nothing of this machine's own may be found.
	PKG_CONFIG_LIBDIR=$sysroot/none
	export CC CXX CMAKE_TOOLCHAIN_FILE CONFIG_SITE PKG_CONFIG_LIBDIR
}

# take_arch ARGUMENT...: sets $arch to the architecture that a verb's first arguments, --arch ARCH, ask for, and
# $arch_arguments to how many these are. No --arch: this machine's own, ''.
take_arch() {
	arch=''
	arch_arguments=0
	case ${1:-} in
	--arch) arch=${2:-} arch_arguments=2 ;;
	--arch=*) arch=${1#--arch=} arch_arguments=1 ;;
	*) return ;;
	esac
	case $arch in
	arm64) ;;
	*)
		echo "toolchain/dev ${0##*/} --arch $arch: it can be arm64" >&2
		exit 2
		;;
	esac
	if [ -n "${RAWSWARM_SANITIZE:-}" ]; then
		echo "toolchain/dev ${0##*/} --arch $arch: there are no sanitizers for it" >&2
		exit 2
	fi
}
