#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Many network namespaces at once, and namespaces that go while they are used.

. "$(dirname "$0")/lib.sh"
[ -d /sys/module/xtcp ] || bail "the module is not loaded"

# A namespace without a name cannot be looked at. But a cable into it vanishes
# at this end, too, when it is taken down.
W=w-$$
add_host $W
witness()
{
	ip link add $1 netns $W type veth peer name witness netns $1 || bail "no veth"
}
lives() { ip -n $W link show $1 > /dev/null 2>&1; }
gone() { ! lives $1; }

count=10
many()
{
	local i pids=() code=0

	for i in $(seq $count); do
		add_host n$i-$$
		start n$i-$$ "$here/many" churn 10
		pids+=("$child")
	done
	for i in "${pids[@]}"; do
		wait "$i" || code=1
	done
	return $code
}
check many_at_once many

own_counters()
{
	local i n

	for i in $(seq $count); do
		n=$(counter n$i-$$ PassiveOpens)
		[ "$n" = 10 ] || { echo "namespace $i: $n"; return 1; }
	done
}
check counters_are_apart own_counters

own_settings()
{
	setting n1-$$ net.xtcp.msl 7
	[ "$(on n1-$$ sysctl -n net.xtcp.msl)" = 7 ] &&
		[ "$(on n2-$$ sysctl -n net.xtcp.msl)" = 30 ]
}
check F8_settings_are_apart own_settings

# The same address and port in each: they do not see one another.
apart()
{
	local i receivers=()

	for i in 1 2 3; do
		start n$i-$$ "$xrecv" $port /dev/null
		receivers+=("$child")
		wait_for sees n$i-$$ LISTEN || return
	done
	sees_no n4-$$ LISTEN && ! on n4-$$ "$xsend" 127.0.0.1 $port < /dev/null &&
		for i in 1 2 3; do
			on n$i-$$ "$xsend" 127.0.0.1 $port < /dev/null || return
		done
	wait "${receivers[@]}"
}
check F1_same_end_points_apart apart

# They go with all the TIME-WAITs that they have.
full_of_remnants()
{
	local i

	sees n5-$$ TIME-WAIT || return
	for i in $(seq $count); do
		witness n$i-$$
		ip netns del n$i-$$ || return
	done
	hosts=("$W")
	for i in $(seq $count); do
		wait_for gone n$i-$$ || return
	done
}
check deleted_with_TIME_WAITs full_of_remnants

has() { [ "$(count_of "$1" "$2")" = "$3" ]; }

# Two hosts, and a connection of each family that sends without end. The cable
# sets the pace, for the sake of time-travel.
traffic()
{
	two_hosts
	witness $A
	witness $B
	netem $A rate 10mbit delay 5ms
	netem $B delay 5ms
	start $B "$xrecv" $port /dev/null
	receivers=("$child")
	start $B "$xrecv" $((port + 1)) /dev/null
	receivers+=("$child")
	wait_for has $B LISTEN 2 || return
	start $A "$xsend" $B4 $port /dev/zero
	senders=("$child")
	start $A "$xsend" $B6 $((port + 1)) /dev/zero
	senders+=("$child")
	wait_for has $A ESTAB 2 && wait_for counter_above $A OutSegs 50
}

# Of a namespace without a name, by way of a process in it.
sent() { awk '$1 == "OutSegs" { print $2 }' "/proc/${senders[0]}/net/xtcp/snmp"; }
sent_more_than() { [ "$(sent)" -gt "$1" ]; }

# A namespace loses its name under traffic. What runs in it goes on, and holds it
# until it ends.
under_traffic()
{
	traffic || return
	ip netns del $A && ip netns del $B || return
	hosts=("$W")
	wait_for sent_more_than $(($(sent) + 200)) && kill -0 "${senders[@]}" "${receivers[@]}" &&
		lives $A && lives $B || return
	kill -KILL "${receivers[@]}" "${senders[@]}"
	wait "${receivers[@]}" "${senders[@]}" 2> /dev/null
	wait_for gone $A && wait_for gone $B
}
check deleted_under_traffic under_traffic

# The peers are not there to take the orphans' data: their timers work without a
# name, and the namespace goes when they have given up.
orphaned()
{
	traffic || return
	netem $A loss 100%
	netem $B loss 100%
	kill -KILL "${senders[@]}"
	wait "${senders[@]}" 2> /dev/null
	has $A FIN-WAIT-1 2 && ip netns del $A || return
	hosts=("$W" "$B")
	sleep 2
	lives $A || return
	kill -KILL "${receivers[@]}"
	wait "${receivers[@]}" 2> /dev/null
	ip netns del $B || return
	hosts=("$W")
	step=1000 wait_for gone $A && wait_for gone $B
}
check C5_orphans_outlive_the_name orphaned
finish
