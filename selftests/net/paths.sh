#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What is known of a path (O1, D9): both ends of a connection learn it, it is bounded, grows
# old and can be forgotten; and what it is good for: the time of a connect() whose first
# SYN is lost, which is shown, not judged (conform/scripts/O1_known_path* do that).

. "$(dirname "$0")/lib.sh"
two_hosts
make_file 1000
most=8

paths() { on "$1" awk 'NR > 1' /proc/net/xtcp/paths; }
number() { [ "$(paths "$1" | wc -l)" = "$2" ]; }
forget() { on "$1" sh -c 'echo > /proc/net/xtcp/paths'; }

# knows HOST ADDRESS MICROSECONDS: a round trip of at least so much
knows()
{
	paths "$1" | awk -v address="$2" -v least="$3" \
		'$1 == address && $4 >= least && $4 < 4 * least { found = 1 } END { exit !found }' &&
		return
	paths "$1"
	return 1
}

# both_learn ADDRESS-OF-A ADDRESS-OF-B: the one by the bytes, the other by its answer
both_learn()
{
	netem $A delay 25ms
	netem $B delay 25ms
	copy $A $B "$2" && wait_for knows $A "$2" 50000 && wait_for knows $B "$1" 50000
	local code=$?

	no_netem $A
	no_netem $B
	return $code
}

# first_syn_lost ADDRESS: milliseconds of a connect() and 1000 bytes
first_syn_lost()
{
	local server begin

	rm -f "$work/copy"
	start $B "$xrecv" $port "$work/copy"
	server=$child
	wait_for sees $B LISTEN || return
	netem $A delay 25ms loss 100%
	netem $B delay 25ms
	begin=$(date +%s%N)
	start $A "$xsend" "$1" $port "$work/file"
	wait_for sees $A SYN-SENT || return
	netem $A delay 25ms
	wait "$child" && wait "$server" || return
	echo $((($(date +%s%N) - begin) / 1000000))
	no_netem $A
	no_netem $B
}

# a_lost_syn_costs_less ADDRESS
a_lost_syn_costs_less()
{
	local before with without

	before=$(counter $A PathsKnown) && with=$(first_syn_lost "$1") || return
	counter_above $A PathsKnown "$before" || return
	setting $A net.xtcp.path_cache 0
	before=$(counter $A PathsKnown)
	without=$(first_syn_lost "$1")
	setting $A net.xtcp.path_cache 1
	counter_is $A PathsKnown "$before" || return
	echo "# first SYN lost: $with ms where the path is known, $without ms where not" >&3
}

# No more than net.xtcp.path_cache_max, and the one in use is not thrown out for another.
bounded()
{
	local i

	setting $A net.xtcp.path_cache_max $most
	copy $A $B $B4 || return
	for i in $(seq 101 112); do
		ip -n $B addr add "192.0.2.$i/24" dev eth0
		ip -n $A neigh replace "192.0.2.$i" lladdr 02:00:00:00:00:02 dev eth0 nud permanent
		copy $A $B $B4 && copy $A $B "192.0.2.$i" || return
	done
	paths $A
	number $A $most && counter_above $A PathsEvicted 4 && knows_of $A $B4 &&
		knows_of $A 192.0.2.112
}
knows_of() { paths "$1" | cut -d' ' -f1 | grep -qxF -- "$2"; }

none_without_room()
{
	forget $A
	setting $A net.xtcp.path_cache_max 0
	copy $A $B $B4 && number $A 0
	local code=$?

	setting $A net.xtcp.path_cache_max $most
	return $code
}

grows_old()
{
	setting $A net.xtcp.path_cache_life 3
	copy $A $B $B4 && number $A 1 && wait_for number $A 0
	local code=$?

	setting $A net.xtcp.path_cache_life 3600
	return $code
}

forgotten()
{
	copy $A $B $B4 && ! number $A 0 && forget $A && number $A 0
}

not_by_everybody()
{
	copy $A $B $B4 && ! number $A 0 &&
		! on $A setpriv --reuid 65534 --clear-groups sh -c 'echo > /proc/net/xtcp/paths' &&
		! number $A 0
}

exec 3>&1
for family in $families; do
	own=A$family peer=B$family
	check D9_both_ends_learn_IPv$family both_learn "${!own}" "${!peer}"
	check O1_a_lost_SYN_costs_less_IPv$family a_lost_syn_costs_less "${!peer}"
	forget $A
	forget $B
done
check bounded bounded
check none_without_room none_without_room
check forgotten forgotten
check not_by_everybody not_by_everybody
check grows_old grows_old
step=2000
check nothing_left_on_A all_gone $A
check nothing_left_on_B all_gone $B
finish
