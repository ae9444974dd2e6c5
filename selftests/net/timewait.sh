#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# TIME-WAIT: how long, for whom, how many.

. "$(dirname "$0")/lib.sh"
two_hosts
make_file 1000

uptime() { awk '{ print int($1) }' /proc/uptime; }

# stays LEAST SINCE: A's TIME-WAIT goes, but not earlier than that many seconds after
stays()
{
	local lasted step=1000

	wait_for sees_no $A TIME-WAIT || return
	lasted=$(($(uptime) - $2))
	echo "lasted $lasted seconds"
	[ $lasted -ge $(($1 - 1)) ]
}

# shown MOST: what xtcp-ss shows of its time is no more
shown()
{
	local left

	left=$("$ss" -N $A -anoH | sed -n 's/^TIME-WAIT.*timer:(timewait,\([0-9]*\).*/\1/p')
	echo "$left seconds left"
	[ -n "$left" ] && [ "$left" -le "$1" ]
}

# lasts SECONDS ADDRESS: of the active side, and only there
lasts()
{
	local start

	copy $A $B "$2" || return
	start=$(uptime)
	wait_for sees_nothing $B && sees $A TIME-WAIT && shown "$1" && stays "$1" "$start"
}
check F8_C4_2_MSL_is_60_seconds_IPv4 lasts 60 $B4
check F8_C4_2_MSL_is_60_seconds_IPv6 lasts 60 $B6
setting $A net.xtcp.msl 5
check F8_C4_msl_is_a_setting lasts 10 $B4
setting $A net.xtcp.msl 30

# The last ACK is lost until the FIN came again several times, some fifteen seconds later.
restarted()
{
	local receiver before since step=500

	mkfifo "$work/hold"
	exec {hold}<> "$work/hold"
	start $B "$xrecv" -w $port "$work/copy" < "$work/hold" {hold}>&-
	receiver=$child
	wait_for sees $B LISTEN || return
	start $A "$xsend" "$1" $port "$work/file" {hold}>&-
	wait_for sees $A FIN-WAIT-2 && wait_for sees $B CLOSE-WAIT || return
	netem $A loss 100%
	before=$(counter $B RetransmitTimeouts)
	exec {hold}>&-
	wait $receiver && wait_for sees $A TIME-WAIT &&
		wait_for counter_above $B RetransmitTimeouts $((before + 3)) &&
		sees $B LAST-ACK && sees $A TIME-WAIT || return
	since=$(uptime)
	no_netem $A
	rm "$work/hold"
	wait_for sees_nothing $B && stays 60 "$since"
}
check F8_C4_a_repeated_FIN_restarts_it_IPv4 restarted $B4
check F8_C4_a_repeated_FIN_restarts_it_IPv6 restarted $B6

# same_end_points COUNT: so many TIME-WAITs of each 4-tuple
same_end_points()
{
	"$ss" -N $A -anH | awk '$1 == "TIME-WAIT" { print $4, $5 }' | sort | uniq -c \
		> "$work/tuples"
	cat "$work/tuples"
	[ "$(awk -v want="$1" '$1 == want' "$work/tuples" | wc -l)" = 2 ] &&
		[ "$(wc -l < "$work/tuples")" = 2 ]
}

# beside COUNT: the port is free at once, for the same two end points again and again
beside()
{
	on $A timeout $patience "$here/many" same $((2 * $1))
}
check C4_port_is_free beside 3
check C4_TIME-WAITs_beside_each_other same_end_points 3
step=1000
check C4_TIME-WAITs_go wait_for sees_nothing $A
check C4_port_is_free_often beside 70
check C4_at_most_64_per_4-tuple same_end_points 64
check C4_the_oldest_went counter_is $A TimeWaitsEvicted 12

# Every packet travels twice, and copies come four seconds late: into the next
# connections of the same end points, which would read a byte too many.
late_copies()
{
	local before ended

	wait_for sees_nothing $A || return
	before=$(counter $A DropTimeWait)
	tc -n $A qdisc replace dev lo root netem duplicate 100% delay 4s reorder 50% || return
	beside 6
	ended=$?
	sleep 5	# the last of them arrive
	tc -n $A qdisc del dev lo root
	[ $ended -eq 0 ] && counter_above $A DropTimeWait "$before"
}
check F9_late_copies_meet_their_own_TIME-WAIT late_copies
check F9_and_not_the_next_connection same_end_points 6

bounded()
{
	wait_for sees_nothing $A || return
	setting $A net.xtcp.max_tw_buckets 10
	on $A timeout $patience "$here/many" churn 50 || return
	echo "$(count_of $A TIME-WAIT) of 10"
	[ "$(count_of $A TIME-WAIT)" = 10 ]
}
check C4_max_tw_buckets bounded
check nothing_left all_gone $A
finish
