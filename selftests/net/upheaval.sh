#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Connections come and go while somebody lists them, changes settings, takes their
# namespaces down, and the module itself: what meets what is left to chance. The
# kernel must have nothing to complain of; for a debug kernel with several
# processors. How often, says XTCP_RACE_ROUNDS.

. "$(dirname "$0")/lib.sh"
module_file
# On one processor there is little to meet: once.
rounds=$((${XTCP_RACE_ROUNDS:-$(($(nproc) * 20))} / 20))

# over_and_over COMMAND...: in the background until $work/stop is there. With a
# pause: time stands still while somebody works, where it is virtual.
over_and_over()
{
	while [ ! -e "$work/stop" ]; do
		"$@"
		sleep 0.01
	done > /dev/null 2>&1 &
	children+=("$!")
}

stop_all()
{
	touch "$work/stop"
	wait "${children[@]}"
	children=()
	rm "$work/stop"
}

look()
{
	"$ss" -N "$1" -anoe
	on "$1" cat /proc/net/xtcp/snmp
}

change_settings()
{
	setting "$1" net.xtcp.max_tw_buckets $((RANDOM % 20))
	setting "$1" net.xtcp.msl $((1 + RANDOM % 3))
	setting "$1" net.xtcp.syncookies $((RANDOM % 3))
}

# Two hosts, connections between them and to themselves, and both go at once. The
# cable sets the pace of the copy, for the sake of time-travel.
hosts_go()
{
	local i

	for ((i = 0; i < rounds; i++)); do
		two_hosts
		netem $A rate 50mbit delay 1ms
		start $B "$xrecv" $port /dev/null
		wait_for sees $B LISTEN || return
		start $A "$xsend" $B4 $port /dev/zero 2> /dev/null
		over_and_over on $A "$here/many" churn 5
		over_and_over on $B "$here/many" same 5
		over_and_over look $A
		over_and_over look $B
		over_and_over change_settings $A
		sleep 0.5
		{ ip netns pids $A; ip netns pids $B; } | xargs -r kill -KILL
		ip netns del $A &
		ip netns del $B
		stop_all
	done
	hosts=()
}
check namespaces_go hosts_go

# Who has sockets keeps the module; who opens one while it goes gets an error.
visit()
{
	local name=v$1-$$

	ip netns add $name
	ip netns exec $name ip link set lo up
	ip netns exec $name timeout 60 "$here/many" churn 3
	ip netns del $name
}
module_goes()
{
	local i

	for ((i = 0; i < rounds; i++)); do
		over_and_over visit 1
		over_and_over visit 2
		over_and_over "$ss" -an
		over_and_over cat /proc/net/xtcp/snmp
		over_and_over sysctl -qw net.xtcp.msl=1
		sleep 0.5
		wait_for gone 2> /dev/null || return
		sleep 0.1
		# shellcheck disable=SC2086 # several parameters
		load $insmod_args || return
		stop_all
	done
	two_hosts
	make_file 100000
	copy $A $B $B4 && copy $A $B $B6
}
# See unload.sh.
[ -n "${XTCP_UML:-}" ] || check module_goes_and_comes module_goes
finish
