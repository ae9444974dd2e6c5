#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# test.sh SERIES...: make check, then the kselftests on each kernel; ends with
# the sum of all results. A kernel that is missing is a failure.

set -u

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
cache=${XTCP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/xtcp}
kselftest=$cache/linux-source-6.12/tools/testing/selftests
export XTCP_CACHE=$cache
log=$top/build/test.log

# step NAME COMMAND...: a command whose exit code is a result of its own, around
# those that it prints.
step()
{
	local name=$1 code

	shift
	echo "# $name: begins at $(date +%T)"
	"$@"
	code=$?
	echo "TAP version 13"
	echo "1..1"
	if [ $code -eq 0 ]; then
		echo "ok 1 $name"
	else
		echo "not ok 1 $name # exit=$code"
	fi
}

# All that a kernel says goes to a file; how far it is, to the terminal.
kernel()
{
	local series=$1

	shift
	step "kernel $series $(readlink "$cache/kernels/$series")" \
		"$here/vm-run.sh" --kernel "$series" --timeout 1800 --with selftests/net/squatter \
		--results "$top/build/results/$series" -- \
		"$here/guest-tests.sh" "$@" 2>&1 | tee "$top/build/results/$series.tap" |
		grep -aE --line-buffered '^(not )?ok |: begins at ' |
		while IFS= read -r line; do
			echo "# $(date +%T) kernel $series: ${line#\# }"
		done
}

# A guest has one processor and a clock of its own: as many run at once as there
# are processors, and no test notices.
tests()
{
	step "make check" make -C "$top" --no-print-directory check
	step "build of the kselftests" make -s -C "$top/selftests" "KSELFTEST=$kselftest"
	mapfile -t programs < <(make -s -C "$top/selftests" "KSELFTEST=$kselftest" emit_tests)
	mkdir -p "$top/build/results"
	for series; do
		while [ "$(jobs -rp | wc -l)" -ge "$(nproc)" ]; do
			wait -n
		done
		kernel "$series" "${programs[@]}" &
	done
	wait
	for series; do
		cat "$top/build/results/$series.tap"
	done
}

mkdir -p "$top/build"
echo "kernels:$(for series; do printf ' %s (%s)' "$series" "$(readlink "$cache/kernels/$series" || echo missing)"; done)"
tests "$@" 2>&1 | tee "$log"
awk -f "$here/tap.awk" "$log"
