#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A thousand sockets in a dump, while others come and go.

. "$(dirname "$0")/lib.sh"
[ -d /sys/module/xtcp ] || bail "the module is not loaded"
A=a-$$
add_host $A
setting $A net.xtcp.msl 1
count=500	# connections, of two sockets each

mkfifo "$work/gate"
exec {gate}<> "$work/gate"
start $A "$here/many" hold $count < "$work/gate" > "$work/held" {gate}>&-
holder=$child
step=1000
check connections_are_held wait_for grep -q ready "$work/held"

dump() { "$ss" -N $A -nH "$@"; }
door4=$(dump -4 -l | sed 's/.*:\([0-9]*\) .*/\1/')
door6=$(dump -6 -l | sed 's/.*:\([0-9]*\) .*/\1/')
dump > "$work/before"
end_points() { awk '{ print $4, $5 }' "$1" | sort; }

whole() { [ "$(wc -l < "$work/before")" = $((2 * count)) ]; }
check all_are_there whole

# not_once: what of $work/want is not in the dump $work/got, or is there twice
not_once()
{
	uniq -d "$work/got"
	comm -23 "$work/want" "$work/got"
}

# Everything that is there all the time is in every dump, once. The delay makes
# the connections that come and go last for some dumps.
in_passing()
{
	local churner dumps=0

	end_points "$work/before" > "$work/want"
	tc -n $A qdisc replace dev lo root netem delay 1ms || return
	start $A "$here/many" churn 100
	churner=$child
	while kill -0 "$churner" 2> /dev/null; do
		dump state established > "$work/now" || return
		end_points "$work/now" > "$work/got"
		not_once > "$work/wrong"
		if [ -s "$work/wrong" ]; then
			echo "dump $dumps, missing or there twice:"
			head "$work/wrong"
			return 1
		fi
		dumps=$((dumps + 1))
		sleep 0.1
	done
	tc -n $A qdisc del dev lo root
	echo "$dumps dumps"
	wait "$churner" && [ $dumps -gt 1 ] &&
		counter_is $A PassiveOpens $((count + 100))
}
check each_once_while_others_come_and_go in_passing

# lines COUNT OPTION...
lines()
{
	dump "${@:2}" > "$work/lines" || return
	[ "$(wc -l < "$work/lines")" = "$1" ] || { head "$work/lines"; return 1; }
}
check filter_by_family lines $count -4 state established
check filter_by_own_port lines $((count / 2)) -4 --sport "$door4" state established
check filter_by_the_peers_port lines $((count / 2)) -6 --dport "$door6" state established
check filter_by_expression lines $((count / 2)) -6 state established sport = ":$door6"
check filter_by_another_state lines 0 state fin-wait-1
# The listener remains.
check exclude lines 1 -4 exclude established sport = ":$door4"

# What was handed over and not read lies with the receiver, what it has no room for with
# the sender, whichever way the bytes go.
queues()
{
	local receiver sender code

	setting $A net.xtcp.shortcut "$1"
	start $A "$xrecv" $port /dev/null
	receiver=$child
	wait_for listens || return
	kill -STOP "$receiver"
	start $A "$xsend" 127.0.0.1 $port "$work/file"
	sender=$child
	wait_for both_queue
	code=$?
	dump state established | grep ":$port"
	kill -CONT "$receiver"
	wait "$sender" && wait "$receiver" && return $code
}
listens() { dump -l | grep -q ":$port "; }
both_queue()
{
	dump state established | awk -v port=":$port\$" '
		$4 ~ port && $2 > 0 { received = 1 }
		$5 ~ port && $3 > 0 { waits = 1 }
		END { exit !(received && waits) }'
}
make_file 8000000
check bytes_that_wait_on_the_wire queues 0
check bytes_that_wait_round_the_wire queues 1

exec {gate}>&-
wait "$holder"
ended()
{
	wait_for sees_no $A ESTAB
}
check they_end ended
check nothing_left all_gone $A
finish
