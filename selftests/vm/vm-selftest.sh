#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# vm-selftest.sh [SERIES]: does vm-run.sh see what goes wrong in a guest, and
# pass on what does not? TAP. What the debug kernel sees is uml-selftest.sh's.

set -u

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
series=${1:-6.12}
work=$(mktemp -d "${TMPDIR:-/tmp}/vm-selftest.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
count=0
failed=0

# check NAME EXIT-CODE PATTERN ARGUMENT...: run, compare the exit code, and look
# for the pattern in what the run said.
check()
{
	local name=$1 want=$2 pattern=$3 got

	shift 3
	count=$((count + 1))
	"$here/vm-run.sh" --kernel "$series" "$@" > "$work/out" 2>&1
	got=$?
	if [ $got -eq "$want" ] && grep -aqE "$pattern" "$work/out"; then
		echo "ok $count $name"
	else
		echo "not ok $count $name # exit code $got instead of $want, or no '$pattern'"
		sed 's/^/# /' "$work/out"
		failed=1
	fi
}

echo "TAP version 13"
echo "1..8"
check exit_code_and_output 7 "^hello$" --no-insmod -- sh -c 'echo hello; exit 7'
# shellcheck disable=SC2016 # for the guest to expand
check sleeping_is_free 0 "^slept 7200$" --no-insmod -- \
	bash -c 'a=$SECONDS; sleep 7200; echo slept $((SECONDS - a))'
check kernel_warning 125 "the kernel complained" --no-insmod -- \
	sh -c 'echo WARNING: planted > /dev/kmsg'
check panic 123 "the guest died" --no-insmod -- sh -c 'echo c > /proc/sysrq-trigger'
check busy_loop 124 "no end after 25 s" --no-insmod --timeout 25 -- \
	sh -c 'while :; do :; done'
check leaked_namespace 125 "1 network namespaces are left" --no-insmod -- ip netns add leaked
check module_is_gone_already 125 "rmmod" -- rmmod xtcp
check failing_test 1 "^not ok 1 selftests: vm: missing" -- \
	"$here/guest-tests.sh" vm:missing
exit $failed
