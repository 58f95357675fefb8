#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Runs docs/tutorial.md line by line. With --seen it prints the page with the output that was seen.
# Exit codes: 0 passed, 1 failed, 77 skipped.
set -u

typed_here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=SCRIPTDIR/typed/page.sh
. "$typed_here/typed/page.sh"

typed_needs sfdisk mkfs.ext4
typed_folder
typed_page tutorial.md "$@"
