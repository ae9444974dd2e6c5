#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# O6: simultaneous open, and what can go wrong with it.

. "$(dirname "$0")/lib.sh"
two_hosts
# How long a TIME-WAIT lasts is timewait.sh's subject.
setting $A net.xtcp.msl 1
setting $B net.xtcp.msl 1
portA=5001 portB=5002
# Each state here lasts for a second or two: looking more often is dear, and tells nothing.
step=400

cut() { netem "$1" loss 100%; }
mend() { no_netem "$1"; }
hears() { wait_for sees "$1" "$2"; }
clear() { all_gone $A && all_gone $B; }

# The programs close when the pipe does.
hold()
{
	rm -f "$work/hold"
	mkfifo "$work/hold" && exec {hold}<> "$work/hold"
}
release() { exec {hold}>&-; }

# opens HOST: its program connects to the other's
opens()
{
	local mine=port${1%%-*} theirs to

	mine=${mine/a/A} mine=${mine/b/B}
	[ "$mine" = portA ] && theirs=portB to=B$family || theirs=portA to=A$family
	start "$1" "$here/cross" ${!mine} ${!to} ${!theirs} < "$work/hold" {hold}>&- \
		2> "$work/why.$mine"
}

# both_open: and are called $left and $right
both_open()
{
	opens $A && left=$child && opens $B && right=$child
}
both_end() { wait "$left" && wait "$right"; }
both_see() { wait_for sees $A "$1" && wait_for sees $B "$1"; }

# On a long cable the SYNs cross, and so do the SYN|ACKs.
crosses()
{
	: > "$work/tap"
	hold && netem $A delay 450ms && netem $B delay 450ms || return
	start $A "$here/capture" eth0 > "$work/tap"
	tapper=$child
	wait_for grep -q ready "$work/tap" && both_open && both_see ESTAB
}

# seen PORT FLAGS OPTIONS: one such segment from the port
seen()
{
	local n

	n=$(grep -c "sport=$1 .*flags=$2 .*opts=$3" "$work/tap")
	[ "$n" = 1 ] || { echo "$n of $*"; cat "$work/tap"; return 1; }
}

on_the_cable()
{
	kill "$tapper"
	wait "$tapper" || return
	seen $portA S HELLO,COOKIE,TS && seen $portB S HELLO,COOKIE,TS &&
		seen $portA SA HELLO,TSECHO && seen $portB SA HELLO,TSECHO &&
		! grep -q 'flags=[FSPAU]*R' "$work/tap" &&
		! grep -v 'flags=S ' "$work/tap" | grep COOKIE
}

# FINs cross as well: nobody is the passive side.
closes()
{
	netem $A delay 2s && netem $B delay 2s && release && both_see FIN-WAIT-1 &&
		both_see CLOSING && both_see TIME-WAIT && both_end
}

# A's SYN gets through, B's does not, nor does its SYN|ACK.
half()
{
	hold && cut $A && cut $B && both_open && both_see SYN-SENT &&
		mend $A && hears $B SYN-RECV && sees $A SYN-SENT
}

# T-SYN repeats both of B's.
repairs()
{
	mend $B && both_see ESTAB && release && both_end
}

# B's program is gone in SYN-RECEIVED: it opens all the same, as an orphan, and tells
# its peer, which has something to send (C5).
orphan()
{
	half && kill -KILL "$right" || return
	wait "$right"
	sees $B SYN-RECV && mend $B || return
	! wait "$left" && cat "$work/why.portA" &&
		grep -q 'cross: recv: \|cross: send: ' "$work/why.portA" && release
}

# A's program is gone before B's SYN|ACK is there: B is back in SYN-SENT, and refused.
refused()
{
	half && kill -KILL "$left" || return
	wait "$left"
	sees_nothing $A && mend $B && ! wait "$right" && cat "$work/why.portB" &&
		grep -q refused "$work/why.portB" && release
}

# A SYN of nobody meets B in SYN-SENT, whose own SYN was lost.
stale()
{
	local from=A$family to=B$family

	hold && cut $B && opens $B && right=$child && hears $B SYN-SENT &&
		on $A "$here/inject" "${!from}" "${!to}" $portA $portB syn &&
		hears $B SYN-RECV && sees_nothing $A
}

# It opens nothing: B is refused as if it had not come.
stale_alone()
{
	stale && mend $B && ! wait "$right" && grep -q refused "$work/why.portB" && release
}

# Nor does it keep B from a peer that comes now.
stale_and_peer()
{
	stale && opens $A && left=$child && hears $A SYN-SENT && mend $B &&
		both_see ESTAB && release && both_end
}

# Nor from one that listens: B's own SYN and the cookie open the connection.
stale_and_listener()
{
	local from=A$family to=A$family peer=B$family server client before

	before=$(counter $A PassiveOpens)
	make_file 1000
	start $A "$xrecv" $port "$work/copy"
	server=$child
	hears $A LISTEN && cut $B || return
	start $B "$xsend" "${!to}" $port "$work/file"
	client=$child
	hears $B SYN-SENT || return
	on $A "$here/inject" "${!from}" "${!peer}" $port "$(client_port)" syn &&
		hears $B SYN-RECV && mend $B && wait "$client" && wait "$server" &&
		cmp "$work/file" "$work/copy" && counter_is $A PassiveOpens $((before + 1))
}
client_port() { "$ss" -N $B -anH | awk '$1 == "SYN-SENT" { sub(/.*:/, "", $4); print $4 }'; }

for family in $families; do
	check O6_SYNs_cross_IPv$family crosses
	check O6_on_the_cable_IPv$family on_the_cable
	check C2_C3_FINs_cross_IPv$family closes
	mend $A
	mend $B
	check C4_CLOSED_IPv$family clear
	check O6_SYN-RECEIVED_IPv$family half
	check O6_lost_SYN_and_SYNACK_are_repeated_IPv$family repairs
	check O6_nothing_left_IPv$family clear
	check O6_C1_close_in_SYN-RECEIVED_IPv$family orphan
	check O6_C5_nothing_left_IPv$family clear
	check O6_RST_back_to_SYN-SENT_IPv$family refused
	check F5_O6_stale_SYN_opens_nothing_IPv$family stale_alone
	check F5_O6_stale_SYN_and_a_peer_IPv$family stale_and_peer
	check F5_O6_stale_SYN_and_a_listener_IPv$family stale_and_listener
	check F5_nothing_left_IPv$family clear
done
finish
