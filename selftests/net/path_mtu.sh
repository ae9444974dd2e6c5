#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# D10 between two hosts with two routers in the middle, whose links become narrower and wider
# again while a connection is open: with and without a word of it. The bytes arrive, and
# what the path takes is found.

. "$(dirname "$0")/lib.sh"

[ -d /sys/module/xtcp ] || bail "the module is not loaded"
# A - R - S - B
A=a-$$ R=r-$$ S=s-$$ B=b-$$
for h in $A $R $S $B; do
	add_host $h
done

# link HOST DEVICE HOST DEVICE NUMBER: number is the network's, the hosts are 1 and 2 in it
link()
{
	ip link add "$2" netns "$1" type veth peer name "$4" netns "$3" || bail "no veth"
	# a segment is a packet: a link lets a longer one pass that it would cut
	ip -n "$1" link set "$2" up gso_max_segs 1
	ip -n "$3" link set "$4" up gso_max_segs 1
	ip -n "$1" addr add "198.51.$5.1/24" dev "$2"
	ip -n "$3" addr add "198.51.$5.2/24" dev "$4"
	ip -n "$1" addr add "2001:db8:$5::1/64" dev "$2" nodad
	ip -n "$3" addr add "2001:db8:$5::2/64" dev "$4" nodad
}

# route HOST TO NUMBER VIA: the way to a network
route()
{
	ip -n "$1" route add "198.51.$2.0/24" via "198.51.$3"
	ip -n "$1" -6 route add "2001:db8:$2::/64" via "2001:db8:${3/./::}"
}

link $A eth0 $R to_a 1
link $R to_s $S to_r 2
link $S to_b $B eth0 3
route $A 3 1.2
route $R 3 2.2
route $S 1 2.1
route $B 1 3.1
for h in $R $S; do
	setting $h net.ipv4.ip_forward 1
	setting $h net.ipv6.conf.all.forwarding 1
done

# What one check has found of the path (paths.sh) is not what the next begins with.
setting $A net.xtcp.path_cache 0
setting $B net.xtcp.path_cache 0

# mtu HOST DEVICE MTU
mtu() { ip -n "$1" link set "$2" mtu "$3"; }

# S takes less than R thinks, and nobody hears of what is dropped in between. A veth has
# room for a VLAN tag.
silent=1304
silently() { mtu $S to_r $((silent - 4)); }

normal()
{
	local h

	for h in "$A eth0" "$R to_a" "$R to_s" "$S to_r" "$S to_b" "$B eth0"; do
		# shellcheck disable=SC2086 # host and device
		mtu $h 1500
	done
	for h in $A $B; do
		on "$h" ip route flush cache
		on "$h" ip -6 route flush cache
	done
}

# open_pipe ADDRESS: a connection to B; what is written to descriptor 3 goes through it
open_pipe()
{
	rm -f "$work/copy" "$work/pipe" "$work/all"
	mkfifo "$work/pipe"
	start $B "$xrecv" $port "$work/copy"
	receiver=$child
	wait_for sees $B LISTEN || return
	exec 4<> "$work/pipe"	# so that neither end waits for the other
	start $A "$xsend" "$1" $port < "$work/pipe" 4>&-
	sender=$child
	exec 3> "$work/pipe" 4>&-
	wait_for sees $A ESTAB
}

acknowledged() { "$ss" -N $A -nH | awk '{ exit !($3 == 0) }'; }

# more BYTES: that many random ones go, and have arrived
more()
{
	make_file "$1"
	cat "$work/file" >> "$work/all"
	cat "$work/file" >&3
	wait_for acknowledged
}

# close_pipe: the copy is what was written
close_pipe()
{
	exec 3>&-
	wait "$sender" && wait "$receiver" && cmp "$work/all" "$work/copy"
}

path_mtu() # of the connection, by what A knows of it
{
	local mss

	mss=$("$ss" -N $A -inH | grep -o 'path_mss:[0-9]*') &&
		echo $((${mss#path_mss:} + headers))
}

# found MTU: exactly, or as near as the search goes
found()
{
	local is

	is=$(path_mtu) && echo "path MTU $is, of $1" && [ "$is" -le "$1" ] &&
		[ "$is" -ge $(($1 - 16)) ]
}
exactly() { [ "$(path_mtu)" = "$1" ]; }

# searched: data goes until no probe goes with it any more; how much that is depends on how
# many segments follow each of them
searched()
{
	local before probes=

	for _ in {1..30}; do
		before=$probes
		more 100000 && probes=$(counter $A PathMtuProbes) || return
		[ "$probes" != "$before" ] || return 0
	done
	echo "the search has no end"
	return 1
}

# An open connection, a router that begins to drop: noticed, searched, found. As it ends
# that is found by itself, ten minutes later.
black_hole()
{
	local holes raised

	holes=$(counter $A PathMtuBlackHoles) && raised=$(counter $A PathMtuRaised)
	open_pipe "$1" && more 30000 && exactly 1500 && silently && searched &&
		found $silent && counter_is $A PathMtuBlackHoles $((holes + 1)) &&
		counter_above $A PathMtuRaised "$raised" && normal && more 30000 &&
		found $silent && sleep 610 && more 100000 && exactly 1500
	local code=$?

	normal
	close_pipe && return $code
}

# It was there before: the handshake passes, the data does not.
black_hole_at_first()
{
	silently
	open_pipe "$1" && searched && found $silent
	local code=$?

	normal
	close_pipe && return $code
}

# A router that says so: found at once. What it said is forgotten after ten minutes.
router_tells()
{
	local holes raised

	holes=$(counter $A PathMtuBlackHoles) && raised=$(counter $A PathMtuRaised)
	open_pipe "$1" && more 30000 && mtu $R to_s 1400 && more 30000 && exactly 1400 &&
		mtu $R to_s 1500 && more 30000 && exactly 1400 && sleep 610 &&
		more 100000 && exactly 1500 && counter_is $A PathMtuBlackHoles "$holes" &&
		counter_is $A PathMtuRaised $((raised + 1))
	local code=$?

	normal
	close_pipe && return $code
}

wide_behind_R() { mtu $S to_r 9000 && mtu $S to_b 9000 && mtu $B eth0 9000; }

# The route itself: wider by a probe, narrower without.
route_changes()
{
	local raised probes

	wide_behind_R && mtu $R to_s 9000
	raised=$(counter $A PathMtuRaised) && probes=$(counter $A PathMtuProbes)
	open_pipe "$1" && more 30000 && exactly 1500 && mtu $R to_a 4000 && mtu $A eth0 4000 &&
		more 100000 && exactly 4000 && counter_is $A PathMtuRaised $((raised + 1)) &&
		counter_is $A PathMtuProbes $((probes + 1)) && mtu $A eth0 1400 &&
		more 30000 && exactly 1400
	local code=$?

	normal
	close_pipe && return $code
}

# Wider on this side only: a router further on says no, and nothing is lost by asking.
route_lies()
{
	wide_behind_R && mtu $R to_a 4000
	open_pipe "$1" && more 30000 && exactly 1500 && mtu $A eth0 4000 && more 100000 &&
		exactly 1500
	local code=$?

	normal
	close_pipe && return $code
}

for family in $families; do
	if [ $family = 4 ]; then
		peer=198.51.3.2 headers=$((20 + 32))
	else
		peer=2001:db8:3::2 headers=$((40 + 32))
	fi
	check D10_black_hole_IPv$family black_hole $peer
	check D10_black_hole_at_first_IPv$family black_hole_at_first $peer
	check D10_router_tells_IPv$family router_tells $peer
	check D10_route_changes_IPv$family route_changes $peer
	check D10_route_lies_IPv$family route_lies $peer
done
check nothing_left_on_A all_gone $A
check nothing_left_on_B all_gone $B
finish
