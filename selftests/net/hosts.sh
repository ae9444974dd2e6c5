#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A file between two hosts, over IPv4 and IPv6, one way and the other.

. "$(dirname "$0")/lib.sh"
two_hosts
make_file 3000000

check F1_copy_over_IPv4 copy $A $B $B4
check F1_copy_over_IPv6 copy $A $B $B6
check F1_other_way_IPv4 copy $B $A $A4
check F1_other_way_IPv6 copy $B $A $A6
check F1_host_to_itself copy $A $A $A4

named()
{
	start $B "$xrecv" ftp /dev/null
	wait_for sees $B LISTEN &&
		"$ss" -N $B -alH | grep -q ':ftp ' &&
		"$ss" -N $B -alnH | grep -q ':21 ' &&
		on $A "$xsend" $B4 ftp "$work/file" && wait "$child"
}
check F12_services_by_name named

refused() { ! on $A timeout 20 "$xsend" $B4 9 < /dev/null 2> "$work/why" &&
	grep -q 'Connection refused' "$work/why"; }
check O8_nobody_listens refused

check nothing_left_on_A all_gone $A
check nothing_left_on_B all_gone $B
finish
