#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Memory that is not there: a part of all allocations below the module's code
# fails, in programs and in softirqs. Calls may fail then; what must not happen
# is that one hangs, that a socket is lost or that the kernel complains. For a
# debug kernel: others have no failslab.

. "$(dirname "$0")/lib.sh"

slab=/sys/kernel/debug/failslab
enough=1000000
mountpoint -q /sys/kernel/debug || mount -t debugfs none /sys/kernel/debug 2> /dev/null
if [ ! -e $slab/require-start ]; then
	echo "1..0 # SKIP this kernel has no failslab with a filter for stacks"
	exit 4
fi

start=$(cat /sys/module/xtcp/sections/.text)
echo "$start" > $slab/require-start
printf '%#x' $((start + $(cat /sys/module/xtcp/coresize))) > $slab/require-end
echo 32 > $slab/stacktrace-depth
echo 0 > $slab/verbose
echo N > $slab/ignore-gfp-wait
echo $enough > $slab/times

# faulty PERCENT ROUNDS: exit codes of the program say nothing here. A failed
# allocation is a lost segment: where many are lost in a row, the waits between two
# tries double, until the sender gives up after a quarter of an hour.
faulty()
{
	local i code=0

	echo "$1" > $slab/probability
	for ((i = 0; i < $2 && code != 124; i++)); do
		timeout 3600 "$here/many" churn 20 > "$work/many.out" 2>&1
		code=$?
	done
	echo 0 > $slab/probability
	[ $code -ne 124 ]
}

complaints() { dmesg | grep -cE 'WARNING:|BUG:|KASAN|Attempt to release'; }
no_sockets() { [ "$(awk '/^XTCP/ { n += $3 } END { print n + 0 }' /proc/net/protocols)" = 0 ]; }

before=$(complaints)
check nothing_hangs_rarely faulty 1 100
check nothing_hangs_sometimes faulty 10 100
check nothing_hangs_often faulty 50 50
sysctl -qw net.xtcp.congestion_control=bbr	# has memory of its own (include/xtcp/cc.h)
left=$(cat $slab/times)
check nothing_hangs_where_the_algorithm_needs_memory faulty 10 50
check something_failed_there_too test "$(cat $slab/times)" -lt "$left"
check something_failed test "$(cat $slab/times)" -lt $enough
check no_socket_is_lost wait_for no_sockets
check no_complaint test "$(complaints)" = "$before"
check works_again "$here/many" churn 20
finish
