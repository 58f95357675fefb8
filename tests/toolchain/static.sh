#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The program is one static file that needs no loader and no library, and it stays small.
set -eu

limit=$((12 * 1024 * 1024)) # bytes; a kernel and initramfs over PXE are about 20 MiB

# ldd fails on a static program, and says so.
if libraries=$(ldd "$RAWSWARM" 2>&1); then
	echo "$RAWSWARM is dynamic:" "$libraries"
	exit 1
fi
case $libraries in
*'not a dynamic executable'*) ;;
*)
	echo "ldd of $RAWSWARM: $libraries"
	exit 1
	;;
esac

headers=$(LC_ALL=C readelf --wide --program-headers "$RAWSWARM")
case $headers in
*INTERP* | *DYNAMIC*)
	echo "$RAWSWARM asks for a loader: $headers"
	exit 1
	;;
*LOAD*) ;;
*)
	echo "readelf shows no segments: $headers"
	exit 1
	;;
esac

size=$(stat --format %s "$RAWSWARM")
echo "$size bytes"
if [ "$size" -ge "$limit" ]; then
	echo "$RAWSWARM has $size bytes, the limit is $limit"
	exit 1
fi
