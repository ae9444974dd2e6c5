#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What is on the cable, seen by a decoder that shares no code with the module.

. "$(dirname "$0")/lib.sh"
two_hosts
# How long a TIME-WAIT lasts is timewait.sh's subject.
setting $A net.xtcp.msl 1
setting $B net.xtcp.msl 1
# So that checksums are seen, not left to the cable's end.
on $A ethtool -K eth0 tx off > /dev/null || bail "no ethtool"
on $B ethtool -K eth0 tx off > /dev/null || bail "no ethtool"
make_file 100
lines=

# tap HOST: captures on the host's eth0 until untap
tap()
{
	: > "$work/tap"
	start "$1" "$here/capture" eth0 > "$work/tap"
	tapper=$child
	wait_for grep -q ready "$work/tap"
}

# untap: what was captured is in $lines
untap()
{
	kill "$tapper"
	wait "$tapper" || { echo "capture failed"; return 1; }
	lines=$(grep -v '^#' "$work/tap")
	[ -n "$lines" ] || { echo "nothing was captured"; return 1; }
}

# field LINE NAME
field() { sed -n "$1s/\(^\|.* \)$2=\([^ ]*\).*/\2/p" <<< "$lines"; }

# want LINE NAME VALUE
want()
{
	[ "$(field "$1" "$2")" = "$3" ] && return
	echo "line $1: $2 is not $3"
	echo "$lines"
	return 1
}

# some REGEX, none REGEX: lines like this
some() { grep -q -- "$1" <<< "$lines" || { echo "no $1"; echo "$lines"; return 1; }; }
none() { ! grep -- "$1" <<< "$lines"; }
# all REGEX
all() { ! grep -v -- "$1" <<< "$lines"; }

# one_exchange ADDRESS: 100 bytes to the server, "100\n" back
one_exchange()
{
	local server

	start $B "$xrecv" $port "$work/copy"
	server=$child
	wait_for sees $B LISTEN && tap $B || return
	on $A timeout $patience "$xsend" "$1" $port "$work/file" && wait "$server" &&
		wait_for sees_nothing $B || return
	untap
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
	[ -n "$client" ] && [ -n "$server" ] && [ "$client" != "$server" ] &&
		none "tag=00000000" && want 2 tag "$client" &&
		! grep "sport=$port " <<< "$lines" | grep -v "tag=$client " &&
		! sed 1d <<< "$lines" | grep "dport=$port " | grep -v "tag=$server "
}

fields()
{
	all 'ver=1 ' && all 'rsv=0 ' && all 'csum=good ' && none 'win=0 ' &&
		all "sport=$port \|dport=$port " && none 'short\|broken'
}

# 100 bytes from number 1: the next one is 101; an ACK takes no number.
numbers()
{
	some "dport=$port .* seq=1 ack=1 len=100 " && some "sport=$port .* ack=10[12] " &&
		! grep "dport=$port flags=A " <<< "$lines" | grep -v "seq=\(1\|10[12]\) "
}

push() { some 'flags=[FA]*P[A]* .* len=100 '; }

# FIN of the client after byte 100, acknowledged by 102; the answer "100\n" and FIN of the server.
four_way()
{
	some "dport=$port flags=F[PA]* seq=\(101 .* len=0\|1 .* len=100\) " &&
		some "sport=$port .* ack=102 " &&
		some "sport=$port .* flags=F[PA]* seq=\(5 .* len=0\|1 .* len=4\) " &&
		some "dport=$port flags=A seq=102 ack=6 len=0 "
}

no_reset() { none 'flags=[FSPAU]*R'; }

# refused ADDRESS: nobody listens; the RST reflects the tag and acknowledges the SYN
refused()
{
	tap $A || return
	if on $A timeout $patience "$xsend" "$1" $port "$work/file" 2> "$work/why"; then
		echo "not refused"
		return 1
	fi
	cat "$work/why"
	grep -q 'Connection refused' "$work/why" && untap || return
	want 1 flags S && want 2 flags RA && want 2 seq 0 && want 2 ack 1 && want 2 len 0 &&
		want 2 tag "$(field 1 tag)" && want 2 sport $port && want 3 flags ""
}

# stray FAMILY: an ACK of nothing is answered from its own numbers, a RST never
stray()
{
	local from=A$1 to=B$1

	tap $A && on $A "$here/inject" "${!from}" "${!to}" 5000 $port stray-rst &&
		on $A "$here/inject" "${!from}" "${!to}" 5000 $port stray-ack &&
		wait_for grep -q "sport=$port " "$work/tap" && untap || return
	want 1 flags RA && want 2 flags A && want 3 flags R && want 3 seq "$(field 2 ack)" &&
		want 3 tag "$(field 2 tag)" && want 3 sport $port && want 4 flags ""
}

# aborted HOW ADDRESS: 10 bytes there, 100 back, then the client aborts
aborted()
{
	local server

	start $B "$here/abort" wait $port
	server=$child
	wait_for sees $B LISTEN && tap $B && on $A "$here/abort" "$1" "$2" $port &&
		wait "$server" && untap || return
	some "dport=$port flags=RA\? seq=11 .* len=0 .* tag=$(field 3 tag) " &&
		none "flags=F" && none "sport=$port .* flags=[FSPAU]*R" &&
		sees_nothing $A && sees_nothing $B
}

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
	check F11_R4_RST_refuses_a_connection_IPv$family refused "${!peer}"
	check R3_R4_stray_segments_IPv$family stray $family
	check F11_C5_R2_RST_of_SO_LINGER_0_IPv$family aborted linger "${!peer}"
	check F11_C5_R2_RST_with_data_unread_IPv$family aborted unread "${!peer}"
done

finish
