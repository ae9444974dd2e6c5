#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Memory that is not there when the module is loaded: each allocation of its init
# fails in turn (initfail.c). insmod says so, nothing stays behind, and the next one
# works. For a debug kernel: others have no fail-nth with a filter for stacks.

. "$(dirname "$0")/lib.sh"
module_file
loads_again || skip "not loaded again on User Mode Linux: see step kmemleak of selftests/vm/test.sh"
faults=/sys/kernel/debug
mountpoint -q $faults || mount -t debugfs none $faults 2> /dev/null
[ -e $faults/failslab/require-start ] ||
	skip "this kernel has no failslab with a filter for stacks"

# What is below the initcall fails, and nothing else: neither the module loader's nor
# copies from programs, which fail-nth counts, too.
filters()
{
	local start end dir

	read -r start end < <(sort /proc/kallsyms | awk '
		start && $1 != start { print start, $1; exit }
		$3 == "do_one_initcall" { start = $1 }')
	for dir in $faults/failslab $faults/fail_page_alloc $faults/fail_usercopy; do
		[ -d "$dir" ] || continue
		echo "0x$start" > "$dir/require-start" && echo "0x$end" > "$dir/require-end" &&
			echo 32 > "$dir/stacktrace-depth" && echo 0 > "$dir/verbose" || return
	done
	for dir in $faults/failslab $faults/fail_page_alloc; do
		echo N > "$dir/ignore-gfp-wait" || return
	done
	echo 0 > $faults/fail_page_alloc/min-order &&
		echo N > $faults/fail_page_alloc/ignore-gfp-highmem
}

complaints() { dmesg | grep -cE 'WARNING:|BUG:|KASAN|Attempt to release'; }
# unregistered: nothing of the module is left in the kernel
unregistered()
{
	! grep -i xtcp /proc/net/protocols /proc/slabinfo &&
		! on $A ls -d /proc/net/xtcp /proc/sys/net/xtcp
}

every_one()
{
	"$here/initfail" "$insmod" xtcp "$insmod_args" > "$work/initfail.out" 2>&1
	local code=$?

	cat "$work/initfail.out"
	return $code
}

two_hosts
make_file 100000
before=$(complaints)
check goes gone
check filters filters
check every_allocation_fails_once every_one
sed 's/^/# /' "$work/initfail.out"
check nothing_is_left unregistered
# As it was.
# shellcheck disable=SC2086 # several parameters
check comes_back load $insmod_args
check copies copy $A $B $B4
check no_complaint test "$(complaints)" = "$before"
finish
