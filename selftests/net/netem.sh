#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A file over a bad path: delay, loss, duplicates, another order, damage.

. "$(dirname "$0")/lib.sh"
two_hosts
make_file 500000
# A segment a packet, so that netem picks segments.
for h in $A $B; do
	ip -n $h link set eth0 gso_max_segs 1
done

# through ADDRESS NETEM...: the same in both directions
through()
{
	netem $A "${@:2}"
	netem $B "${@:2}"
	copy $A $B "$1"
	local code=$?

	no_netem $A
	no_netem $B
	return $code
}

# moves HOST COUNTER COMMAND...: it succeeds, and the counter is higher afterwards
moves()
{
	local before

	before=$(counter "$1" "$2") && "${@:3}" && counter_above "$1" "$2" "$before"
}

# marks ADDRESS: the path marks what it would lose if it can, and nothing is sent again
marks()
{
	local recoveries given_up

	recoveries=$(counter $A FastRecoveries) && given_up=$(counter $A EcnGivenUp) &&
		netem $A delay 5ms loss 5% ecn || return
	moves $A EcnReductions copy $A $B "$1" && counter_is $A FastRecoveries "$recoveries" &&
		counter_is $A EcnGivenUp "$given_up"
	local code=$?

	no_netem $A
	return $code
}

# delayed_syn ADDRESS: a SYN arrives at a listener seconds after its sender has gone: it
# is answered, the answer refused, and nothing has opened but what is opened now.
delayed_syn()
{
	local opened answered server

	opened=$(counter $B PassiveOpens) && answered=$(counter $B SynAcksSent)
	netem $A delay 5s
	start $A "$xsend" "$1" $port "$work/file"
	wait_for sees $A SYN-SENT && kill -KILL "$child"
	wait "$child"
	sees_no $A SYN-SENT || return
	netem $A delay 0	# not for what is on its way
	rm -f "$work/copy"
	start $B "$xrecv" $port "$work/copy"
	server=$child
	wait_for sees $B LISTEN && counter_is $B SynAcksSent "$answered" &&
		wait_for counter_above $B SynAcksSent "$answered" &&
		wait_for sees_no $B SYN-RECV && counter_is $B PassiveOpens "$opened" &&
		on $A timeout $patience "$xsend" "$1" $port "$work/file" && wait "$server" &&
		cmp "$work/file" "$work/copy" && counter_is $B PassiveOpens $((opened + 1))
	local code=$?

	no_netem $A
	return $code
}

# Another congestion control than the default, on both sides.
by()
{
	local h code

	for h in $A $B; do
		setting $h net.xtcp.congestion_control "$1"
	done
	"${@:2}"
	code=$?
	for h in $A $B; do
		setting $h net.xtcp.congestion_control cubic
	done
	return $code
}

for family in $families; do
	peer=B$family
	check F5_delayed_SYN_opens_nothing_IPv$family delayed_syn "${!peer}"
	check delay_IPv$family through "${!peer}" delay 30ms
	check D9_marks_instead_of_losses_IPv$family marks "${!peer}"
	for loss in 1 5 20; do
		check D9_loss_of_${loss}_percent_IPv$family through "${!peer}" \
			delay 5ms loss $loss%
	done
	check D13_bbr_where_1_percent_is_lost_IPv$family by bbr through "${!peer}" \
		delay 25ms loss 1%
	check D5_order_IPv$family moves $B OutOfOrderQueued through "${!peer}" delay 10ms 8ms
	check D2_duplicates_IPv$family moves $B DropDuplicate through "${!peer}" \
		delay 5ms duplicate 10%
	# Of the bits that netem flips only some are not the headers' of others.
	check M1_damage_IPv$family moves $B DropChecksum through "${!peer}" \
		delay 5ms corrupt 10%
	check everything_IPv$family through "${!peer}" \
		delay 10ms 5ms loss 3% duplicate 3% corrupt 1%
done
check D9_losses_were_repaired counter_above $A FastRecoveries 0
step=2000
check nothing_left_on_A all_gone $A
check nothing_left_on_B all_gone $B
finish
