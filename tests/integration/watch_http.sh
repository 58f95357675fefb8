#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# What `rawswarm watch --http` answers, and to whom.
set -eu
exec python3 -B "$(dirname "$0")/watch/answers.py"
