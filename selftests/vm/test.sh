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

tests()
{
	step "make check" make -C "$top" --no-print-directory check
	step "build of the kselftests" make -s -C "$top/selftests" "KSELFTEST=$kselftest"
	mapfile -t programs < <(make -s -C "$top/selftests" "KSELFTEST=$kselftest" emit_tests)
	for series; do
		step "kernel $series $(readlink "$cache/kernels/$series")" \
			"$here/vm-run.sh" --kernel "$series" --results "$top/build/results/$series" -- \
			"$here/guest-tests.sh" "${programs[@]}"
	done
}

mkdir -p "$top/build"
echo "kernels:$(for series; do printf ' %s (%s)' "$series" "$(readlink "$cache/kernels/$series" || echo missing)"; done)"
tests "$@" 2>&1 | tee "$log"
awk -f "$here/tap.awk" "$log"
