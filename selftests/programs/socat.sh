#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# socat: an echo, half closed at its end, and a chain of relays.

# shellcheck source=selftests/programs/lib.sh
. "$(dirname "$0")/lib.sh"
needs socat
two_hosts
make_file 300000

# The end of what was sent goes through, what comes back does too.
echoes() { client socat -t 600 - "TCP:$host:${1:-$port}" < "$work/file" | cmp - "$work/file"; }

relays()
{
	start $B "${run[@]}" socat TCP6-LISTEN:$((port + 1)),ipv6only=0,reuseaddr,fork "TCP:$B4:$port"
	start $B "${run[@]}" socat TCP6-LISTEN:$((port + 2)),ipv6only=0,reuseaddr,fork "TCP:[::1]:$((port + 1))"
	wait_for listens $((port + 1)) && wait_for listens $((port + 2))
}

check server serve socat TCP6-LISTEN:$port,ipv6only=0,reuseaddr,fork EXEC:cat
each_way echo echoes
check relays relays
each_way through_two_relays echoes $((port + 2))
check no_segment_of_TCP no_tcp
finish
