#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The examples in Python, between themselves and with those in C.

# shellcheck source=selftests/programs/lib.sh
. "$(dirname "$0")/lib.sh"
needs python3
two_hosts
make_file 1000000

# copies SENDER RECEIVER OPTION...: $work/file travels and is the same
copies()
{
	rm -f "$work/copy"
	start $B "$2" "${@:3}" $port "$work/copy"
	server=$child
	wait_for listens $port && on "$from" "$1" $address $port "$work/file" && wait "$server" &&
		cmp "$work/file" "$work/copy"
}
refused() { ! on $A "$xsend.py" $B4 9 < /dev/null 2> "$work/why" && grep -q 'refused' "$work/why"; }

each_way Python_to_Python copies "$xsend.py" "$xrecv.py"
way Python_to_C $A $B4 $B4 copies "$xsend.py" "$xrecv"
way C_to_Python $A $B6 "[$B6]" copies "$xsend" "$xrecv.py" --ipv6
way IPv4_only $A $B4 $B4 copies "$xsend.py" "$xrecv.py" --ipv4
check nobody_listens refused
check no_segment_of_TCP no_tcp
finish
