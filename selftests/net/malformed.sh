#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Segments that no XTCP sends are counted and dropped, and hurt nobody.

. "$(dirname "$0")/lib.sh"
two_hosts
make_file 100000
victim=4712	# what injected segments are sent to
foe=5000	# and where they come from
start $B "$xrecv" $victim "$work/received"
server=$child
wait_for sees $B LISTEN || bail "no listener"

# value NAME: $value is a counter of B's, without a process for it
value()
{
	local name

	while read -r name value; do
		[ "$name" != "$1" ] || return 0
	done < "/proc/$server/net/xtcp/snmp"
	echo "no counter $1"
	return 1
}
value_above() { value "$1" && [ "$value" -gt "$2" ]; }

# counts KIND COUNTER FAMILY ANSWERS [DESTINATION]: one segment raises the counter by
# one and is answered by so many
counts()
{
	local drops out from=A$3 to=B$3

	to=${5:-${!to}}
	value "$2" && drops=$value && value OutSegs && out=$value || return
	on $A "$here/inject" "${!from}" "$to" $foe $victim "$1" || return
	wait_for value_above "$2" "$drops" && [ "$value" = $((drops + 1)) ] && value OutSegs &&
		[ "$value" = $((out + $4)) ] && return
	echo "$2 was $drops, OutSegs was $out; now:"
	grep -v '[[:space:]]0$' "/proc/$server/net/xtcp/snmp"
	return 1
}

# established ADDRESS: a connection that waits for its data
established()
{
	rm -f "$work"/{data,copy}
	mkfifo "$work/data"
	exec {data}<> "$work/data"
	start $B "$xrecv" $port "$work/copy" {data}>&-
	receiver=$child
	wait_for sees $B LISTEN || return
	start $A "$xsend" "$1" $port < "$work/data" {data}>&-
	sender=$child
	wait_for sees $A ESTAB && wait_for sees $B ESTAB || return
	foe=$("$ss" -N $A -anH | awk '$1 == "ESTAB" { sub(/.*:/, "", $4); print $4 }')
	victim=$port
	[ -n "$foe" ]
}

# unharmed: the connection still does its job
unharmed()
{
	cat "$work/file" >&"$data" || return
	exec {data}>&-
	wait $receiver && wait $sender && cmp "$work/file" "$work/copy"
}

# A SYN that looks like one for B in a frame for all.
everybodys_frame()
{
	local code

	ip -n $A neigh replace "${!peer}" lladdr ff:ff:ff:ff:ff:ff dev eth0 nud permanent
	counts syn DropAddress $family 0
	code=$?
	ip -n $A neigh replace "${!peer}" lladdr 02:00:00:00:00:02 dev eth0 nud permanent
	return $code
}

# Everybody on the cable, by all names that this has.
groups=([4]="192.0.2.255 255.255.255.255 224.0.0.1" [6]="ff02::1%eth0")

for family in 4 6; do
	peer=B$family
	for pair in \
		checksum:DropChecksum version:DropVersion offset-small:DropOffset \
		offset-big:DropShort truncated:DropShort empty-option:DropOption \
		long-option:DropOption short-option:DropOption option-twice:DropOption \
		no-hello:DropOption critical-option:DropCriticalOption zero-tag:DropZeroTag \
		syn-fin:DropFlags syn-rst:DropFlags no-flags:DropFlags
	do
		check M1_${pair%:*}_IPv$family counts ${pair%:*} ${pair#*:} $family 0
	done
	check O2_short_syn_IPv$family counts short-syn DropShortSyn $family 0
	check O2_syn_is_answered_IPv$family counts syn SynAcksSent $family 1
	check M1_unknown_option_is_skipped_IPv$family counts unknown-option SynAcksSent $family 1
	check M1_critical_option_on_SYN_is_refused_IPv$family \
		counts critical-syn OutRsts $family 1
	check R3_stray_RST_IPv$family counts stray-rst DropReset $family 0
	check R4_stray_ACK_IPv$family counts stray-ack OutRsts $family 1
	check O3_forged_cookie_IPv$family counts forged-cookie OutRsts $family 1

	for group in ${groups[family]}; do
		check "M1_SYN_to_$group" counts syn DropAddress $family 0 "$group"
		check "M1_RST_to_$group" counts stray-rst DropAddress $family 0 "$group"
	done
	check M1_SYN_in_a_broadcast_frame_IPv$family everybodys_frame

	check connection_IPv$family established "${!peer}"
	check R1_RST_with_a_foreign_tag_IPv$family counts stray-rst DropReset $family 0
	check M3_ACK_with_a_foreign_tag_IPv$family counts stray-ack OutRsts $family 1
	check M2_SYN_with_a_foreign_tag_IPv$family counts syn DropSyn $family 1
	check connection_is_unharmed_IPv$family unharmed
	foe=5000 victim=4712
done

noise()
{
	local in

	in=$(counter $B InSegs)
	on $A "$here/inject" $A4 $B4 5001 $victim noise 3000 &&
		on $A "$here/inject" $A6 $B6 5001 $victim noise 3000 &&
		wait_for counter_above $B InSegs $((in + 5999))
}
check M1_noise noise
check the_listener_is_still_there sees $B LISTEN
serves()
{
	on $A timeout $patience "$xsend" $B4 $victim "$work/file" && wait "$server" &&
		cmp "$work/file" "$work/received"
}
check and_serves serves
check nothing_is_left_on_B wait_for sees_nothing $B

# One whose SYN|ACK is lost: otherwise the RST that answers it ends the entry (O8).
half_open()
{
	start $B "$xrecv" $victim /dev/null
	wait_for sees $B LISTEN || return
	netem $B loss 100%
	on $A "$here/inject" $A4 $B4 $foe $victim syn && wait_for sees $B SYN-RECV || return
	step=1000
	wait_for sees_no $B SYN-RECV
}
check O2_half_open_entry_expires half_open
finish
