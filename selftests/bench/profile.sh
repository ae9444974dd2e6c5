#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# profile.sh ROW [TRANSPORT]...: where the instructions of a row go, by function,
# for XTCP and TCP, or for the transports that are named. ROW is as in rows.sh, for
# example "veth ipv4 stream 64 1". Every instruction is counted (count.c).
#
#	KERNEL=6.12		the kernel
#	XTCP_BENCH_SHARE	as rows.sh says

set -eu -o pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
cache=${XTCP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/xtcp}
row=${1:?a row, for example \"veth ipv4 stream 64 1\"}
shift
out=$top/build/bench/profile
mkdir -p "$out"

make -s -C "$here" "OUTPUT=$here" "KSELFTEST=$cache/linux-source-6.12/tools/testing/selftests" \
	all "$here/build/count.so"
export XTCP_BENCH_ROWS="^$row\$" XTCP_BENCH_WAYS="${*:-xtcp tcp}"
# shellcheck disable=SC2016 # the guest's shell expands them
"$top/selftests/vm/vm-run.sh" --kernel "${KERNEL:-6.12}" --timeout 1800 --results "$out" \
	--plugin "$here/build/count.so,out=$out/counts" -- bash -c \
	'"$0" --rounds 3 && cat /proc/kallsyms > "$XTCP_RESULTS/kallsyms"' \
	"$here/rows.sh" > /dev/null
"$here/profile.py" "$out" | tee "$out/table"
