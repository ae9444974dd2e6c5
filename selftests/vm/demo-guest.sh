#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The demonstration, run as root in a virtual machine: two hosts (network
# namespaces joined by a veth pair) copy a real file over socket(AF_XTCP), and
# between the steps xtcp-ss shows the states that the connection goes through,
# over IPv4 and over IPv6. Nothing is left to luck: packets are dropped, or the
# programs wait, for as long as a state is looked at.
#
# Usage: demo-guest.sh [MODULE.ko]
#   MODULE.ko  is loaded first, unless the module is there already
#   XTCP_FILE  file to copy, at least 20 MB; default: the C compiler
#
# Exit status: 0 if the copies are equal and every state was seen.

set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
ss=$top/tools/xtcp-ss/xtcp-ss
send=$top/tools/examples/xtcp-send
recv=$top/tools/examples/xtcp-recv
port=4711
patience=120	# seconds to wait for a state: bounds a failure, judges nothing
work=$(mktemp -d /tmp/xtcp-demo.XXXXXX) || exit 1
client_host=demo-client server_host=demo-server

say() { printf '\n=== %s\n' "$*"; }

die()
{
	printf 'demo: %s\n' "$*" >&2
	show
	exit 1
}

on() { ip netns exec "$1" "${@:2}"; }

show()
{
	local host

	for host in "$client_host" "$server_host"; do
		printf '%s\n' "--- xtcp-ss -an on $host"
		"$ss" -N "$host" -an
	done
}

clean_up()
{
	trap - EXIT
	[ -z "${client:-}" ] || kill "$client" 2> /dev/null
	[ -z "${server:-}" ] || kill "$server" 2> /dev/null
	ip netns del "$client_host" 2> /dev/null
	ip netns del "$server_host" 2> /dev/null
	rm -rf "$work"
}

# States that a host's sockets are in, one a line.
states() { "$ss" -N "$1" -anH | awk '{ print $1 }'; }

sees() { states "$1" | grep -qx -- "$2"; }
sees_nothing() { [ -z "$(states "$1")" ]; }

# wait_until DEADLINE-TEXT COMMAND...: looks ever more rarely, for in virtual time
# sleeping costs nothing and looking does.
wait_until()
{
	local what=$1 end=$((SECONDS + patience)) pause=1

	shift
	until "$@"; do
		[ $SECONDS -lt $end ] || die "never seen: $what"
		sleep $((pause / 10)).$((pause % 10))
		[ $pause -ge 30 ] || pause=$((pause + 1))
	done
}

wait_state() { wait_until "$2 on $1" sees "$1" "$2"; }

make_hosts()
{
	local host

	ip netns add "$client_host" && ip netns add "$server_host" || return
	ip link add eth0 netns "$client_host" address 02:00:00:00:00:01 type veth \
		peer name eth0 netns "$server_host" address 02:00:00:00:00:02 || return
	for host in "$client_host" "$server_host"; do
		ip -n "$host" link set lo up && ip -n "$host" link set eth0 up || return
	done
	ip -n "$client_host" addr add 192.0.2.1/24 dev eth0 &&
	ip -n "$server_host" addr add 192.0.2.2/24 dev eth0 &&
	ip -n "$client_host" addr add 2001:db8::1/64 dev eth0 nodad &&
	ip -n "$server_host" addr add 2001:db8::2/64 dev eth0 nodad || return
	# So that a link that drops everything still knows its neighbour.
	for host in 192.0.2.2 2001:db8::2; do
		ip -n "$client_host" neigh replace "$host" lladdr 02:00:00:00:00:02 \
			dev eth0 nud permanent || return
	done
	for host in 192.0.2.1 2001:db8::1; do
		ip -n "$server_host" neigh replace "$host" lladdr 02:00:00:00:00:01 \
			dev eth0 nud permanent || return
	done
}

# Everything that a host sends is lost, until it is mended.
cut() { tc -n "$1" qdisc add dev eth0 root netem loss 100% || die "tc: no netem"; }
mend() { tc -n "$1" qdisc del dev eth0 root || die "tc"; }

copy()
{
	local address=$1 in_hold out_hold

	say "$address: a server listens"
	rm -f "$work"/{source,hold,copy}
	mkfifo "$work/source" "$work/hold" || die "mkfifo"
	exec {in_hold}<> "$work/source" {out_hold}<> "$work/hold"
	ip netns exec "$server_host" "$recv" -w $port "$work/copy" < "$work/hold" \
		{in_hold}>&- {out_hold}>&- &
	server=$!
	wait_state "$server_host" LISTEN
	show

	say "$address: the client's link is cut: its SYN is lost"
	cut "$client_host"
	ip netns exec "$client_host" "$send" "$address" $port < "$work/source" \
		{in_hold}>&- {out_hold}>&- &
	client=$!
	wait_state "$client_host" SYN-SENT
	show

	say "$address: now the server's answers are lost: the connection is half open"
	mend "$client_host"
	cut "$server_host"
	wait_state "$server_host" SYN-RECV
	show

	say "$address: the link is mended: the next SYN completes the handshake"
	mend "$server_host"
	wait_state "$client_host" ESTAB
	wait_state "$server_host" ESTAB
	show

	say "$address: the file is copied; the client has closed, the server not yet"
	cat "$file" > "$work/source" || die "$file"
	exec {in_hold}>&-
	wait_state "$client_host" FIN-WAIT-2
	wait_state "$server_host" CLOSE-WAIT
	show

	say "$address: the server answers and closes"
	exec {out_hold}>&-
	wait "$server" || die "the server failed"
	server=
	wait "$client" || die "the client failed"
	client=
	wait_state "$client_host" TIME-WAIT
	show
	(cd "$work" && sha256sum < copy > copy.sum && cat copy.sum)
	cmp -s "$work/file.sum" "$work/copy.sum" || die "the copy differs from $file"

	say "$address: after 2 MSL nothing is left"
	wait_until "empty tables" sees_nothing "$client_host"
	wait_until "empty tables" sees_nothing "$server_host"
	show
}

trap clean_up EXIT
trap 'exit 1' INT TERM

if ! [ -d /sys/module/xtcp ]; then
	[ $# -gt 0 ] || die "the module is not loaded: name its file"
	say "insmod $1"
	insmod "$1" || die "insmod failed"
fi
file=${XTCP_FILE:-$(gcc -print-prog-name=cc1)}
size=$(stat -Lc %s "$file") || die "no file to copy"
[ "$size" -ge 20000000 ] || die "$file has only $size bytes"
make_hosts || die "cannot make two hosts"

say "$file: $size bytes"
sha256sum < "$file" | tee "$work/file.sum"
copy 192.0.2.2
copy 2001:db8::2
say "equal copies, every state seen"
