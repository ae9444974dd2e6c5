#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# rows.sh [OPTION OF BENCH]...: every row of the table, in a guest: a line for each
# round, which begins with the place (lo: one host, veth: two), the family, and goes
# on as bench.c says. The first line is the kernel's release.
#
#	XTCP_BENCH_ROWS		only rows that this extended regular expression finds,
#				as "veth ipv4 stream 65536 1"
#	XTCP_BENCH_SHARE	so many units, in per cent, as usual (100)
#	XTCP_BENCH_WAYS		only these transports, where they can be: "xtcp tcp"

# shellcheck source=selftests/net/lib.sh disable=SC2154
. "$(dirname "$0")/../net/lib.sh"
bench=$(cd "$(dirname "$0")" && pwd)/bench
share=${XTCP_BENCH_SHARE:-100}

# KIND SIZE CONNECTIONS UNITS. Units so that a round takes some ten million
# instructions over TCP.
loads="
stream 65536 1 8388608
stream 65536 16 8388608
stream 65536 256 16777216
stream 1448 1 1048576
stream 64 1 65536
trip 1 1 400
trip 1 16 800
trip 1 256 2048
trip 1024 1 400
trip 65536 1 100
connect 1 1 100
"

two_hosts
# Ports of connections that TCP and SCTP closed a moment ago stay taken.
on $A sysctl -qw net.ipv4.ip_local_port_range="1024 65535"
ways=" ${XTCP_BENCH_WAYS:-xtcp tcp sctp unix} "
[[ $ways != *" sctp "* ]] || modprobe -q sctp

# row PLACE FAMILY LOAD... -- OPTION...
row()
{
	local where=$1 family=$2 host to way transports=() there=(xtcp tcp)

	shift 2
	[[ "$where $family $1 $2 $3" =~ ${XTCP_BENCH_ROWS:-.} ]] || return 0
	[ ! -d /proc/sys/net/sctp ] || there+=(sctp)
	case $where.$family in
	lo.ipv4)	host=127.0.0.1 to=$A there+=(unix) ;;
	lo.ipv6)	host=::1 to=$A there+=(unix) ;;
	veth.ipv4)	host=$B4 to=$B ;;
	veth.ipv6)	host=$B6 to=$B ;;
	esac
	for way in "${there[@]}"; do
		[[ $ways != *" $way "* ]] || transports+=("$way")
	done
	on $A "$bench" --host $host --server-netns "/run/netns/$to" "${@:5}" \
		"$1" "$2" "$3" $(($4 * share / 100)) "${transports[@]}" > "$work/row" ||
		bail "$where $family $1 $2 $3"
	sed "s/^/$where $family /" "$work/row"
}

uname -r
for family in ipv4 ipv6; do
	for where in veth lo; do
		while read -r kind size conns units; do
			[ -z "$kind" ] || row $where $family "$kind" "$size" "$conns" "$units" "$@"
		done <<< "$loads"
	done
done
