#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The module cannot go while somebody needs it, and comes back.

. "$(dirname "$0")/lib.sh"
module_file
two_hosts
make_file 100000

held() { [ "$(users)" != 0 ] && ! rmmod xtcp && [ -d /sys/module/xtcp ]; }

with_listener()
{
	start $B "$xrecv" $port /dev/null
	wait_for sees $B LISTEN && held
	local code=$?

	kill "$child"
	wait "$child" 2> /dev/null
	return $code
}
check nobody_needs_it nobody
check a_listener_holds_it with_listener
check and_no_longer wait_for nobody

# An orphan tries for 60 s to get rid of what was written (C5).
with_orphan()
{
	local sender receiver

	start $B "$xrecv" $port /dev/null
	receiver=$child
	wait_for sees $B LISTEN || return
	start $A "$xsend" $B4 $port /dev/zero
	sender=$child
	wait_for sees $A ESTAB && wait_for counter_above $A OutSegs 10 || return
	netem $A loss 100%
	netem $B loss 100%
	kill -KILL "$sender" "$receiver"
	wait "$sender" "$receiver" 2> /dev/null
	sees $A FIN-WAIT-1 && held
}
check C5_an_orphan_holds_it with_orphan
step=1000
check C5_until_it_gives_up wait_for nobody
step=100
no_netem $A
no_netem $B

if ! loads_again; then
	echo "# not loaded again on User Mode Linux: see step kmemleak of selftests/vm/test.sh"
	finish
fi

with_time_wait() { copy $A $B $B4 && wait_for nobody && sees $A TIME-WAIT && gone; }
check C4_TIME_WAIT_does_not_hold_it with_time_wait
no_family() { ! on $A "$xsend" $B4 $port "$work/file" 2> "$work/why" && cat "$work/why" &&
	grep -q 'not supported' "$work/why"; }
check no_module_no_family no_family
# A test of TCP, which xtcp-run makes XTCP; without the module there is no sysctl of
# the shortcut to set.
run=$tools/xtcp-run/xtcp-run
of_tcp=(-V xtcp_ipv4 -V xtcp_ipv6 -V xtcp_inet_ipv4 -V xtcp_inet_ipv6)
plain()
{
	env -u XTCP_SHORTCUT "$run" "$@" "$here/poll" "${of_tcp[@]}" \
		-t epoll_connect_and_accept 2>&1
}
check no_module_TCP_with_fallback plain --fallback
told() { ! plain -v > "$work/why" && grep -q 'no XTCP: .*not supported' "$work/why"; }
check no_module_no_XTCP_without told

# Another number of the protocol; existing namespaces get their part.
refuses() { ! load "$@" && [ ! -e /sys/module/xtcp ]; }
check number_zero_is_none refuses protocol=0
check number_256_is_none refuses protocol=256
taken() { refuses protocol=6 && dmesg | tail -n 5 | grep -q 'xtcp: IP protocol 6 is taken'; }
check number_of_TCP_is_taken taken
check another_number load protocol=254
check copies_with_another_number copy $A $B $B4
check copies_with_another_number_IPv6 copy $A $B $B6

# Only the first door has that.
door() { "$run" "$here/sockopt" "${of_tcp[@]}" -t what_it_is; }
check xtcp_run_finds_the_first_door door
left() { plain -v --except 0.0.0.0/0,::/0 > "$work/why" && grep -q ': TCP' "$work/why"; }
check xtcp_run_leaves_it_to_TCP left

# A segment of 253 is nothing to it: the next one that counts is the SYN after it.
foreign()
{
	local before

	wait_for sees_nothing $B && before=$(counter $B InSegs) &&
		on $A "$here/inject" $A4 $B4 5000 $port syn &&
		! on $A "$xsend" $B4 9 < /dev/null && counter_is $B InSegs $((before + 1))
}
check the_usual_number_is_not_its_own foreign
check goes_again gone

# As it was.
# shellcheck disable=SC2086 # several parameters
check comes_back load $insmod_args
check copies_as_before copy $A $B $B4
check nobody_needs_it_in_the_end wait_for nobody
finish
