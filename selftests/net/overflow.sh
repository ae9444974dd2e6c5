#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# More connections than somebody accepts, and more SYNs than are remembered.

. "$(dirname "$0")/lib.sh"
two_hosts
make_file 100000

# Two doors (IPv4, IPv6), ten clients at each, three places in each queue. The
# rest gets in when somebody accepts, by repeating what was dropped.
# crowd CONNECTED: so many of the clients have no reason to wait, for all they know
crowd()
{
	local dropped crowd

	dropped=$(counter $A DropListenOverflow) || return
	mkfifo "$work/gate"
	exec {gate}<> "$work/gate"
	start $A "$here/many" crowd 20 < "$work/gate" > "$work/crowd" {gate}>&-
	crowd=$child
	wait_for grep -q ready "$work/crowd" &&
		wait_for counter_above $A DropListenOverflow $((dropped + 13)) &&
		wait_for established $(($1 + 6))
	local code=$?

	exec {gate}>&-
	rm "$work/gate"
	wait $crowd && [ $code -eq 0 ] && wait_for only_timewaits
}
established() { [ "$(count_of $A ESTAB)" = "$1" ]; }
only_timewaits() { ! states $A | grep -vqx TIME-WAIT; }

check O2_SYN_waits_for_room crowd 6
check O2_SYN_was_repeated counter_above $A SynRetransmits 0
# With a delay all are answered before the first of them is back.
tc -n $A qdisc add dev lo root netem delay 50ms || bail "no netem"
check O3_COOKIE_waits_for_room crowd 20
check O3_COOKIE_was_repeated counter_above $A CookieEchoRetransmits 0
tc -n $A qdisc del dev lo root

# A's answers to SYN|ACKs that it has not asked for would end what is half open.
setting $A net.xtcp.rst_rate 0
start $B "$xrecv" 4712 /dev/null
wait_for sees $B LISTEN || bail "no listener"

flood() { on $A "$here/inject" $A4 $B4 10000 4712 syn-flood "$1"; }
half_open() { [ "$(count_of $B SYN-RECV)" = "$1" ]; }
flooded()
{
	local full sent

	full=$(counter $B HalfOpenFull) && sent=$(counter $B SynAcksSent) && flood "$2" &&
		wait_for counter_is $B SynAcksSent $((sent + $2)) &&
		half_open "$1" && counter_is $B HalfOpenFull $((full + $2 - $1))
}

setting $B net.xtcp.max_syn_backlog 0
check O2_nothing_is_remembered flooded 0 10
check O2_opens_by_cookie_alone_IPv4 copy $A $B $B4
check O2_opens_by_cookie_alone_IPv6 copy $A $B $B6
netem $A loss 20%
netem $B loss 20%
check O2_cookie_alone_under_loss_IPv4 copy $A $B $B4
check O2_cookie_alone_under_loss_IPv6 copy $A $B $B6
no_netem $A
no_netem $B

setting $B net.xtcp.max_syn_backlog 100
check O2_flood_is_bounded flooded 100 2000

under_flood()
{
	start $A "$here/inject" $A4 $B4 10000 4712 syn-flood 1000000
	local flooder=$child

	copy $A $B $B4 && copy $A $B $B6
	local code=$?

	kill $flooder 2> /dev/null
	wait $flooder 2> /dev/null
	[ "$(count_of $B SYN-RECV)" -le 100 ] && return $code
}
check O2_others_open_under_a_flood under_flood
check O2_the_flooded_listener_works on $A "$xsend" $B4 4712 "$work/file"

step=2000
check O2_half_open_entries_expire all_gone $B
check nothing_left all_gone $A
finish
