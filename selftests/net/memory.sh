#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Little memory: for all sockets, for one, for those that nobody owns.

. "$(dirname "$0")/lib.sh"
two_hosts
make_file 300000

# The least buffers there are.
small_buffers()
{
	setting $A net.xtcp.wmem "4096 4096" && setting $B net.xtcp.rmem "4096 4096" &&
		copy $A $B "$1"
}
check D11_least_buffers_IPv4 small_buffers $B4
check D11_least_buffers_IPv6 small_buffers $B6

# A receiver that does not read is not sent more than its buffer holds.
stopped()
{
	start $B "$xrecv" $port /dev/null
	local receiver=$child

	wait_for sees $B LISTEN || return
	kill -STOP "$receiver"
	start $A "$xsend" $B4 $port "$work/file" 2> /dev/null
	wait_for sees $B ESTAB && wait_for counter_above $A WindowProbes 3
	local code=$?

	"$ss" -N $B -mnH
	"$ss" -N $B -nH | awk '{ exit !($2 > 0 && $2 <= 4096) }' || code=1
	kill -CONT "$receiver"
	wait "$receiver" && wait "$child" && return $code
}
check D7_window_closes_and_opens stopped

# All memory of the protocol, in pages. The kernel counts exactly only what is
# beyond 1 MB for each processor: so much has to lie somewhere first.
setting $A net.xtcp.wmem "4194304 4194304"
setting $B net.xtcp.rmem "4194304 4194304"
make_file 6000000
mem=$(sysctl -n net.xtcp.mem)
normal_memory() { sysctl -qw net.xtcp.mem="$mem"; }
trap 'normal_memory; clean_up' EXIT

# Whether it happened since "before" was noted.
pressures() { echo $(($(counter $A MemoryPressures) + $(counter $B MemoryPressures))); }
pressed() { [ "$(pressures)" -gt "$1" ]; }

# hoard MEM ADDRESS [HOST]: much is written, on A or there, and not read until there is
# pressure
hoard()
{
	local before receiver sender code

	before=$(pressures)
	rm -f "$work/copy"
	start $B "$xrecv" $port "$work/copy"
	receiver=$child
	wait_for sees $B LISTEN || return
	kill -STOP "$receiver"
	sysctl -qw net.xtcp.mem="$1"
	start "${3:-$A}" timeout $((patience * 4)) "$xsend" "$2" $port "$work/file"
	sender=$child
	step=1000 wait_for pressed "$before"
	code=$?
	normal_memory
	kill -CONT "$receiver"
	wait "$sender" && wait "$receiver" && cmp "$work/file" "$work/copy" || code=1
	return $code
}
check D11_pressure_IPv4 hoard "2 4 100000" $B4
check D11_pressure_IPv6 hoard "2 4 100000" $B6
# Round the wire, too, and beyond the limit, where nothing more is handed over.
setting $B net.xtcp.shortcut 1
setting $B net.xtcp.wmem "4194304 4194304"
check D11_pressure_one_host_IPv4 hoard "2 4 100000" 127.0.0.1 $B
check D11_pressure_one_host_IPv6 hoard "2 4 100000" ::1 $B
check D11_limit_one_host_IPv4 hoard "2 4 6" 127.0.0.1 $B
check D11_limit_one_host_IPv6 hoard "2 4 6" ::1 $B
setting $A net.xtcp.wmem "16384 4194304"
setting $B net.xtcp.rmem "131072 6291456"

# orphan: a sender that is killed when the peer's window keeps its data back (D7):
# before that the FIN may get through, and the orphan be in FIN-WAIT-2 already
orphan()
{
	local sender probes

	start $B "$xrecv" $port /dev/null
	receiver=$child
	wait_for sees $B LISTEN || return
	start $A "$xsend" $B4 $port /dev/zero
	sender=$child
	wait_for sees $A ESTAB && wait_for counter_above $A OutSegs 100 || return
	probes=$(counter $A WindowProbes)
	kill -STOP "$receiver"
	wait_for counter_above $A WindowProbes "$probes" || return
	kill -KILL "$sender"
	wait "$sender"
	true
}

kept()
{
	orphan && sees $A FIN-WAIT-1
	local code=$?

	kill -CONT "$receiver"
	wait "$receiver"	# the answer finds nobody
	[ $code -eq 0 ] && wait_for only_timewaits
}
only_timewaits() { ! states $A | grep -vqx TIME-WAIT; }
check C1_an_orphan_delivers kept
check C5_none_was_too_many counter_is $A OrphansAborted 0

cut_off()
{
	orphan && counter_is $A OrphansAborted 1 && only_timewaits
	local code=$?

	kill -CONT "$receiver"
	wait "$receiver" && return 1
	return $code
}
setting $A net.xtcp.max_orphans 0
check C5_one_orphan_too_many cut_off
check C5_the_peer_was_reset counter_above $B EstabResets 0
setting $A net.xtcp.max_orphans 8192

step=2000
check nothing_left_on_A all_gone $A
check nothing_left_on_B all_gone $B
finish
