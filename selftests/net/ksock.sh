#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Rule 8 of module/sock.h: a connection of the kernel's own sockets (ksock/ksock.c)
# does not hold its namespace. When that goes, so does the connection, before any
# of its timers can look for what is gone.

. "$(dirname "$0")/lib.sh"
module_file
ksock=${insmod%/*}/ksock.ko
[ -f "$ksock" ] || skip "ksock.ko is not beside the module"
net=ksock-$$
add_host $net

opens() { on $net insmod "$ksock"; }
both_ends() { [ "$(count_of $net ESTAB)" = 2 ]; }
closed() { grep -q Y /sys/module/ksock/parameters/closed; }
no_sockets() { [ "$(awk '/^XTCP/ { n += $3 } END { print n + 0 }' /proc/net/protocols)" = 0 ]; }
complaints() { dmesg | grep -cE 'WARNING:|BUG:|KASAN|Attempt to release'; }

# The namespace's end is the work of another thread; then, longer than C5's minute.
goes()
{
	ip netns del $net && wait_for closed && wait_for no_sockets && sleep 130
}

before=$(complaints)
check opens opens
check both_ends_are_there both_ends
check namespace_goes goes
check no_complaint test "$(complaints)" = "$before"
check ksock_goes rmmod ksock
finish
