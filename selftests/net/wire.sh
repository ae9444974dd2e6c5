#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What is on the cable, seen by a decoder that shares no code with the module.

. "$(dirname "$0")/lib.sh"
two_hosts

# tap HOST FILE: capture on the host's eth0 until untap
tap()
{
	mkfifo "$2.stop"
	exec {stop}<> "$2.stop"
	start "$1" "$here/capture" eth0 < "$2.stop" > "$2" {stop}>&-
	tapper=$child
	wait_for grep -q ready "$2"
}

untap() { exec {stop}>&-; wait "$tapper"; rm -f "$1.stop"; }

# field LINE NAME
field() { sed -n "$1s/.* $2=\\([^ ]*\\).*/\\1/p" <<< "$lines"; }
flags_of() { sed 's/.*flags=\([^ ]*\).*/\1/' <<< "$lines"; }

# numbered NAME WANT...: the field of every line, in order
want() { [ "$(field "$1" "$2")" = "$3" ] || { echo "line $1 $2: not $3"; echo "$lines"; return 1; }; }

one_exchange()
{
	local server

	head -c 100 /dev/zero > "$work/file"
	start $B "$xrecv" $port "$work/copy"
	server=$child
	wait_for sees $B LISTEN || return
	tap $B "$work/tap"
	on $A "$xsend" "$1" $port "$work/file" && wait $server || return
	wait_for sees $A TIME-WAIT && wait_for sees_nothing $B || return
	untap "$work/tap"
	lines=$(grep -v '^#' "$work/tap")
}

handshake()
{
	want 1 flags S && want 1 seq 0 && want 1 len 0 && want 1 opts HELLO,COOKIE,TS &&
	want 2 flags SA && want 2 seq 0 && want 2 ack 1 && want 2 len 0 &&
	want 3 flags A && want 3 seq 1 && want 3 ack 1 && want 3 len 0 &&
	grep -q COOKIE <<< "$(field 3 opts)"
}

# The SYN carries the client's tag, all else the receiver's.
tags()
{
	local client server

	client=$(field 1 tag) server=$(field 3 tag)
	[ "$client" != 00000000 ] && [ "$server" != 00000000 ] && want 2 tag "$client" &&
		! grep "sport=$port" <<< "$lines" | grep -v "tag=$client" &&
		! sed 1d <<< "$lines" | grep "dport=$port" | grep -v "tag=$server"
}

fields()
{
	! grep -v 'ver=1 ' <<< "$lines" && ! grep -v 'rsv=0 ' <<< "$lines" &&
		! grep -v 'csum=\(good\|unset\)' <<< "$lines" &&
		! grep -v "sport=$port\|dport=$port" <<< "$lines" &&
		! grep -v 'off=[0-9]*[02468] ' <<< "$lines" && ! grep 'win=0 ' <<< "$lines"
}

# 100 bytes from number 1: the next one is 101; an ACK takes no number.
numbers()
{
	grep -q "dport=$port .*P.* seq=1 ack=1 len=100" <<< "$lines" &&
		grep -q "sport=$port .* seq=1 ack=10[12] " <<< "$lines" &&
		! grep "flags=A " <<< "$lines" | grep "dport=$port" | grep -v "seq=1 \|seq=10[12] "
}

push() { grep -q "flags=[FA]*P[A]* .* len=100 " <<< "$lines"; }

# FIN of the client at 101, acknowledged by 102; the answer "100\n" and FIN of the server.
four_way()
{
	grep -q "dport=$port flags=F[PA]* seq=\(101\|1\) .* len=\(0\|100\)" <<< "$lines" &&
		grep -q "sport=$port .* ack=102 " <<< "$lines" &&
		grep -q "sport=$port flags=F[PA]* seq=[15] " <<< "$lines" &&
		grep -q "dport=$port flags=A seq=102 ack=6 len=0" <<< "$lines"
}

no_reset() { ! grep 'flags=[A-Z]*R' <<< "$lines"; }

for family in 4 6; do
	peer=B$family
	check F1_exchange_IPv$family one_exchange "${!peer}"
	check F4_three_messages_IPv$family handshake
	check F2_tags_IPv$family tags
	check F2_fields_IPv$family fields
	check F3_bytes_are_numbered_IPv$family numbers
	check F11_PSH_ends_a_write_IPv$family push
	check F6_four_messages_IPv$family four_way
	check F11_no_RST_in_order_IPv$family no_reset
	check F8_time_wait_ends_IPv$family all_gone $A
done

finish
