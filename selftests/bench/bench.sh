#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# bench.sh [MODE]: measure in a virtual machine, print the table, and write
# build/bench/MODE-COMMIT.json and .svg.
#
#	instructions	one processor whose clock counts instructions (the default)
#	smp		two processors, in real time: only ratios mean anything
#
#	KERNEL=6.12		the kernel
#	XTCP_BENCH_ROWS, XTCP_BENCH_SHARE	as rows.sh says
#	XTCP_BENCH_ROUNDS	measured rounds of each row

set -eu -o pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
cache=${XTCP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/xtcp}
mode=${1:-instructions}
kernel=${KERNEL:-6.12}
machine=(--kernel "$kernel" --timeout 3600)
options=()
case $mode in
instructions)
	options+=(--rounds "${XTCP_BENCH_ROUNDS:-5}")
	;;
smp)
	machine+=(--cpus 2)
	options+=(--rounds "${XTCP_BENCH_ROUNDS:-15}" --pin)
	;;
*)
	echo "bench: no mode $mode" >&2
	exit 2
	;;
esac

commit=$(git -C "$top" rev-parse --short=12 HEAD)
[ -z "$(git -C "$top" status --porcelain -uno)" ] || commit+=-changed
out=$top/build/bench
name=$mode-$commit
mkdir -p "$out"

make -s -C "$here" "OUTPUT=$here" "KSELFTEST=$cache/linux-source-6.12/tools/testing/selftests"
"$top/selftests/vm/vm-run.sh" "${machine[@]}" --results "$out/$name.run" -- \
	"$here/rows.sh" "${options[@]}" |
	awk 'NF < 10 { print "# " $0 } { row = $1 " " $2 " " $3 " " $4 " " $5 }
	     NF == 10 && row != last { print "# " row; last = row; fflush() }'
"$here/report.py" table "$mode" "$commit" --json "$out/$name.json" \
	--svg "$out/$name.svg" < "$out/$name.run/console"
