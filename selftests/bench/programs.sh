#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# programs.sh: requests per second of nginx and redis (requests.sh) over XTCP, TCP and
# AF_UNIX in one virtual machine of virtual time: a table, and build/bench/programs-COMMIT.json.
#
#	KERNEL=6.12		the kernel
#	XTCP_BENCH_ROUNDS	measured rounds (3)

set -eu -o pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
commit=$(git -C "$top" rev-parse --short=12 HEAD)
[ -z "$(git -C "$top" status --porcelain -uno)" ] || commit+=-changed
out=$top/build/bench/programs-$commit
mkdir -p "$top/build/bench"

make -s -C "$top/tools"
"$top/selftests/vm/vm-run.sh" --kernel "${KERNEL:-6.12}" --timeout 7200 --results "$out.run" -- \
	"$here/requests.sh" "${XTCP_BENCH_ROUNDS:-3}" | sed -u 's/^/# /'
"$here/requests.py" "$commit" "$out.json" < "$out.run/console"
