#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# rig.sh NAME...: in the guest, build the path of each of the cells with that name
# (file "cells") between a client and a server, and measure it with carry, as these
# say, each with a default:
#
#	XTCP_PATH_SEEDS		rounds (1)
#	XTCP_PATH_SIZES		what is fetched in each, as carry's --sizes
#	XTCP_PATH_CC		congestion controls (cubic)
#	XTCP_PATH_SHARE		seconds for which flows share a path (60)
#
#	client c === rc [router] rs === s server
#
# What comes in at rc or rs goes through an ifb of its direction, which delays it, to
# the narrow part on the other side of the router.

set -u

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
seeds=${XTCP_PATH_SEEDS:-1}
sizes=${XTCP_PATH_SIZES:-25*10000,25*100000,5*1000000,1*30000000}
cc=${XTCP_PATH_CC:-cubic}
seconds=${XTCP_PATH_SHARE:-60}
pins=/sys/fs/bpf/tc/globals

die() { echo "rig: $*" >&2; exit 1; }

# Not "ip netns exec": it hides /sys/fs/bpf.
on() { nsenter --net="/run/netns/$1" "${@:2}"; }

# calculate EXPRESSION
calculate() { awk "BEGIN { printf \"%.0f\", $1 }"; }

# host NAMESPACE DEVICE ADDRESS NEIGHBOUR MAC: one end of a link.
host()
{
	ip -n "$1" addr add "$3/24" dev "$2" &&
	ip -n "$1" neigh add "$4" lladdr "$5" dev "$2" nud permanent &&
	ip -n "$1" link set "$2" up &&
	on "$1" ethtool -K "$2" tso off gso off gro off tx-sctp-segmentation off > /dev/null
}

build_hosts()
{
	local ns

	for ns in client router server; do
		ip netns add $ns && ip -n $ns link set lo up || return
		on $ns sysctl -qw net.ipv6.conf.all.disable_ipv6=1 2> /dev/null
	done
	ip -n client link add c address 02:00:00:00:00:01 type veth \
		peer name rc netns router address 02:00:00:00:00:02 &&
	ip -n server link add s address 02:00:00:00:00:03 type veth \
		peer name rs netns router address 02:00:00:00:00:04 &&
	host client c 10.0.1.1 10.0.1.2 02:00:00:00:00:02 &&
	host router rc 10.0.1.2 10.0.1.1 02:00:00:00:00:01 &&
	host server s 10.0.2.1 10.0.2.2 02:00:00:00:00:04 &&
	host router rs 10.0.2.2 10.0.2.1 02:00:00:00:00:03 &&
	ip -n client route add default via 10.0.1.2 &&
	ip -n server route add default via 10.0.2.2 &&
	on router sysctl -qw net.ipv4.ip_forward=1 || return
	[ "$aqm" != ecn ] || for ns in client server; do
		on $ns sysctl -qw net.ipv4.tcp_ecn=1
	done
}

# direction IN IFB OUT RATE: what comes in at IN is lost or delayed, and waits for
# its turn at OUT.
direction()
{
	local band delay limit netem tc=(on router tc)

	ip -n router link add "$2" type ifb &&
	ip -n router link set "$2" txqueuelen 1000 up &&
	"${tc[@]}" qdisc add dev "$1" clsact &&
	"${tc[@]}" filter add dev "$1" ingress pref 1 bpf object-file "$here/fate.elf" \
		section classifier action mirred egress redirect dev "$2" &&
	"${tc[@]}" filter add dev "$1" ingress pref 2 matchall action drop &&
	"${tc[@]}" qdisc add dev "$2" root handle 1: prio bands 2 \
		priomap 0 1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 || return
	for band in 1 2; do
		delay=$(calculate "1000 * ($rtt / 2 + ($band - 1) * $by)")
		netem=(delay "${delay}us" limit 1000000)
		[ "$dup" = 0 ] || netem+=(duplicate "$dup%")
		[ "$jitter" = 0 ] || netem+=(slot 0ms "$(calculate "2000 * $jitter")us")
		"${tc[@]}" qdisc add dev "$2" parent 1:$band netem "${netem[@]}" || return
	done
	# Ten packets at least.
	limit=$(calculate "$4 * $rtt * 125 * $queue")
	[ "$limit" -ge 15140 ] || limit=15140
	"${tc[@]}" qdisc add dev "$3" root handle 1: tbf rate "$4Mbit" burst 3028 limit "$limit" ||
		return
	case $aqm in
	fifo)	;;
	codel)	"${tc[@]}" qdisc add dev "$3" parent 1: codel limit $((limit / 1514)) noecn ;;
	ecn)	"${tc[@]}" qdisc add dev "$3" parent 1: codel limit $((limit / 1514)) ecn ;;
	esac
}

# Whoever still waits for the last acknowledgment would hold its namespace.
settled()
{
	local ns

	[ -z "$(for ns in client server; do
		on $ns ss -Htan exclude time-wait
		on $ns "$here/../../tools/xtcp-ss/xtcp-ss" -Ha exclude time-wait
	done)" ]
}

take_down()
{
	local ns tries=600

	until settled || [ $((tries -= 1)) -eq 0 ]; do
		sleep 0.1
	done
	for ns in client router server; do
		ip netns del $ns
	done
	rm -f "$pins"/xtcp_{fate,flows}
}

# cell NAME: measure it; after "begin NAME" its lines begin with "cell NAME".
cell()
{
	local group name rtt down up loss burst late by dup jitter queue aqm what=() code

	# shellcheck disable=SC2162 # no backslashes
	read group name rtt down up loss burst late by dup jitter queue aqm < \
		<(awk -v name="$1" '$2 == name' "$here/cells")
	[ -n "${aqm:-}" ] || die "no cell $1"
	echo "begin $1"
	build_hosts && direction rs to-c rc "$down" && direction rc to-s rs "$up" ||
		die "cannot build the path of $1"
	case $group in
	pair)	what=(--share "1:1:$seconds" --cc cubic) ;;
	ten)	what=(--share "10:0:$seconds" --cc cubic) ;;
	*)	what=(--sizes "$sizes" --cc "$cc") ;;
	esac
	"$here/carry" "${what[@]}" --seeds "1:$seeds" --fate $pins/xtcp_fate \
		--loss "$(calculate "1e4 * $loss")" --burst "$burst" \
		--late "$(calculate "1e4 * $late")" \
		/run/netns/server /run/netns/client 10.0.2.1 | sed -u "s/^/cell $1 /"
	code=${PIPESTATUS[0]}
	take_down
	return "$code"
}

code=0
for name; do
	cell "$name" || code=1
done
exit $code
