#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Who gets no answer asks IP for another way (RFC 9293, MUST-20): two cables between
# two hosts, of which the better one falls silent in the middle of a transfer. IPv6 goes by
# which neighbour can be reached; IPv4 has no such list of ways.

. "$(dirname "$0")/lib.sh"

two_hosts
ip link add eth1 netns $A type veth peer name eth1 netns $B || bail "no veth"
for h in $A $B; do
	ip -n $h link set eth1 up
	ip -n $h -6 neigh flush nud permanent
done
here6=2001:db8:a::1 there6=2001:db8:b::1
ip -n $A addr add 2001:db8:1::1/64 dev eth1 nodad
ip -n $B addr add 2001:db8:1::2/64 dev eth1 nodad
ip -n $A addr add $here6/128 dev lo
ip -n $B addr add $there6/128 dev lo
ip -n $A -6 route add $there6 via $B6 src $here6 metric 10
ip -n $A -6 route add $there6 via 2001:db8:1::2 src $here6 metric 20
ip -n $B -6 route add $here6 via 2001:db8:1::1

received() { [ "$(stat -c %s "$work/copy" 2> /dev/null)" = "$1" ]; }

other_way()
{
	mkfifo "$work/pipe"
	start $B "$xrecv" $port "$work/copy"
	receiver=$child
	wait_for sees $B LISTEN || return
	exec 4<> "$work/pipe"	# neither end waits for the other
	start $A "$xsend" $there6 $port < "$work/pipe" 4>&-
	sender=$child
	exec 3> "$work/pipe" 4>&-
	head -c 10000 "$work/file" >&3
	wait_for received 10000 || return
	netem $A loss 100%
	tail -c +10001 "$work/file" >&3
	exec 3>&-
	wait $sender && wait $receiver && cmp "$work/file" "$work/copy"
}

make_file 100000
check MUST_20_after_R1_another_way_is_taken other_way
check nothing_left_on_A all_gone $A
check nothing_left_on_B all_gone $B
finish
