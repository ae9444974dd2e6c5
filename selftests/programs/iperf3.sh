#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# iperf3: one way, the other, both at once, several connections.

# shellcheck source=selftests/programs/lib.sh
. "$(dirname "$0")/lib.sh"
needs iperf3
two_hosts
bytes=2000000

# The sums of its report: NAME BYTES, a line each.
sums() { awk -F'[":,]+' '/"sum_(sent|received)/ { sum = $2 } /"bytes"/ && sum { print sum, $3; sum = "" }'; }

# Each of $1 directions moved bytes, and one of them, at least, all. What has arrived is
# counted when the last byte is sent.
measures()
{
	client iperf3 -c $address -p $port -n $bytes -l 16K -J "${@:2}" > "$work/report" ||
		{ cat "$work/report"; return 1; }
	sums < "$work/report" | tee /dev/stderr |
	awk -v n="$1" -v bytes=$bytes '
		$2 { moved++ }
		/sent/ && $2 >= bytes { all = 1 }
		END { exit moved != 2 * n || !all }'
}

check server serve iperf3 -s -p $port
each_way upload measures 1
other_host download measures 1 -R
other_host parallel measures 1 -P 4
each_way both_ways measures 2 --bidir
other_host parallel_both_ways measures 2 --bidir -P 3
other_host zero_copy measures 1 -Z
other_host congestion_control measures 1 -C reno -M 1000 -N
check no_segment_of_TCP no_tcp
finish
