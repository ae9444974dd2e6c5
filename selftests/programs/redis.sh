#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# redis: commands, large values, a replica, a subscriber, and its benchmark.

# shellcheck source=selftests/programs/lib.sh
. "$(dirname "$0")/lib.sh"
needs redis-server redis-cli redis-benchmark
two_hosts
make_file 300000

cli() { client redis-cli -h $address -p "${to:-$port}" "$@"; }
is() { [ "$(cli "${@:2}")" = "$1" ]; }

values()
{
	is OK set key "a value" && is "a value" get key && is 1 del key &&
		cli -x set large < "$work/file" && is 300000 strlen large &&
		cli --raw get large | head -c 300000 | cmp - "$work/file"
}
# All commands at once, and as many answers.
pipeline()
{
	is OK set n 0 && for _ in {1..1000}; do echo incr n; done > "$work/commands" &&
		cli < "$work/commands" > "$work/answers" &&
		seq 1000 | cmp - "$work/answers"
}
# Blocks until another connection gives it what it waits for.
blocks()
{
	local waiter

	cli --raw blpop list 600 > "$work/popped" &
	waiter=$!
	blocked() { cli info clients | grep -q '^blocked_clients:1'; }
	wait_for blocked && cli rpush list element && wait "$waiter" &&
		[ "$(cat "$work/popped")" = $'list\nelement' ]
}
replicates()
{
	start $A "${run[@]}" redis-server --port $((port + 1)) --bind '*' --protected-mode no --save '' \
		--dir "$work" --replicaof $B4 $port > "$work/replica" 2>&1
	from=$A address=127.0.0.1
	linked() { to=$((port + 1)) cli info replication | grep -q '^master_link_status:up'; }
	wait_for linked || { cat "$work/replica"; return 1; }
	to=$((port + 1)) cli --raw get large | head -c 300000 | cmp - "$work/file"
}
benchmark()
{
	client redis-benchmark -h $address -p $port -q --csv -n 500 -c 20 -d 2000 "$@" \
		> "$work/benchmark" && cat "$work/benchmark" &&
		[ "$(grep -c '^"[A-Z]* *.*","[1-9]' "$work/benchmark")" = "$(tr , '\n' <<< "${*: -1}" | wc -l)" ]
}

check server serve redis-server --port $port --bind '*' '-::*' --protected-mode no --save '' --dir "$work"
each_way values values
other_host pipeline pipeline
one_host blocking blocks
check replica replicates
each_way benchmark benchmark -t set,get,lpush
way benchmark_pipeline_IPv4 $A $B4 $B4 benchmark -P 16 -t set,get
check no_segment_of_TCP no_tcp
finish
