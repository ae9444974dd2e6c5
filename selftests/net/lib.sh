# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2016
#
# What the scripts share: TAP, two hosts joined by a cable, waiting, looking.
# A script sources this, calls "check NAME COMMAND..." for each of its claims
# and ends with "finish".

set -u
exec {tap}>&1	# also where a check's own output is put aside
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tools=$(cd "$here/../../tools" && pwd)
ss=$tools/xtcp-ss/xtcp-ss
xsend=$tools/examples/xtcp-send
xrecv=$tools/examples/xtcp-recv
port=4711
families=${XTCP_FAMILY:-4 6}	# of what goes the same ways over both
patience=${XTCP_PATIENCE:-150}	# seconds: bounds a failure, judges nothing
A4=192.0.2.1 B4=192.0.2.2 A6=2001:db8::1 B6=2001:db8::2

checks=0 failures=0 skips=0
work=$(mktemp -d /tmp/xtcp-test.XXXXXX) || exit 1
hosts=()
children=()

clean_up()
{
	local h

	trap - EXIT
	[ ${#children[@]} -eq 0 ] || kill "${children[@]}" 2> /dev/null
	wait
	for h in "${hosts[@]}"; do
		ip netns del "$h" 2> /dev/null
	done
	rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 1' INT TERM

# check NAME COMMAND...: one line of TAP; what the command prints is shown if it fails. A
# command that could prove nothing says why in $unproven.
check()
{
	local name=$1 unproven=

	shift
	checks=$((checks + 1))
	if "$@" > "$work/check.out" 2>&1; then
		echo "ok $checks $name${unproven:+ # SKIP $unproven}"
		[ -z "$unproven" ] || skips=$((skips + 1))
	else
		echo "not ok $checks $name"
		sed 's/^/# /' "$work/check.out"
		failures=$((failures + 1))
	fi
}

finish()
{
	echo "1..$checks"
	echo "# Totals: pass:$((checks - failures - skips)) fail:$failures xfail:0 xpass:0 skip:$skips error:0"
	[ $failures -eq 0 ]
	exit
}

# bail WHY: also in the middle of a check, whose output may say more
bail()
{
	echo "Bail out! $*" >&"$tap"
	[ ! -s "$work/check.out" ] || sed 's/^/# /' "$work/check.out" >&"$tap"
	exit 1
}

# skip REASON: before the first check
skip()
{
	echo "1..0 # SKIP $*"
	exit 4
}

# on HOST COMMAND...: "ip netns exec" would also mount a /sys, which costs as much again
on() { nsenter --net="/run/netns/$1" "${@:2}"; }

# add_host NAME: a network namespace with lo up; XTCP_SHORTCUT in the environment sets
# net.xtcp.shortcut there
add_host()
{
	ip netns add "$1" || bail "no network namespaces"
	hosts+=("$1")
	ip -n "$1" link set lo up
	[ -z "${XTCP_SHORTCUT:-}" ] || setting "$1" net.xtcp.shortcut "$XTCP_SHORTCUT"
}

# cable A B MAC: joins two hosts by eth0
cable()
{
	ip link add eth0 netns "$1" address 02:00:00:00:00:01 type veth \
		peer name eth0 netns "$2" address 02:00:00:00:00:02 || bail "no veth"
	ip -n "$1" link set eth0 up
	ip -n "$2" link set eth0 up
	ip -n "$1" addr add $A4/24 dev eth0
	ip -n "$2" addr add $B4/24 dev eth0
	ip -n "$1" addr add $A6/64 dev eth0 nodad
	ip -n "$2" addr add $B6/64 dev eth0 nodad
	# So that a cable that loses packets never loses the neighbour.
	ip -n "$1" neigh replace $B4 lladdr 02:00:00:00:00:02 dev eth0 nud permanent
	ip -n "$1" neigh replace $B6 lladdr 02:00:00:00:00:02 dev eth0 nud permanent
	ip -n "$2" neigh replace $A4 lladdr 02:00:00:00:00:01 dev eth0 nud permanent
	ip -n "$2" neigh replace $A6 lladdr 02:00:00:00:00:01 dev eth0 nud permanent
}

# two_hosts: $A (client) and $B (server)
two_hosts()
{
	[ -d /sys/module/xtcp ] || bail "the module is not loaded"
	A=a-$$ B=b-$$
	add_host $A
	add_host $B
	cable $A $B
}

netem() { tc -n "$1" qdisc replace dev eth0 root netem "${@:2}" || bail "no netem"; }
no_netem() { tc -n "$1" qdisc del dev eth0 root; }

# wait_for COMMAND...: false if it never succeeds; looks again after $step milliseconds,
# and the longer it has waited, the more rarely: where time is virtual, looking is dear
# and sleeping is not.
step=100
wait_for()
{
	local begin=${EPOCHREALTIME/[.,]/} waited pause

	until "$@"; do
		waited=$(((${EPOCHREALTIME/[.,]/} - begin) / 1000))
		if [ $waited -ge $((patience * 1000)) ]; then
			echo "waited in vain for: $*"
			return 1
		fi
		pause=$((waited / 3 > step ? waited / 3 : step))
		sleep "$(printf %d.%03d $((pause / 1000)) $((pause % 1000)))"
	done
}

# sees HOST STATE ...: which states the sockets of a host are in
sockets() { "$ss" -N "$1" -anH; }
states() { sockets "$1" | awk '{ print $1 }'; }
sees() { [[ $'\n'$(sockets "$1") = *$'\n'"$2 "* ]]; }
sees_no() { local all; all=$(sockets "$1") && [[ $'\n'$all != *$'\n'"$2 "* ]]; }
sees_nothing() { local all; all=$(sockets "$1") && [ -z "$all" ]; }
count_of() { sockets "$1" | grep -c "^$2 "; }

# The value of a counter of /proc/net/xtcp/snmp.
counter() { on "$1" awk -v name="$2" '$1 == name { print $2; found = 1 } END { exit !found }' \
	/proc/net/xtcp/snmp; }
counter_is() { [ "$(counter "$1" "$2")" = "$3" ]; }
counter_above() { [ "$(counter "$1" "$2")" -gt "$3" ]; }

# TCP segments that a host has sent; the two hosts have sent none
tcp_segments() { on "$1" awk '/^Tcp: [0-9]/ { print $12 }' /proc/net/snmp; }
no_tcp() { [ "$(tcp_segments $A)" = 0 ] && [ "$(tcp_segments $B)" = 0 ]; }

setting() { on "$1" sysctl -qw "$2=$3"; }

# start HOST COMMAND...: in the background; its number in $child. Without the
# redirection a shell would give it an empty standard input.
start()
{
	nsenter --net="/run/netns/$1" "${@:2}" <&0 &
	child=$!
	children+=("$child")
}

# make_file BYTES: random bytes in $work/file
make_file() { head -c "$1" /dev/urandom > "$work/file"; }

# copy FROM TO ADDRESS: $work/file travels and is the same
copy()
{
	local server

	rm -f "$work/copy"
	start "$2" "$xrecv" $port "$work/copy"
	server=$child
	wait_for sees "$2" LISTEN &&
		on "$1" timeout $((patience * 4)) "$xsend" "$3" $port "$work/file" &&
		wait "$server" && cmp "$work/file" "$work/copy"
}

# all_gone HOST: nothing is left but what has to wait
all_gone()
{
	# Up to a minute: looking often is dear, and tells nothing.
	local step=1000

	wait_for sees_nothing "$1"
}

# module_file: $insmod is the module's file and $insmod_args how it was loaded, as
# the runners of selftests/vm say
module_file()
{
	local settings=${XTCP_RESULTS:-}/settings

	insmod='' insmod_args=''
	# shellcheck disable=SC1090
	[ ! -f "$settings" ] || . "$settings"
	[ -f "$insmod" ] || skip "the module's file is not known"
}

# KASAN on User Mode Linux does not forget the variables of a module that has gone, and
# objects to the next one in its place; but for a module without its instrumentation.
loads_again() { [ -z "${XTCP_UML:-}" ] || ! grep -q __asan_ "$insmod"; }

# load PARAMETER...
load() { insmod "$insmod" "$@"; }
# Who uses the module; a socket does until RCU has freed it.
users() { cat /sys/module/xtcp/refcnt; }
nobody() { [ "$(users)" = 0 ]; }
gone() { rmmod xtcp && [ ! -e /sys/module/xtcp ]; }
