#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The metrics of `rawswarm watch`, and the dashboard of docs/grafana, with Prometheus.
set -eu
for tool in prometheus promtool; do
	if ! command -v "$tool" >/dev/null; then
		echo "skipped: no $tool"
		exit 77
	fi
done
exec python3 -B "$(dirname "$0")/watch/metrics.py"
